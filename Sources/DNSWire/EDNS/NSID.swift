// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The option by which a server says which of its kind it is (RFC 5001).
package struct NSID: Hashable, Sendable {
    /// Octets of any value, of the operator's choice; empty in a query.
    package var identifier: [UInt8]

    package init(identifier: [UInt8]) {
        self.identifier = identifier
    }

    /// Nil if the option is another one.
    package init?(_ option: EDNSOption) {
        guard option.code == .nsid else { return nil }
        identifier = option.data
    }

    package var option: EDNSOption { EDNSOption(code: .nsid, data: identifier) }
}

extension NSID: CustomStringConvertible {
    package var description: String {
        "NSID \(PresentationEscape.quotedText(identifier))"
    }
}
