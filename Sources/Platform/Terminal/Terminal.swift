// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// What a program may do to whoever reads its output: colors, symbols, the width of a line.
package struct Terminal: Sendable, Equatable {
    /// What `--color` says.
    package enum ColorChoice: String, Sendable, CaseIterable {
        case auto, always, never
    }

    package var hasColors: Bool
    /// Whether characters beyond ASCII arrive.
    package var hasSymbols: Bool
    /// Nil where nobody reads line by line: a pipe, a file.
    package var columns: Int?

    package init(hasColors: Bool = false, hasSymbols: Bool = false, columns: Int? = nil) {
        self.hasColors = hasColors
        self.hasSymbols = hasSymbols
        self.columns = columns
    }

    /// What `output` and the environment allow.
    package init(_ output: Output, environment: [String: String], colors: ColorChoice) {
        let isTerminal = output.isTerminal
        hasColors = Self.hasColors(colors, isTerminal: isTerminal, environment: environment)
        hasSymbols = Self.isUTF8(environment)
        columns = isTerminal ? output.columns : nil
    }

    /// NO_COLOR stands above CLICOLOR_FORCE and FORCE_COLOR, and the option above all three.
    package static func hasColors(
        _ choice: ColorChoice, isTerminal: Bool, environment: [String: String]
    ) -> Bool {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        func isForced(_ name: String) -> Bool { isSet(name) && environment[name] != "0" }
        switch choice {
        case .always: return true
        case .never: return false
        case .auto where isSet("NO_COLOR"): return false
        case .auto where isForced("CLICOLOR_FORCE") || isForced("FORCE_COLOR"): return true
        case .auto: return isTerminal && isSet("TERM") && environment["TERM"] != "dumb"
        }
    }

    /// Whether the locale's characters are UTF-8: the first of LC_ALL, LC_CTYPE and LANG that says
    /// something decides.
    package static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
            .first { !$0.isEmpty }
        let lower = (locale ?? "").lowercased()
        return lower.contains("utf-8") || lower.contains("utf8")
    }
}

extension Output {
    /// Whether a person may read along.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    fileprivate var columns: Int? {
        var size = winsize()
        // The kernel fills the structure that TIOCGWINSZ is defined with.
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}
