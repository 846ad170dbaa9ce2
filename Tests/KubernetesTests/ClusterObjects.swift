// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import DNSWire
import TestSupport

/// Objects for a control plane without controllers: slices are written by hand.
enum ClusterObjects {
    static let label = #"fabedge.io/global-service: "true""#

    /// A Service with its slice, both exported; `address` is `None` for a headless one.
    static func service(
        _ name: String, _ address: String, endpoints: [String], isReady: Bool = true,
        node: String? = nil
    ) -> String {
        """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), labels: {\(label)}}
        spec: {clusterIP: \(address), ports: [{name: http, port: 80}]}
        \(slice(name, endpoints, isReady: isReady, node: node))
        """
    }

    static func slice(
        _ service: String, _ endpoints: [String], isReady: Bool = true, node: String? = nil
    ) -> String {
        let items = endpoints.enumerated().map { index, address in
            "{addresses: [\(address)], hostname: pod-\(index), conditions: {ready: \(isReady)}"
                + (node.map { ", nodeName: \($0)" } ?? "") + "}"
        }
        return """
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: \(service)-1
              labels: {\(label), kubernetes.io/service-name: \(service)}
            addressType: IPv4
            endpoints: [\(items.joined(separator: ", "))]
            ports: [{name: http, port: 80}]
            """
    }

    static func node(_ name: String, zone: String, region: String) -> String {
        """
        ---
        apiVersion: v1
        kind: Node
        metadata:
          name: \(name)
          labels: {topology.kubernetes.io/zone: \(zone), topology.kubernetes.io/region: \(region)}
        """
    }
}

extension RunningServer {
    /// Waits until the answers to a question are these.
    func comes(_ question: String, to answers: String, within seconds: Double = 20) -> Bool {
        eventually(within: seconds) { (try? self.answers(to: question)) == answers }
    }

    /// The code of the reply with the extended errors (RFC 8914) in it: `NOERROR [3]`.
    func outcome(_ question: String) throws -> String {
        let reply = try ask(question)
        let errors = reply.opt?.extendedErrors.map(\.code.rawValue) ?? []
        return "\(reply.header.responseCode) \(errors)"
    }

    /// Waits until a question has this outcome.
    func turns(_ question: String, to outcome: String, within seconds: Double = 20) -> Bool {
        eventually(within: seconds) { (try? self.outcome(question)) == outcome }
    }

    /// The body of a page of the server, behind the status.
    func page(_ port: UInt16, _ path: String) throws -> String {
        let ended = try Programs.run(
            Programs.required("curl"),
            [
                "--silent", "--noproxy", "*", "--max-time", "20", "--write-out", " %{http_code}",
                "http://127.0.0.1:\(port)\(path)",
            ])
        return ended.output
    }
}
