// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Which block takes the queries of a zone at a port and an address: each may have one owner only.
struct ListenerBook {
    private struct Key: Hashable {
        let zone: String
        let port: UInt16
    }

    /// Of the blocks so far, to tell plain TCP from TLS.
    private var transports: [UInt16: (transport: ServerBlock.Transport, place: SourceLocation)] =
        [:]

    /// The blocks' places by address; the key nil stands for every address of the host.
    private var owners: [Key: [String?: SourceLocation]] = [:]

    /// Refuses a block whose zone is taken at the same address, or at every address where it wants
    /// one.
    mutating func register(_ block: ServerBlock) throws(ConfigurationError) {
        if block.port != 0, let taken = transports[block.port], taken.transport != block.transport {
            throw ConfigurationError(
                block.location,
                "port \(block.port) is already used for \(taken.transport.rawValue):// by the "
                    + "block at \(taken.place)")
        }
        transports[block.port] = (block.transport, block.location)
        let addresses: [String?] = block.bindings.isEmpty ? [nil] : block.bindings
        for zone in block.zones {
            // The kernel chooses another port for each listener with port 0.
            guard block.port != 0 else { continue }
            let key = Key(zone: zone, port: block.port)
            for address in addresses {
                if let place = owner(of: key, at: address) {
                    let at = address.map { " on \($0)" } ?? ""
                    throw ConfigurationError(
                        block.location,
                        "\(zone):\(block.port)\(at) is already served by the block at \(place)")
                }
                owners[key, default: [:]][address] = block.location
            }
        }
    }

    private func owner(of key: Key, at address: String?) -> SourceLocation? {
        guard let taken = owners[key] else { return nil }
        guard address != nil else { return taken.values.min { $0.line < $1.line } }
        return taken[address] ?? taken[nil]
    }
}
