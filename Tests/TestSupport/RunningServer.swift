// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import DNSWire
internal import Foundation

/// The built server on a free port of 127.0.0.1.
package final class RunningServer: Sendable {
    package let program: RunningProgram
    package let port: UInt16
    package let folder: Folder

    /// With the example's Corefile and catalog.
    package convenience init() throws {
        try self.init(
            arguments: ["-conf", "corefile-examples/file/Corefile", "-dns.port", "0"],
            folder: Folder())
    }

    /// With a Corefile and other files in a folder of its own; `{folder}` in the Corefile is that
    /// folder, and its port, where it names none, is free.
    package convenience init(
        corefile: String, files: [String: String] = [:], environment: [String: String] = [:]
    ) throws {
        let folder = try Folder(files)
        try folder.write(
            "Corefile", corefile.replacing("{folder}", with: folder.url.path()))
        try self.init(
            arguments: ["-conf", folder.path("Corefile"), "-dns.port", "0"], folder: folder,
            environment: environment)
    }

    /// `launcher` is what starts the program, given its path and arguments, where it is not this
    /// process itself.
    init(
        arguments: [String], folder: Folder, environment: [String: String] = [:],
        launcher: (program: URL, arguments: [String])? = nil
    ) throws {
        self.folder = folder
        program =
            if let launcher {
                try RunningProgram(
                    launcher.program, launcher.arguments + [Programs.fabdns.path()] + arguments,
                    environment: environment)
            } else {
                try RunningProgram(Programs.fabdns, arguments, environment: environment)
            }
        guard program.output.waits(for: "FabDNS-") else {
            throw Failure("the server did not start: \(program.output.soFar)")
        }
        // The lines before tell the port: `global.:5300 on 127.0.0.1`.
        let line = program.output.soFar.split(separator: "\n").first { $0.contains(".:") } ?? ""
        let digits = line.drop { $0 != ":" }.dropFirst().prefix { $0.isNumber }
        guard let port = UInt16(digits) else { throw Failure("no port in \(line)") }
        self.port = port
    }

    package var log: String { program.output.soFar }

    /// Writes another Corefile into the server's folder and asks for a reload.
    package func reload(corefile: String) throws {
        try folder.write("Corefile", corefile.replacing("{folder}", with: folder.url.path()))
        program.signal(SIGUSR1)
    }

    // MARK: Asking

    /// The reply to a question in presentation format over UDP, asked of an address of the server.
    package func ask(_ question: String, at address: String = "127.0.0.1") throws -> Message {
        try Asker(address: address, port: port).ask(question)
    }

    /// The data of the answers over UDP, sorted, with the response code before them unless it is
    /// NOERROR.
    package func answers(to question: String, at address: String = "127.0.0.1") throws -> String {
        try ask(question, at: address).summary
    }

    /// Sends `input` on one connection, says that no more comes, and returns all that the server
    /// says.
    package func converse(_ input: [UInt8]) throws -> [UInt8] {
        let socket = try Socket(.tcp, port: port)
        try socket.send(input)
        socket.endSending()
        return socket.receiveAll()
    }
}

/// Asks a DNS server one question after the other.
package struct Asker {
    package var address: String
    package let port: UInt16
    package var overTCP: Bool

    package init(address: String = "127.0.0.1", port: UInt16, overTCP: Bool = false) {
        self.address = address
        self.port = port
        self.overTCP = overTCP
    }

    package func ask(_ question: String) throws -> Message {
        let parsed = try Question(presentation: question)
        let id = UInt16.random(in: 0...UInt16.max)
        let query = Message(
            query: parsed.name, type: parsed.type, class: parsed.class, id: id,
            recursionDesired: false, opt: OPT()
        ).encode()
        let octets = try overTCP ? askStream(query) : askDatagram(query)
        let reply = try Message(parsing: octets.span)
        guard reply.header.id == id else { throw Failure("another id in the reply to \(question)") }
        return reply
    }

    private func askDatagram(_ query: [UInt8]) throws -> [UInt8] {
        let socket = try Socket(.udp, to: address, port: port)
        try socket.send(query)
        guard let reply = socket.receive() else {
            throw Failure("no reply from \(address) \(port)")
        }
        return reply
    }

    private func askStream(_ query: [UInt8]) throws -> [UInt8] {
        let socket = try Socket(.tcp, to: address, port: port)
        try socket.send(framed(query))
        socket.endSending()
        return Array(socket.receiveAll().dropFirst(2))
    }
}

/// A message behind its length in two octets, as on a stream.
package func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
}

/// The messages of a stream; nil when it ends within one.
package func unframed(_ stream: [UInt8]) -> [[UInt8]]? {
    var messages: [[UInt8]] = []
    var rest = stream[...]
    while rest.count >= 2 {
        let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
        guard rest.count >= 2 + length else { return nil }
        messages.append(Array(rest.dropFirst(2).prefix(length)))
        rest = rest.dropFirst(2 + length)
    }
    return rest.isEmpty ? messages : nil
}

extension Message {
    /// The response code unless it is NOERROR, then the data of the answers, sorted.
    package var summary: String {
        let code = header.responseCode == .noError ? [] : ["\(header.responseCode)"]
        return (code + answer.map { "\($0.data)" }.sorted()).joined(separator: " ")
    }
}
