// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc
import ServiceCatalog

/// The addresses of this host's interfaces.
struct HostAddresses {
    struct Interface: Equatable {
        let name: String
        let address: IPAddress
        /// Of a link-local address.
        let scope: UInt32
    }

    let interfaces: [Interface]

    /// What this host calls itself.
    static var hostName: String {
        var octets = [CChar](repeating: 0, count: 256)
        // The last octet stays zero.
        guard unsafe gethostname(&octets, octets.count - 1) == 0 else { return "localhost" }
        return String(
            decoding: octets.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// As they are now.
    static func current() -> HostAddresses {
        var interfaces: [Interface] = []
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return HostAddresses(interfaces: []) }
        defer { unsafe freeifaddrs(list) }
        var next = unsafe list
        while let entry = unsafe next {
            if let interface = unsafe interface(entry.pointee) { interfaces.append(interface) }
            unsafe next = entry.pointee.ifa_next
        }
        return HostAddresses(interfaces: interfaces)
    }

    private static func interface(_ entry: ifaddrs) -> Interface? {
        guard let address = unsafe entry.ifa_addr, let label = unsafe entry.ifa_name else {
            return nil
        }
        let name = unsafe String(cString: label)
        let octets = UnsafeRawPointer(address)
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let value = unsafe octets.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            return Interface(name: name, address: .v4(UInt32(bigEndian: value)), scope: 0)
        case AF_INET6:
            let high = unsafe octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let low = unsafe octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            let scope = unsafe octets.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
            return Interface(
                name: name,
                address: .v6(UInt64(bigEndian: high), UInt64(bigEndian: low)), scope: scope)
        default:
            return nil
        }
    }

    /// What `bind` may name: an address, a link-local one with `%INTERFACE` behind it, or an
    /// interface for all of its addresses.
    ///
    /// Nil: neither.
    func addresses(of binding: String) -> [(address: IPAddress, scope: UInt32)]? {
        let parts = binding.split(separator: "%", maxSplits: 1)
        if let text = parts.first, let address = IPAddress(String(text)) {
            guard parts.count == 2 else { return [(address, 0)] }
            let scope = unsafe if_nametoindex(String(parts[1]))
            return scope == 0 ? nil : [(address, scope)]
        }
        let found = interfaces.filter { $0.name == binding }
        return found.isEmpty ? nil : found.map { ($0.address, $0.scope) }
    }

    /// Where others reach this host: neither loopback nor link-local.
    var reachable: [IPAddress] {
        interfaces.map(\.address).filter { address in
            switch address {
            case .v4(let value): value >> 24 != 127 && value >> 16 != 0xA9FE
            case .v6(let high, let low): high >> 54 != 0x3FA && (high, low) != (0, 1)
            }
        }
    }
}
