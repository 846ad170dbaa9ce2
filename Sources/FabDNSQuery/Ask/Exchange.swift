// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc
internal import TLS

/// One query to one server and the reply to it, within a time.
struct Exchange {
    /// Why there was no reply, in words behind the server's address.
    struct Failure: Error {
        let text: String

        static var system: Failure { Failure(text: unsafe String(cString: strerror(errno))) }
    }

    let server: ServerAddress
    private let deadline: ContinuousClock.Instant
    private static let maximumMessage = 65_535

    init(_ server: ServerAddress, milliseconds: Int) {
        self.server = server
        deadline = .now + .milliseconds(milliseconds)
    }

    /// Passes over what is not a reply to this query.
    func overUDP(_ query: [UInt8]) throws(Failure) -> [UInt8] {
        let descriptor = try connected(SOCK_DGRAM)
        defer { close(descriptor) }
        guard unsafe send(descriptor, query, query.count, 0) == query.count else {
            throw .system
        }
        var octets = [UInt8](repeating: 0, count: Self.maximumMessage)
        while true {
            try wait(descriptor, POLLIN)
            let count = unsafe recv(descriptor, &octets, octets.count, 0)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw .system }
            let reply = Array(octets[..<count])
            if Self.isReply(reply, to: query) { return reply }
        }
    }

    /// Over TCP, encrypted if there is a context.
    func overStream(_ query: [UInt8], _ tls: TLSClientContext?) throws(Failure) -> [UInt8] {
        let descriptor = try connected(SOCK_STREAM)
        defer { close(descriptor) }
        let session = try tls.map { (context) throws(Failure) in
            try shakeHands(context, descriptor)
        }
        defer { session?.shutDown() }
        let length = [UInt8(query.count >> 8 & 0xFF), UInt8(query.count & 0xFF)]
        try write(length + query, descriptor, session)
        while true {
            let head = try read(2, descriptor, session)
            let reply = try read(Int(head[0]) << 8 | Int(head[1]), descriptor, session)
            if Self.isReply(reply, to: query) { return reply }
        }
    }

    /// A response with the same id.
    private static func isReply(_ octets: [UInt8], to query: [UInt8]) -> Bool {
        octets.count >= 12 && octets[..<2] == query[..<2] && octets[2] & 0x80 != 0
    }

    // MARK: Sockets

    private func connected(_ type: __socket_type) throws(Failure) -> Int32 {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(server.family, Int32(type.rawValue) | flags, 0)
        guard descriptor >= 0 else { throw .system }
        let result = unsafe server.octets.withUnsafeBytes { memory in
            // The kernel reads as many octets as it is told.
            unsafe connect(
                descriptor, memory.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(server.octets.count))
        }
        do throws(Failure) {
            if result != 0 {
                guard errno == EINPROGRESS else { throw .system }
                try wait(descriptor, POLLOUT)
                var error: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
                errno = error
                guard error == 0 else { throw .system }
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private func wait(_ descriptor: Int32, _ events: Int32) throws(Failure) {
        while true {
            let rest = deadline - .now
            let milliseconds = Int32(clamping: Int(rest / .milliseconds(1)))
            guard milliseconds > 0 else { throw Failure(text: "no reply in time") }
            var state = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = unsafe poll(&state, 1, milliseconds)
            if count > 0 { return }
            if count < 0, errno != EINTR { throw .system }
        }
    }

    private func shakeHands(
        _ context: TLSClientContext, _ descriptor: Int32
    ) throws(Failure) -> TLSSession {
        guard let session = context.makeSession(descriptor: descriptor) else {
            throw Failure(text: "libssl has no memory")
        }
        while true {
            switch session.shakeHands() {
            case .octets: return session
            case .wantsRead: try wait(descriptor, POLLIN)
            case .wantsWrite: try wait(descriptor, POLLOUT)
            case .ended, .failed: throw Failure(text: "no TLS: \(session.problem)")
            }
        }
    }

    private func write(
        _ octets: [UInt8], _ descriptor: Int32, _ session: TLSSession?
    ) throws(Failure) {
        var written = 0
        while written < octets.count {
            let transfer = unsafe octets.withUnsafeBytes { memory in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: memory[written...])
                if let session { return unsafe session.write(rest) }
                let flags = Int32(MSG_NOSIGNAL)
                return unsafe Self.transfer(
                    Glibc.send(descriptor, rest.baseAddress, rest.count, flags), .wantsWrite)
            }
            written += try proceed(transfer, descriptor)
        }
    }

    private func read(
        _ count: Int, _ descriptor: Int32, _ session: TLSSession?
    ) throws(Failure) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let transfer = unsafe octets.withUnsafeMutableBytes { memory in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[filled...])
                if let session { return unsafe session.read(into: rest) }
                let count = unsafe recv(descriptor, rest.baseAddress, rest.count, 0)
                return count == 0 ? .ended : Self.transfer(count, .wantsRead)
            }
            filled += try proceed(transfer, descriptor)
        }
        return octets
    }

    private static func transfer(_ count: Int, _ patience: Transfer) -> Transfer {
        if count >= 0 { return .octets(count) }
        return errno == EAGAIN || errno == EINTR ? patience : .failed
    }

    /// The octets that moved, after a wait if none did.
    private func proceed(_ transfer: Transfer, _ descriptor: Int32) throws(Failure) -> Int {
        switch transfer {
        case .octets(let count): return count
        case .wantsRead: try wait(descriptor, POLLIN)
        case .wantsWrite: try wait(descriptor, POLLOUT)
        case .ended: throw Failure(text: "the server closed the connection")
        case .failed: throw Failure(text: "the connection broke")
        }
        return 0
    }
}
