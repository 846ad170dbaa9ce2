// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What shells complete with, written from the tables: nothing of ours runs at a completion.
extension CommandProgram {
    private var identifier: String {
        String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    // MARK: bash

    /// Bash splits words at `=`, so an option's value may stand two words behind the option.
    var bashCompletion: String {
        let cases = commandTables.map { Self.bashCase(of: $0, pattern: $0.word, first: []) }
        let first = commandTables.map(\.word)
        return """
            # Completion of \(name) in bash; made by `\(name) completion bash`.
            _\(identifier)() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
                local command='' options='' values='' files=''
                if [[ $word == = ]]; then
                    word=
                elif [[ $before == = ]] && ((COMP_CWORD > 1)); then
                    before=${COMP_WORDS[COMP_CWORD-2]}
                fi
                ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
                case $command in
            \(cases.joined())\(Self.bashCase(of: main.table, pattern: "*", first: first))\
                esac
                [[ $word == -* ]] || options=
                [[ $word == --* ]] && options=${options// -/ --} options=${options// ---/ --}
                mapfile -t COMPREPLY < <(compgen -W "$options $values" -- "$word")
                if [[ -n $files ]]; then
                    compopt -o filenames 2> /dev/null
                    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
                fi
            }
            complete -F _\(identifier) \(name)

            """
    }

    private static func bashCase(of table: CommandTable, pattern: String, first: [String]) -> String
    {
        let options = table.allOptions.flatMap(\.names).map { " " + table.dashed($0) }.joined()
        let offers = table.operands.flatMap(\.value.offers).joined(separator: " ")
        let files = table.operands.contains { $0.value.shape == .file } ? "yes" : ""
        let values = table.options.compactMap { option -> String? in
            guard let value = option.value else { return nil }
            let names = option.names.flatMap { ["-\($0)", "--\($0)"] }.joined(separator: " | ")
            let files = value.shape == .file ? "yes" : ""
            let offers = value.offers.joined(separator: " ")
            return "        \(names)) options='' values='\(offers)' files='\(files)' ;;\n"
        }
        let commands =
            first.isEmpty
            ? ""
            : "        ((COMP_CWORD == 1)) && values+=' \(first.joined(separator: " "))'\n"
        let choice =
            values.isEmpty ? "" : "        case $before in\n\(values.joined())        esac\n"
        return """
                \(pattern))
                    options='\(options)' values='\(offers)' files='\(files)'
            \(commands)\(choice)        ;;

            """
    }

    // MARK: zsh

    var zshCompletion: String {
        let cases = commandTables.map { table in
            """
                    (\(table.word))
                        shift words
                        ((CURRENT--))
            \(Self.zshArguments(of: table, first: nil))\
                        return ;;

            """
        }
        let descriptions = commandTables.map { table in
            "        \(Self.quoted("\(table.word):\(Self.escaped(table.summary))"))\n"
        }
        return """
            #compdef \(name)
            # Completion of \(name) in zsh; made by `\(name) completion zsh`.
            _\(name)() {
                local -a choices
                choices=(
            \(descriptions.joined())    )
                if ((CURRENT > 2)); then
                    case $words[2] in
            \(cases.joined())        esac
                fi
            \(Self.zshArguments(of: main.table, first: " _describe command choices"))\
            }
            if [[ $funcstack[1] == _\(name) ]]; then
                _\(name) "$@"
            else
                compdef _\(name) \(name)
            fi

            """
    }

    private static func zshArguments(of table: CommandTable, first: String?) -> String {
        var specifications = table.allOptions.map { option in
            let names = option.names.flatMap { name in
                table.dashes == .one ? ["-\(name)", "--\(name)"] : [table.dashed(name)]
            }
            // A value may follow a longer option behind `=` too.
            let shown = names.map { option.value == nil || $0.count == 2 ? $0 : $0 + "=" }
            let set = names.count == 1 ? shown[0] : "{\(shown.joined(separator: ","))}"
            let exclusion = names.count == 1 ? "" : quoted("(\(names.joined(separator: " ")))")
            let value = option.value.map { ":\(escaped($0.name)):\(zshAction($0))" } ?? ""
            return exclusion + set + quoted("[\(escaped(option.help))]\(value)")
        }
        if let first { specifications.append(quoted("1:command:\(first)")) }
        for (index, operand) in table.operands.enumerated() where first == nil || index > 0 {
            let place = operand.count == .many ? "*" : "\(index + 1)"
            specifications.append(
                quoted("\(place):\(escaped(operand.value.name)):\(zshAction(operand.value))"))
        }
        return "            _arguments \\\n"
            + specifications.map { "                \($0)" }.joined(separator: " \\\n") + "\n"
    }

    private static func zshAction(_ value: CommandTable.Value) -> String {
        switch value.shape {
        // A message instead would keep options from being completed at once.
        case .text: "()"
        case .file: "_files"
        case .choice(let words), .offer(let words): "(\(words.joined(separator: " ")))"
        }
    }

    /// What has a meaning in specifications of `_arguments` loses it.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { text, character in
            if "[]:\\".contains(character) { text.append("\\") }
            text.append(character == "\n" ? " " : character)
        }
    }

    // MARK: fish

    var fishCompletion: String {
        let words = commandTables.map(\.word).joined(separator: " ")
        let none = "not __fish_seen_subcommand_from \(words)"
        var lines = ["complete -c \(name) -f"]
        for table in commandTables {
            lines.append(
                "complete -c \(name) -n __fish_use_subcommand -a \(table.word)"
                    + " -d \(Self.quoted(table.summary))")
        }
        for (table, condition) in [(main.table, none)]
            + commandTables.map({ ($0, "__fish_seen_subcommand_from \($0.word)") })
        {
            let start = "complete -c \(name) -n \(Self.quoted(condition))"
            lines += table.allOptions.map { option in
                let names = option.names.map { Self.fishName($0, table.dashes) }.joined()
                let value = option.value.map { " -r" + Self.fishAction($0) } ?? ""
                return "\(start)\(names)\(value) -d \(Self.quoted(option.help))"
            }
            lines += table.operands.map(\.value).filter { $0.shape != .text }.map { value in
                start + Self.fishAction(value)
            }
        }
        return "# Completion of \(name) in fish; made by `\(name) completion fish`.\n"
            + lines.joined(separator: "\n") + "\n"
    }

    private static func fishName(_ name: String, _ dashes: CommandTable.Dashes) -> String {
        if name.count == 1 { return " -s \(name)" }
        return dashes == .one ? " -o \(name) -l \(name)" : " -l \(name)"
    }

    private static func fishAction(_ value: CommandTable.Value) -> String {
        switch value.shape {
        case .text: " -f"
        case .file: " -F"
        case .choice(let words), .offer(let words):
            " -f -a \(quoted(words.joined(separator: " ")))"
        }
    }

    /// As one word of any of the shells.
    private static func quoted(_ text: String) -> String {
        let inner = text.reduce(into: "") { text, character in
            if character == "'" { text += "'\\''" } else { text.append(character) }
        }
        return "'\(inner)'"
    }
}
