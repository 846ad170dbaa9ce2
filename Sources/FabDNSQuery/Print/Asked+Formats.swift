// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON

/// What came of asking, in the formats of `-o`.
extension Asked {
    /// One line per record.
    var table: String {
        var columns = Columns()
        for record in reply.answer {
            columns.append([record.name, "\(record.ttlSeconds)", record.type, record.data])
        }
        return columns.text()
    }

    /// The data alone, as `dig +short` prints it.
    var short: String { reply.answer.map { $0.data + "\n" }.joined() }

    /// What a person should know beside the answer; nil when the answer says all.
    func talk(about question: Question) -> String? {
        let errors = reply.extendedErrors.map { error in
            "; extended error \(error.code)\(error.text.isEmpty ? "" : " (\(error.text))")"
        }.joined()
        switch reply.responseCode {
        case 0 where !reply.answer.isEmpty: return nil
        case 0: return "\(question.name) has no \(question.typeText) (NODATA)\(errors)"
        case 3: return "\(question.name) does not exist (NXDOMAIN)\(errors)"
        default: return "\(server) says \(reply.status)\(errors)"
        }
    }

    /// As dig prints it.
    func dig(_ question: Question) -> String {
        var lines = [
            "",
            "; <<>> fabdns-query <<>> \(question.name) \(question.typeText)",
            ";; Got answer:",
            ";; ->>HEADER<<- opcode: \(reply.opcode), status: \(reply.status), id: \(reply.id)",
            ";; flags: \(reply.flags.joined(separator: " ")); QUERY: \(reply.question.count), "
                + "ANSWER: \(reply.answer.count), AUTHORITY: \(reply.authority.count), "
                + "ADDITIONAL: \(reply.additional.count + (reply.edns == nil ? 0 : 1))",
        ]
        if let edns = reply.edns {
            lines += [
                "", ";; OPT PSEUDOSECTION:",
                "; EDNS: version: \(edns.version), flags:\(edns.isDNSSECOK ? " do" : ""); "
                    + "udp: \(edns.udpSize)",
            ]
            if let identity = reply.nameServerID {
                lines.append("; NSID: \(identity.hexadecimal) (\"\(identity.readable)\")")
            }
            lines += reply.extendedErrors.map { error in
                "; EDE: \(error.code)\(error.text.isEmpty ? "" : ": (\(error.text))")"
            }
        }
        if !reply.question.isEmpty {
            lines += ["", ";; QUESTION SECTION:"]
            lines += reply.question.map { ";\($0.name)\t\t\($0.classText)\t\($0.typeText)" }
        }
        for (title, records) in [
            ("ANSWER", reply.answer), ("AUTHORITY", reply.authority),
            ("ADDITIONAL", reply.additional),
        ] where !records.isEmpty {
            lines += ["", ";; \(title) SECTION:"]
            lines += records.map {
                "\($0.name)\t\($0.ttlSeconds)\t\($0.class)\t\($0.type)\t\($0.data)"
            }
        }
        lines += [
            "", ";; Query time: \(microseconds / 1000) msec",
            ";; SERVER: \(server)#\(port) (\(transport.rawValue.uppercased()))",
            ";; MSG SIZE  rcvd: \(reply.octetCount)", "",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    func json(_ question: Question) -> String {
        JSONWriter.document { writer in
            writer.field(
                "question",
                object: { writer in
                    writer.field("name", question.name)
                    writer.field("type", question.typeText)
                    writer.field("class", question.classText)
                })
            writer.field(
                "server",
                object: { writer in
                    writer.field("address", server)
                    writer.field("port", Int(port))
                    writer.field("transport", transport.rawValue)
                })
            writer.field("status", reply.status)
            writer.field("flags", texts: reply.flags)
            for (name, records) in [
                ("answer", reply.answer), ("authority", reply.authority),
                ("additional", reply.additional),
            ] {
                writer.field(name, objects: records) { writer, record in
                    writer.field("name", record.name)
                    writer.field("ttl", Int(record.ttlSeconds))
                    writer.field("class", record.class)
                    writer.field("type", record.type)
                    writer.field("data", record.data)
                }
            }
            writer.field("udpSize", reply.edns.map { Int($0.udpSize) })
            writer.field("nsid", reply.nameServerID.map(\.readable))
            writer.field("extendedErrors", objects: reply.extendedErrors) { writer, error in
                writer.field("code", Int(error.code))
                writer.field("text", error.text)
            }
            writer.field("octets", reply.octetCount)
            writer.field("microseconds", microseconds)
        }
    }
}

extension [UInt8] {
    fileprivate var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    fileprivate var readable: String { String(decoding: self, as: UTF8.self).printable }
}
