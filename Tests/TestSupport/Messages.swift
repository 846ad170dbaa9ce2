// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

package import DNSWire

extension DomainName: ExpressibleByStringLiteral {
    /// A name of a test, written in presentation format; traps on a text that is none.
    package init(stringLiteral text: String) {
        do {
            try self.init(presentation: text)
        } catch {
            preconditionFailure("\(text): \(error)")
        }
    }
}

/// What a literal of a test got wrong.
package struct LiteralError: Error {
    package let text: String
}

/// Octets as they stand in an RFC's figures: hex digits in pairs, and text in single quotes.
///
///     octets("03 'www' 00  0001 0001")
package func octets(_ literal: String) throws -> [UInt8] {
    var result: [UInt8] = []
    for (index, part) in literal.split(separator: "'", omittingEmptySubsequences: false)
        .enumerated()
    {
        guard index.isMultiple(of: 2) else {
            result += part.utf8
            continue
        }
        let digits = Array(part.filter { !$0.isWhitespace })
        guard digits.count.isMultiple(of: 2) else { throw LiteralError(text: literal) }
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let octet = UInt8(String(digits[start...start + 1]), radix: 16) else {
                throw LiteralError(text: literal)
            }
            result.append(octet)
        }
    }
    return result
}

/// Octets as hex digits, for failures that a person reads and a test takes back.
package func hex(_ octets: some Sequence<UInt8>) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension Message {
    /// A message of a test, in the form that ``description`` prints.
    ///
    ///     QUERY NOERROR id 7 qr aa rd
    ///     opt 1232 do
    ///     question www.example. IN A
    ///     answer www.example. 30 IN A 192.0.2.1
    ///     authority ...
    ///     additional ...
    package init(literal text: String) throws {
        self.init(header: Header())
        for (number, line) in text.split(separator: "\n").enumerated() {
            guard number > 0 else {
                header = try Header(literal: line)
                continue
            }
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { throw LiteralError(text: String(line)) }
            let rest = String(parts[1])
            switch parts[0] {
            case "opt":
                let words = rest.split(separator: " ")
                guard let size = words.first.flatMap({ UInt16($0) }) else {
                    throw LiteralError(text: rest)
                }
                opt = OPT(payloadSize: size, dnssecOK: words.dropFirst().contains("do"))
            case "question": questions.append(try Question(presentation: rest))
            case "answer": answer.append(try ResourceRecord(presentation: rest))
            case "authority": authority.append(try ResourceRecord(presentation: rest))
            case "additional": additional.append(try ResourceRecord(presentation: rest))
            default: throw LiteralError(text: String(line))
            }
        }
    }
}

extension Header {
    /// A header of a test: `QUERY NOERROR id 7 qr aa rd`.
    package init(literal line: Substring) throws {
        self.init()
        var words = line.split(separator: " ").map(String.init)[...]
        guard
            let opcode = words.popFirst().flatMap({ Opcode(presentation: $0) }),
            let responseCode = words.popFirst().flatMap({ ResponseCode(presentation: $0) })
        else { throw LiteralError(text: String(line)) }
        self.opcode = opcode
        self.responseCode = responseCode
        while let word = words.popFirst() {
            switch word {
            case "id":
                guard let id = words.popFirst().flatMap({ UInt16($0) }) else {
                    throw LiteralError(text: String(line))
                }
                self.id = id
            case "qr": isResponse = true
            case "aa": isAuthoritative = true
            case "tc": isTruncated = true
            case "rd": recursionDesired = true
            case "ra": recursionAvailable = true
            case "z": reservedBit = true
            case "ad": authenticData = true
            case "cd": checkingDisabled = true
            default: throw LiteralError(text: word)
            }
        }
    }
}
