// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
import Transport

/// The rules of `acl` as the packet path reads them, in the order in which they are tried.
///
/// A zone's rules are a range of `rows`, since every zone that an `acl` names is a node of its own.
@safe
final class AccessTable: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything is written in `init` and only read afterwards.

    /// A rule: what it does, and which of `types` and `networks` it asks for; none means all.
    struct Row {
        let action: AccessAction
        let types: Range<Int32>
        let networks: Range<Int32>
    }

    /// An address block; an IPv4 block is one of mapped addresses.
    struct NetworkRow: Sendable {
        let high: UInt64
        let low: UInt64
        let highMask: UInt64
        let lowMask: UInt64

        @inline(__always)
        func contains(_ asker: PeerAddress) -> Bool {
            (asker.high ^ high) & highMask | (asker.low ^ low) & lowMask == 0
        }
    }

    /// A rule before it is packed.
    struct Rule: Sendable {
        let action: AccessAction
        /// QTYPEs; empty for all.
        let types: [UInt16]
        /// Empty for all askers.
        let networks: [NetworkRow]
    }

    private let rows: UnsafeMutableBufferPointer<Row>
    private let types: UnsafeMutableBufferPointer<UInt16>
    private let networks: UnsafeMutableBufferPointer<NetworkRow>

    init(_ rules: [Rule]) {
        unsafe rows = .allocate(capacity: rules.count)
        unsafe types = .allocate(capacity: rules.reduce(0) { $0 + $1.types.count })
        unsafe networks = .allocate(capacity: rules.reduce(0) { $0 + $1.networks.count })
        var typeEnd = 0
        var networkEnd = 0
        for (index, rule) in rules.enumerated() {
            let firstType = typeEnd
            let firstNetwork = networkEnd
            for type in rule.types {
                unsafe types.initializeElement(at: typeEnd, to: type)
                typeEnd += 1
            }
            for network in rule.networks {
                unsafe networks.initializeElement(at: networkEnd, to: network)
                networkEnd += 1
            }
            unsafe rows.initializeElement(
                at: index,
                to: Row(
                    action: rule.action, types: Int32(firstType)..<Int32(typeEnd),
                    networks: Int32(firstNetwork)..<Int32(networkEnd)))
        }
    }

    deinit {
        unsafe rows.deallocate()
        unsafe types.deallocate()
        unsafe networks.deallocate()
    }

    /// What the first rule that matches says; without one, everybody may ask.
    func action(_ rules: Range<Int>, type: UInt16, asker: PeerAddress) -> AccessAction {
        for index in rules {
            let row = unsafe rows[index]
            if matches(row, type), matches(row, asker) { return row.action }
        }
        return .allow
    }

    private func matches(_ row: Row, _ type: UInt16) -> Bool {
        if row.types.isEmpty { return true }
        for index in row.types where unsafe types[Int(index)] == type { return true }
        return false
    }

    private func matches(_ row: Row, _ asker: PeerAddress) -> Bool {
        if row.networks.isEmpty { return true }
        for index in row.networks where unsafe networks[Int(index)].contains(asker) { return true }
        return false
    }
}

/// What becomes of a query that `acl` has judged; the number is that of its counter.
enum AccessAction: Int, Sendable, CaseIterable {
    case allow
    case block
    case filter
    case drop
}

extension AccessTable.Rule {
    /// Nil for a QTYPE without a number.
    init?(_ rule: AccessDirective.Rule, type: (String) -> UInt16?) {
        action =
            switch rule.action {
            case .allow: .allow
            case .block: .block
            case .filter: .filter
            case .drop: .drop
            }
        var types: [UInt16] = []
        for text in rule.types {
            guard let number = type(text) else { return nil }
            types.append(number)
        }
        self.types = types
        networks = rule.networks.map(AccessTable.NetworkRow.init)
    }
}

extension AccessTable.NetworkRow {
    init(_ network: Network) {
        func integer(_ octets: some Sequence<UInt8>) -> UInt64 {
            octets.reduce(0) { $0 << 8 | UInt64($1) }
        }
        let isV4 = network.octets.count == 4
        let length = network.prefixLength + (isV4 ? 96 : 0)
        high = isV4 ? 0 : integer(network.octets.prefix(8))
        low = isV4 ? 0xFFFF_0000_0000 | integer(network.octets) : integer(network.octets.suffix(8))
        highMask = length >= 64 ? .max : ~(.max >> UInt64(length))
        lowMask = length <= 64 ? 0 : ~(UInt64.max >> UInt64(length - 64))
    }
}
