// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The data of an SOA record: where a zone begins, and its timers (RFC 1035 §3.3.13).
package struct SOA: Hashable, Sendable {
    /// MNAME: the primary server.
    package var primary: DomainName
    /// RNAME: the mailbox of the person responsible, its `@` written as the first dot.
    package var mailbox: DomainName
    /// Compared in serial number arithmetic (RFC 1982).
    package var serial: UInt32
    package var refreshSeconds: UInt32
    package var retrySeconds: UInt32
    package var expireSeconds: UInt32
    /// MINIMUM: how long a negative answer may be kept, at most (RFC 2308 §4).
    package var minimumSeconds: UInt32

    package init(
        primary: DomainName, mailbox: DomainName, serial: UInt32, refreshSeconds: UInt32,
        retrySeconds: UInt32, expireSeconds: UInt32, minimumSeconds: UInt32
    ) {
        self.primary = primary
        self.mailbox = mailbox
        self.serial = serial
        self.refreshSeconds = refreshSeconds
        self.retrySeconds = retrySeconds
        self.expireSeconds = expireSeconds
        self.minimumSeconds = minimumSeconds
    }

    init(parsing cursor: inout Cursor, _ octets: Span<UInt8>) throws(ParseError) {
        self.init(
            primary: try cursor.readName(octets), mailbox: try cursor.readName(octets),
            serial: try cursor.readUInt32(octets), refreshSeconds: try cursor.readUInt32(octets),
            retrySeconds: try cursor.readUInt32(octets),
            expireSeconds: try cursor.readUInt32(octets),
            minimumSeconds: try cursor.readUInt32(octets))
    }

    init(presentation fields: inout PresentationFields) throws(PresentationError) {
        self.init(
            primary: try fields.name(), mailbox: try fields.name(), serial: try fields.number(),
            refreshSeconds: try fields.number(), retrySeconds: try fields.number(),
            expireSeconds: try fields.number(), minimumSeconds: try fields.number())
    }

    func encode(into writer: inout Writer) {
        writer.append(compressed: primary)
        writer.append(compressed: mailbox)
        for number in [serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds] {
            writer.append(number)
        }
    }
}

extension SOA: CustomStringConvertible {
    package var description: String {
        """
        \(primary) \(mailbox) \(serial) \(refreshSeconds) \(retrySeconds) \(expireSeconds) \
        \(minimumSeconds)
        """
    }
}
