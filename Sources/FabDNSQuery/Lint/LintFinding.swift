// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Something in a catalog that its writer should know.
struct LintFinding: Sendable, Equatable {
    enum Severity: String, Sendable { case error, warning, info }

    /// Each code means one thing and keeps it.
    enum Code: String, Sendable, CaseIterable {
        case unreadable = "FD0101"
        case unknownField = "FD0102"
        case clusterCalledSVC = "FD0103"
        case noCluster = "FD0104"
        case noTopology = "FD0105"
        case nothingReady = "FD0106"
        case repeatedAddress = "FD0107"
        case sharedAddress = "FD0108"
        case largeAnswer = "FD0109"
        case hostWithoutEffect = "FD0110"
        case sharedHost = "FD0111"
        case zoneInRegions = "FD0112"
        case repeatedPort = "FD0113"
        case dottedCluster = "FD0114"

        var severity: Severity {
            switch self {
            case .unreadable, .clusterCalledSVC: .error
            case .unknownField, .noCluster, .noTopology, .nothingReady, .repeatedAddress,
                .sharedAddress, .sharedHost, .repeatedPort:
                .warning
            case .largeAnswer, .hostWithoutEffect, .zoneInRegions, .dottedCluster: .info
            }
        }
    }

    let code: Code
    /// Nil for the file as a whole.
    let line: Int?
    let message: String

    /// As compilers write, `FILE:LINE: warning FD0105: ...`.
    func text(_ file: String, _ style: Style) -> String {
        let place = line.map { "\(file):\($0)" } ?? file
        let severity = code.severity.rawValue
        let shown = code.severity == .error ? style.bad(severity) : style.bold(severity)
        return "\(place): \(shown) \(code.rawValue): \(message)\n"
    }
}
