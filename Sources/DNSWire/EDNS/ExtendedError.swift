// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The option by which a server says why it answers as it does (RFC 8914).
package struct ExtendedError: Hashable, Sendable {
    package var code: Code
    /// EXTRA-TEXT, for people: UTF-8 in the option, octets that are not are shown as U+FFFD.
    package var extraText: String

    package init(_ code: Code, extraText: String = "") {
        self.code = code
        self.extraText = extraText
    }

    /// Nil if the option is another one, or shorter than the two octets of the code.
    package init?(_ option: EDNSOption) {
        guard option.code == .extendedError, option.data.count >= 2 else { return nil }
        code = Code(rawValue: UInt16(option.data[0]) << 8 | UInt16(option.data[1]))
        var text = option.data[2...]
        // Some senders end the text in a zero octet, which is not part of it (RFC 8914 §2).
        if text.last == 0 { text.removeLast() }
        extraText = String(decoding: text, as: UTF8.self)
    }

    package var option: EDNSOption {
        let octets = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        return EDNSOption(code: .extendedError, data: octets + extraText.utf8)
    }
}

extension ExtendedError: CustomStringConvertible {
    package var description: String {
        extraText.isEmpty
            ? "EDE \(code)" : "EDE \(code) \(PresentationEscape.quotedText(extraText.utf8))"
    }
}

// MARK: - Codes

extension ExtendedError {
    /// INFO-CODE (RFC 8914 §4), open: every value is legal and survives.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        package static let other = Self(rawValue: 0)
        package static let staleAnswer = Self(rawValue: 3)
        package static let forgedAnswer = Self(rawValue: 4)
        package static let notReady = Self(rawValue: 14)
        package static let blocked = Self(rawValue: 15)
        package static let filtered = Self(rawValue: 17)
        package static let prohibited = Self(rawValue: 18)
        package static let staleNameErrorAnswer = Self(rawValue: 19)
        package static let notAuthoritative = Self(rawValue: 20)
        package static let notSupported = Self(rawValue: 21)
        package static let noReachableAuthority = Self(rawValue: 22)
        package static let networkError = Self(rawValue: 23)
        package static let invalidData = Self(rawValue: 24)
    }
}

extension ExtendedError.Code: CustomStringConvertible {
    /// The number, which is what the registry and other tools sort by.
    package var description: String { String(rawValue) }
}
