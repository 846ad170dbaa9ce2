// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

extension RFC3339 {
    /// A time in UTC with whole seconds; one outside of the years 0 to 9999 is the nearest there.
    package static func text(_ seconds: Double) -> String {
        guard !seconds.isNaN else { return "an unknown time" }
        let bounded = Int(min(max(seconds, -62_167_219_200), 253_402_300_799))
        let days = Int((Double(bounded) / 86_400).rounded(.down))
        let second = bounded - days * 86_400
        let (year, month, day) = date(days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
            + ":\(padded(second % 60, 2))Z"
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }

    /// The date that is so many days after the first of 1970: a year is counted from March, and
    /// 400 of them are a period.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let period = Int((Double(shifted) / 146_097).rounded(.down))
        let inPeriod = shifted - period * 146_097
        let year = (inPeriod - inPeriod / 1460 + inPeriod / 36_524 - inPeriod / 146_096) / 365
        let inYear = inPeriod - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * inYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            year + period * 400 + (month <= 2 ? 1 : 0), month,
            inYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}
