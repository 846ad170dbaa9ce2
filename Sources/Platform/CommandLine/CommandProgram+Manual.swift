// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The manual's page, written from the tables in mdoc(7).
extension CommandProgram {
    var manualPage: String {
        let table = main.table
        let firstSentence = table.summary.prefix { $0 != "." && $0 != ";" && $0 != "\n" }
        let brief = firstSentence.prefix(1).lowercased() + firstSentence.dropFirst()
        var lines = [
            ".Dd \(date)", ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)",
            ".Nd \(brief)", ".Sh SYNOPSIS",
        ]
        for table in [table] + commandTables { lines += synopsis(of: table) }
        lines += [".Sh DESCRIPTION"] + Self.text(table.summary)
        if !table.details.isEmpty { lines += [".Pp"] + Self.text(table.details) }
        lines += [".Pp", "The options are as follows:"] + Self.options(of: table)
        lines += [".Sh COMMANDS"]
        for (number, table) in commandTables.enumerated() {
            if number > 0 { lines.append(".Pp") }
            lines += [".Ic \(table.word)"] + [".Pp"]
            lines += Self.text([table.summary, table.details].joined(separator: "\n"))
            if !table.options.isEmpty { lines += Self.options(of: table, isHelpKnown: true) }
        }
        lines += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
        for (code, meaning) in exitCodes { lines += [".It \(code)"] + Self.text(meaning) }
        lines += [".El"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func synopsis(of table: CommandTable) -> [String] {
        var lines = [".Nm"]
        if table.name != name { lines.append(".Cm \(table.word)") }
        if !table.options.isEmpty { lines.append(".Op Ar option ...") }
        for operand in table.operands {
            let word = Self.escaped(operand.value.name)
            switch operand.count {
            case .one: lines.append(".Ar \(word)")
            case .optional: lines.append(".Op Ar \(word)")
            case .many: lines.append(".Op Ar \(word) ...")
            }
        }
        return lines
    }

    private static func options(of table: CommandTable, isHelpKnown: Bool = false) -> [String] {
        let options = isHelpKnown ? table.options : table.allOptions
        let items = options.flatMap { option in
            let names = option.names.map { "Fl \(table.dashed($0).dropFirst())" }
                .joined(separator: " , ")
            return [".It \(names)\(option.value.map { " Ar \(escaped($0.name))" } ?? "")"]
                + text(option.help.prefix(1).uppercased() + option.help.dropFirst() + ".")
                + offers(option.value)
        }
        return [".Bl -tag -width Ds"] + items + [".El"]
    }

    private static func offers(_ value: CommandTable.Value?) -> [String] {
        guard let offers = value?.offers, !offers.isEmpty else { return [] }
        return text("One of: \(offers.joined(separator: ", ")).")
    }

    private static let maximumColumns = 78

    /// Text in lines that are short, each sentence on a new one.
    private static func text(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace).map(escaped) {
            if !line.isEmpty, line.count + 1 + word.count > maximumColumns {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " " + word
            if [".", "?", "!"].contains(word.last) {
                lines.append(line)
                line = ""
            }
        }
        return (line.isEmpty ? lines : lines + [line]).map { line in
            line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
        }
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { $0 += $1 == "\\" ? "\\e" : String($1) }
    }
}
