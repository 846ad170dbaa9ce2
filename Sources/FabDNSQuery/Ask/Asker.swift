// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import TLS

/// How a server is asked.
struct AskSettings: Sendable {
    enum Transport: String, Sendable { case udp, tcp, tls }

    var servers: [ServerName] = []
    var transport = Transport.udp
    /// 1232 fits where packets of 1280 octets do, which is everywhere over IPv6; 0 is without EDNS.
    var udpSize: UInt16 = 1232
    var asksForNameServerID = false
    var timeoutMilliseconds = 3000
    var tries = 2
    var tlsAuthoritiesFile: String?
    var tlsHostname: String?
    var isTLSVerified = true
}

/// What came of asking.
struct Asked: Sendable {
    let reply: Reply
    let server: String
    let port: UInt16
    let transport: AskSettings.Transport
    let microseconds: Int
}

/// Asks one server after the other, until one replies.
enum Asker {
    static func ask(_ question: Question, _ settings: AskSettings) throws(QueryFailure) -> Asked {
        var failures: [String] = []
        var addresses: [ServerAddress] = []
        for server in settings.servers {
            do throws(QueryFailure) {
                addresses += try server.addresses()
            } catch {
                failures.append(error.description)
            }
        }
        for _ in 0..<max(settings.tries, 1) {
            for address in addresses {
                do throws(Exchange.Failure) {
                    return try ask(question, address, settings)
                } catch {
                    let text = "\(address.text) port \(address.name.port): \(error.text)"
                    if !failures.contains(text) { failures.append(text) }
                }
            }
        }
        throw QueryFailure(.noReply, failures.joined(separator: "; "))
    }

    private static func ask(
        _ question: Question, _ address: ServerAddress, _ settings: AskSettings
    ) throws(Exchange.Failure) -> Asked {
        let start = ContinuousClock.now
        do {
            let query = try LDNS.query(
                question, id: .random(in: 0...UInt16.max), udpSize: settings.udpSize,
                asksForNameServerID: settings.asksForNameServerID)
            var transport = settings.transport
            var reply = try exchange(query, address, transport, settings)
            if transport == .udp, reply.isTruncated {
                transport = .tcp
                reply = try exchange(query, address, transport, settings)
            }
            guard reply.question.isEmpty || reply.question.contains(where: { $0.asks(question) })
            else { throw Exchange.Failure(text: "replied to another question") }
            return Asked(
                reply: reply, server: address.text, port: address.name.port, transport: transport,
                microseconds: Int((ContinuousClock.now - start) / .microseconds(1)))
        } catch let error as LDNS.Failure {
            throw Exchange.Failure(text: "a reply that ldns cannot read: \(error.text)")
        } catch let error as Exchange.Failure {
            throw error
        } catch {
            throw Exchange.Failure(text: "\(error)")
        }
    }

    private static func exchange(
        _ query: [UInt8], _ address: ServerAddress, _ transport: AskSettings.Transport,
        _ settings: AskSettings
    ) throws -> Reply {
        let exchange = Exchange(address, milliseconds: settings.timeoutMilliseconds)
        switch transport {
        case .udp: return try LDNS.parse(exchange.overUDP(query))
        case .tcp: return try LDNS.parse(exchange.overStream(query, nil))
        case .tls:
            let context = try TLSClientContext(
                TLSClientConfiguration(
                    authoritiesFile: settings.tlsAuthoritiesFile,
                    verifies: settings.isTLSVerified,
                    hostname: settings.tlsHostname ?? address.name.host))
            return try LDNS.parse(exchange.overStream(query, context))
        }
    }
}

extension Question {
    /// Names compare without case.
    fileprivate func asks(_ other: Question) -> Bool {
        name.lowercased() == other.name.lowercased() && type == other.type
            && `class` == other.class
    }
}
