// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why we do not know who we are at an API server; its description is one line for the operator.
///
/// It says file, line, column, path and what was expected. What was found may be a secret, and is
/// never said.
package struct AccessError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// Of a whole file, or of what is no file.
    init(file: String, problem: String) {
        description = "\(shown(file)): \(problem)"
    }

    init(file: String, place: TextPlace, problem: String) {
        let path = place.path.isEmpty ? "" : "\(place.path): "
        description = "\(shown(file)):\(place.line):\(place.column): \(path)\(problem)"
    }

    init(file: String, fault: CatalogFault) {
        let place = TextPlace(line: fault.line, column: fault.column, path: fault.path)
        self.init(file: file, place: place, problem: fault.problem)
    }
}

/// Where a value stands in a document.
struct TextPlace: Sendable, Equatable {
    let line: Int
    let column: Int
    /// As `users[0].user.exec`.
    let path: String

    func fault(_ problem: String) -> CatalogFault {
        CatalogFault(line: line, column: column, problem: problem).within(field: path)
    }
}

/// A text and where it stands.
struct PlacedText: Sendable, Equatable {
    let text: String
    let place: TextPlace
}

/// A path or a name as a message of one line shows it: what would steer a terminal is escaped.
func shown(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { text, scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
}
