// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Times as Kubernetes writes them, as `2026-01-31T23:59:59.5+01:00`.
package enum RFC3339 {
    /// Longer texts are no times.
    private static let maximumLength = 64

    /// Seconds since the beginning of 1970 in UTC; nil where the text is no time of RFC 3339.
    package static func seconds(_ text: some Collection<UInt8>) -> Double? {
        guard text.count <= maximumLength else { return nil }
        var rest = Array(text)[...]
        guard
            let year = digits(4, &rest), skip("-", &rest), let month = digits(2, &rest),
            skip("-", &rest), let day = digits(2, &rest), skip("T", &rest) || skip("t", &rest),
            let hour = digits(2, &rest), skip(":", &rest), let minute = digits(2, &rest),
            skip(":", &rest), let second = digits(2, &rest), let fraction = fraction(&rest),
            let offset = offset(&rest), rest.isEmpty,
            1...12 ~= month, 1...length(ofMonth: month, in: year) ~= day,
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset
        // Seconds are put in at the end of a day in UTC and nowhere else.
        guard second < 60 || (minutes + 1) % 1440 == 0 else { return nil }
        return Double(minutes * 60 + second) + fraction
    }

    private static func skip(_ sign: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest.removeFirst()
        return true
    }

    private static func digit(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let octet = rest.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet else {
            return nil
        }
        rest.removeFirst()
        return Int(octet - UInt8(ascii: "0"))
    }

    private static func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit(&rest) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// What follows a point; 0 without one.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double? {
        guard skip(".", &rest) else { return 0 }
        guard let first = digit(&rest) else { return nil }
        var (value, scale) = (Double(first) / 10, 0.01)
        while let digit = digit(&rest) {
            value += Double(digit) * scale
            scale /= 10
        }
        return value
    }

    /// Minutes that the clock is ahead of UTC.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if skip("Z", &rest) || skip("z", &rest) { return 0 }
        let isAhead = skip("+", &rest)
        guard
            isAhead || skip("-", &rest), let hours = digits(2, &rest), skip(":", &rest),
            let minutes = digits(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isAhead ? 1 : -1)
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Days since the beginning of 1970 in the Gregorian calendar; a year is counted from March, so
    /// that the day put in is its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month > 2 ? year : year - 1
        let months = (month + 9) % 12
        // Years before 0 are moved by a whole period of 400 years.
        let shifted = years + 400
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        let sinceMarch0 = shifted * 365 + leapDays + (months * 153 + 2) / 5 + day - 1
        return sinceMarch0 - 146_097 - 719_468
    }
}
