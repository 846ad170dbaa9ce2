// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// The records that every zone has of itself: SOA, NS and the version of the names' schema.

/// The names a zone has besides those of services.
enum ZoneName {
    case apex
    /// `dns-version`: Kubernetes DNS specification 2.2.
    case version
    /// `ns.dns`, the name server of all zones; `dns` above it is an empty non-terminal.
    case nameserver
    case nameserverParent

    /// The one that the first `length` octets of the question's name are, in any case.
    static func find(in message: borrowing MutableRawSpan, length: Int) -> ZoneName? {
        switch length {
        case 0: .apex
        case 4: matches(message, "\u{3}dns") ? .nameserverParent : nil
        case 7: matches(message, "\u{2}ns\u{3}dns") ? .nameserver : nil
        case 12: matches(message, "\u{B}dns-version") ? .version : nil
        default: nil
        }
    }

    private static func matches(
        _ message: borrowing MutableRawSpan, _ text: StaticString
    ) -> Bool {
        for offset in 0..<text.utf8CodeUnitCount {
            let octet = message.octet(12 &+ offset)
            let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet
            guard unsafe text.utf8Start[offset] == (isUpper ? octet | 0x20 : octet) else {
                return false
            }
        }
        return true
    }
}

extension ReplyWriter {
    /// The fixed front of a record: owner as a pointer, type, class IN, TTL, length of the data.
    ///
    /// False when it does not fit.
    private mutating func putHead(
        _ message: inout MutableRawSpan, owner: Int, _ type: UInt16, _ ttl: UInt32,
        dataLength: Int
    ) -> Bool {
        guard 12 &+ dataLength <= room else { return false }
        message.put(0xC000 | UInt16(truncatingIfNeeded: owner), at: end)
        message.put(type, at: end &+ 2)
        message.put(UInt16(1), at: end &+ 4)
        message.put(ttl, at: end &+ 6)
        message.put(UInt16(truncatingIfNeeded: dataLength), at: end &+ 10)
        end &+= 12
        return true
    }

    private mutating func put(_ message: inout MutableRawSpan, _ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount {
            message.put(unsafe text.utf8Start[offset], at: end &+ offset)
        }
        end &+= text.utf8CodeUnitCount
    }

    /// The zone's SOA: names are written with pointers to the zone in the question.
    ///
    /// `zone` is its offset.
    mutating func putSOA(
        _ message: inout MutableRawSpan, zone: Int, ttl: UInt32, serial: UInt32
    ) -> Bool {
        guard putHead(&message, owner: zone, QuestionType.soa, ttl, dataLength: 42) else {
            return false
        }
        putNameserver(&message, zone)
        put(&message, "\u{A}hostmaster")
        putPointer(&message, zone)
        message.put(serial, at: end)
        message.put(UInt32(7200), at: end &+ 4)
        message.put(UInt32(1800), at: end &+ 8)
        message.put(UInt32(86400), at: end &+ 12)
        message.put(ttl, at: end &+ 16)
        end &+= 20
        return true
    }

    private mutating func putNameserver(_ message: inout MutableRawSpan, _ zone: Int) {
        put(&message, "\u{2}ns\u{3}dns")
        putPointer(&message, zone)
    }

    private mutating func putPointer(_ message: inout MutableRawSpan, _ target: Int) {
        message.put(0xC000 | UInt16(truncatingIfNeeded: target), at: end)
        end &+= 2
    }

    mutating func putNS(_ message: inout MutableRawSpan, zone: Int, ttl: UInt32) -> Bool {
        guard putHead(&message, owner: zone, QuestionType.ns, ttl, dataLength: 9) else {
            return false
        }
        putNameserver(&message, zone)
        return true
    }

    /// The schema version of the specification that the names are from: `"1.1.0"` of Kubernetes
    /// DNS, `"1.0.0"` of Multi-Cluster DNS.
    mutating func putVersion(
        _ message: inout MutableRawSpan, _ face: NameFace, ttl: UInt32
    ) -> Bool {
        guard putHead(&message, owner: 12, QuestionType.txt, ttl, dataLength: 6) else {
            return false
        }
        put(&message, face == .mcs ? "\u{5}1.0.0" : "\u{5}1.1.0")
        return true
    }

    /// What ANY gets (RFC 8482 §4.2).
    mutating func putMinimalAny(_ message: inout MutableRawSpan, ttl: UInt32) -> Bool {
        guard putHead(&message, owner: 12, QuestionType.hinfo, ttl, dataLength: 9) else {
            return false
        }
        put(&message, "\u{7}RFC8482")
        message.put(UInt8(0), at: end)
        end &+= 1
        return true
    }

    /// The address records of the name server, IPv4 or IPv6; false when they do not all fit.
    mutating func putNameserverAddresses(
        _ message: inout MutableRawSpan, owner: Int, _ zones: ZoneSet, _ entry: ZoneSet.Entry,
        _ type: UInt16
    ) -> UInt16? {
        var count: UInt16 = 0
        if type == QuestionType.a {
            for index in entry.v4Start..<entry.v4Start + entry.v4Count {
                guard putHead(&message, owner: owner, type, entry.ttl, dataLength: 4) else {
                    return nil
                }
                message.storeBytes(
                    of: unsafe zones.v4[index], toByteOffset: end, as: UInt32.self)
                end &+= 4
                count &+= 1
            }
        } else if type == QuestionType.aaaa {
            for index in entry.v6Start..<entry.v6Start + entry.v6Count {
                guard putHead(&message, owner: owner, type, entry.ttl, dataLength: 16) else {
                    return nil
                }
                message.storeBytes(
                    of: unsafe zones.v6[index * 2], toByteOffset: end, as: UInt64.self)
                message.storeBytes(
                    of: unsafe zones.v6[index * 2 + 1], toByteOffset: end &+ 8, as: UInt64.self)
                end &+= 16
                count &+= 1
            }
        }
        return count
    }
}
