// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Foundation
import Glibc

/// The program `fabdns` with the example catalog, on a free port of 127.0.0.1, until `stop`.
struct RunningServer {
    private let process = Process()
    private let port: UInt16

    struct Failure: Error {
        let text: String
    }

    init() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = Self.products.appending(path: "fabdns")
        process.currentDirectoryURL = repository
        process.arguments = ["-conf", "corefile-examples/file/Corefile", "-dns.port", "0"]
        process.standardOutput = output
        try process.run()
        // The first line tells the port: `global.:5300 on 127.0.0.1`.
        var text = ""
        while !text.contains("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(text: "the server ended: \(text)") }
            text += String(decoding: more, as: UTF8.self)
        }
        let digits = text.drop { $0 != ":" }.dropFirst().prefix { $0.isNumber }
        guard let port = UInt16(digits) else { throw Failure(text: "no port in \(text)") }
        self.port = port
    }

    /// Where the build puts programs, beside the tests.
    private static var products: URL {
        let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return FileManager.default.fileExists(atPath: executable.appending(path: "fabdns").path())
            ? executable : executable.deletingLastPathComponent()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Sends `input` on one connection, says that no more comes, and returns all that the server
    /// says.
    func converse(_ input: [UInt8]) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(text: "socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(text: "connect") }
        guard unsafe write(descriptor, input, input.count) == input.count else {
            throw Failure(text: "write")
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var output: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &part, part.count)
            guard count > 0 else { return output }
            output += part[..<count]
        }
    }
}
