// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// `log [NAMES...] [FORMAT] { class CLASS... }`: a line per query; may be repeated, and the first
/// one whose names take the query decides.
package struct LogDirective: Sendable, Hashable {
    /// What a reply says, for whoever does not want every line.
    package enum Class: String, Sendable, CaseIterable {
        case success
        /// The name is not there, or has nothing of the type.
        case denial
        /// Everything else.
        case error
    }

    /// Domain names in lower case with the final dot.
    package let names: [String]
    package let format: LogFormat
    package let classes: Set<Class>

    init(
        _ statement: Statement, warnings: inout [ConfigurationWarning]
    ) throws(ConfigurationError) {
        var arguments = statement.arguments[...]
        if let last = arguments.last, last.text.contains("{") {
            format = LogFormat(last, warnings: &warnings)
            arguments = arguments.dropLast()
        } else {
            format = .common
        }
        names = arguments.isEmpty ? ["."] : try ZoneName.zones(Array(arguments))
        var classes: Set<Class> = []
        for line in statement.body ?? [] {
            guard line.name.text == "class" else { throw line.unknownProperty(among: ["class"]) }
            try line.requireNoBody()
            guard !line.arguments.isEmpty else {
                throw line.name.error("expected: class success|denial|error|all...")
            }
            for argument in line.arguments { classes.formUnion(try Self.classes(argument)) }
        }
        self.classes = classes.isEmpty ? Set(Class.allCases) : classes
    }

    private static func classes(_ token: Token) throws(ConfigurationError) -> [Class] {
        if token.text == "all" { return Class.allCases }
        guard let found = Class(rawValue: token.text) else {
            throw token.error("'\(token.text)': expected success, denial, error or all")
        }
        return [found]
    }
}

/// What a line of the query log is made of.
package struct LogFormat: Sendable, Hashable {
    /// CoreDNS's placeholders, as they are written.
    package enum Field: String, Sendable, CaseIterable {
        case type = "{type}"
        case name = "{name}"
        case `class` = "{class}"
        case transport = "{proto}"
        case remoteAddress = "{remote}"
        case localAddress = "{local}"
        case requestOctets = "{size}"
        case remotePort = "{port}"
        case duration = "{duration}"
        case code = "{rcode}"
        case replyOctets = "{rsize}"
        case replyFlags = "{>rflags}"
        case payloadSize = "{>bufsize}"
        case dnssecOK = "{>do}"
        case identifier = "{>id}"
        case opcode = "{>opcode}"
    }

    package enum Part: Sendable, Hashable {
        case literal(String)
        case field(Field)
    }

    package let parts: [Part]

    package static let common = LogFormat(Self.commonText)

    private static let commonText =
        "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} "
        + "{>rflags} {rsize} {duration}"

    /// Reads a format; a placeholder that is none of CoreDNS's stays as it is, with a warning.
    init(_ token: Token, warnings: inout [ConfigurationWarning]) {
        self.init(token.text)
        for case .literal(let text) in parts {
            for name in Self.placeholders(text) where !name.hasPrefix("{/") {
                let hint = DirectiveTable.suggestion(
                    for: name, among: Field.allCases.map(\.rawValue))
                warnings.append(
                    ConfigurationWarning(
                        location: token.location,
                        message: "'\(name)' is no placeholder and is logged as it is\(hint)"))
            }
        }
    }

    private init(_ text: String) {
        let text = text.replacing("{common}", with: Self.commonText)
            .replacing("{combined}", with: Self.commonText + " {>opcode}")
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let first = rest.first {
            if first == "{",
                let field = Field.allCases.first(where: { rest.hasPrefix($0.rawValue) })
            {
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.field(field))
                rest = rest.dropFirst(field.rawValue.count)
            } else {
                literal.append(first)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    private static func placeholders(_ text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            found.append(String(rest[open...close]))
            rest = rest[rest.index(after: close)...]
        }
        return found
    }
}
