// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// One word of a Corefile.
struct Token: Sendable, Equatable {
    /// What the word may do in the grammar; a quoted word and one from the environment are only
    /// ever text.
    enum Role: Sendable {
        case text
        case openBrace
        case closeBrace
        case importKeyword
    }

    var text: String
    let location: SourceLocation
    let role: Role
    /// No word stands before it on its line.
    let startsLine: Bool

    init(text: String, location: SourceLocation, isQuoted: Bool, startsLine: Bool) {
        self.text = text
        self.location = location
        self.startsLine = startsLine
        role =
            switch (isQuoted, text) {
            case (false, "{"): .openBrace
            case (false, "}"): .closeBrace
            case (false, "import"): .importKeyword
            default: .text
            }
    }

    /// The duration that this word says, as Go writes it.
    func milliseconds(_ bounds: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let nanoseconds = GoDuration.nanoseconds(text) else {
            throw error("'\(text)' is not a duration, expected as in 5s or 1m30s")
        }
        let milliseconds = Int(nanoseconds / 1_000_000)
        guard bounds ~= milliseconds else {
            throw error(
                "'\(text)' is out of bounds, expected \(GoDuration.text(bounds.lowerBound)) to "
                    + GoDuration.text(bounds.upperBound))
        }
        return milliseconds
    }

    /// An error at this word.
    func error(_ message: String) -> ConfigurationError {
        ConfigurationError(location, message)
    }
}
