// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import Glibc

/// A server as somebody wrote it.
struct ServerName: Sendable, Equatable {
    /// An address or a host name.
    let host: String
    let port: UInt16

    /// The servers of a resolver's configuration, resolv.conf(5), at most three as everywhere.
    static func servers(ofResolverFile text: String, port: UInt16) -> [ServerName] {
        let lines = text.split(whereSeparator: \.isNewline)
        let hosts = lines.compactMap { line -> String? in
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
        }
        // Without any, the resolver asks this host.
        return (hosts.isEmpty ? ["127.0.0.1"] : hosts).prefix(3).map {
            ServerName(host: $0, port: port)
        }
    }

    static func ofThisHost(port: UInt16) -> [ServerName] {
        let octets = (try? CorefileFiles.disk.read("/etc/resolv.conf").get()) ?? []
        return servers(ofResolverFile: String(decoding: octets, as: UTF8.self), port: port)
    }

    /// Where it is: looked up by the system where it is a host name.
    func addresses() throws(QueryFailure) -> [ServerAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // The list is ours until freeaddrinfo; its addresses are copied before.
        let result = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            throw QueryFailure(
                .noReply, "\(host): \(unsafe String(cString: gai_strerror(result)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [ServerAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                let octets = unsafe Array(
                    UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
                unsafe addresses.append(
                    ServerAddress(
                        name: self, family: entry.pointee.ai_family, octets: octets))
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}

/// Where a server is, as the kernel wants it.
struct ServerAddress: Sendable {
    let name: ServerName
    let family: Int32
    /// A sockaddr.
    let octets: [UInt8]

    /// The address as a number in text.
    var text: String {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = unsafe octets.withUnsafeBytes { memory in
            // getnameinfo reads as many octets as the kernel gave.
            unsafe getnameinfo(
                memory.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(octets.count), &buffer, socklen_t(NI_MAXHOST), nil, 0, NI_NUMERICHOST)
        }
        guard result == 0 else { return name.host }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
