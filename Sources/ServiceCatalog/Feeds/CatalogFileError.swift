// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Why a catalog file could not be loaded; its description is one line for the operator.
package enum CatalogFileError: Error, Equatable, CustomStringConvertible {
    /// The system's reason, as "No such file or directory".
    case unreadable(path: String, reason: String)
    case tooLarge(path: String)
    /// `place` is the path of the value inside the document, as `items[3].spec.ports[0].port`;
    /// empty for a whole document.
    case invalid(path: String, line: Int, column: Int, place: String, problem: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): \(reason)"
        case .tooLarge(let path):
            "\(path): expected a catalog of at most \(CatalogFile.maximumSize >> 20) MiB"
        case .invalid(let path, let line, let column, let place, let problem):
            "\(path):\(line):\(column): \(place.isEmpty ? problem : "\(place): \(problem)")"
        }
    }
}
