// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

/// The JSON gateway of an etcd on this machine.
struct EtcdGateway {
    let port: UInt16

    /// The number of the last change.
    func revision() throws -> String {
        let reply = try post("/v3/kv/range", #"{"key":"AA=="}"#)
        guard let match = reply.firstMatch(of: /"revision":"([0-9]+)"/) else {
            throw Failure("etcd: \(reply)")
        }
        return String(match.1)
    }

    /// Forgets all that was before that revision.
    func compact(upTo revision: String) throws {
        let reply = try post("/v3/kv/compaction", #"{"revision":"\#(revision)","physical":true}"#)
        guard reply.contains(" 200 OK\r\n") else { throw Failure("etcd: \(reply)") }
    }

    /// Deletes a key, which has to be there.
    func delete(_ key: String) throws {
        let encoded = Data(key.utf8).base64EncodedString()
        let reply = try post("/v3/kv/deleterange", #"{"key":"\#(encoded)"}"#)
        guard reply.contains(#""deleted":"1""#) else { throw Failure("etcd: \(reply)") }
    }

    private func post(_ path: String, _ content: String) throws -> String {
        let socket = try Socket(.tcp, port: port)
        let head = "POST \(path) HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n"
        try socket.send(
            Array("\(head)Content-Length: \(content.utf8.count)\r\n\r\n\(content)".utf8))
        return String(decoding: socket.receiveAll(), as: UTF8.self)
    }
}
