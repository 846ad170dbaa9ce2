// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Reads the columns of a saved state, whose octets are not trusted.
///
/// What it makes is never larger than a small multiple of the file: every count is held against
/// the octets that are left before anything is made of it.
struct SavedStateDecoder {
    /// Numbers of 32 bits; the initializer saw that all are there.
    private struct Column {
        let octets: [UInt8]
        let start: Int
        let count: Int

        subscript(index: Int) -> Int { Int(octets.littleEnd32(at: start + 4 * index)) }
    }

    private let octets: [UInt8]
    private var position = SavedStateCodec.headerSize + SavedStateCodec.countsSize
    private let counts: [Int]
    private var texts: [String] = []
    private var localityTable: [Locality] = []
    private var portLists: [[ServicePort]] = []
    private var localityLists: [[Locality]] = []
    private var held: Set<ServiceName> = []

    init(_ octets: [UInt8]) throws(SavedStateFault) {
        guard octets.count >= position else { throw SavedStateFault(problem: "it is cut short") }
        self.octets = octets
        let first = SavedStateCodec.headerSize + 8
        counts = (0..<10).map { Int(octets.littleEnd32(at: first + 4 * $0)) }
    }

    mutating func feed() throws(SavedStateFault) -> SavedFeed {
        let seconds = Double(bitPattern: octets.littleEnd64(at: SavedStateCodec.headerSize))
        try require(seconds.isFinite, "its moment is none")
        try readTexts(count: counts[0], octetCount: counts[1])
        try readLocalities(count: counts[2])
        try readPortLists(count: counts[3], portCount: counts[4])
        try readLocalityLists(count: counts[5], entryCount: counts[6])
        let services = try readServices(count: counts[7], endpointOctetCount: counts[8])
        try require(position == octets.count, "something follows")
        guard let feed = try text(counts[9]) else {
            throw SavedStateFault(problem: "it names no feed")
        }
        return SavedFeed(feed: feed, currentSeconds: seconds, services: services, held: held)
    }

    // MARK: Shared values

    private mutating func readTexts(count: Int, octetCount: Int) throws(SavedStateFault) {
        let ranges = try ranges(count: count, of: octetCount, width: 1, "texts")
        texts.reserveCapacity(count)
        for range in ranges {
            guard let text = String(validating: octets[range], as: UTF8.self) else {
                throw SavedStateFault(problem: "a text is no UTF-8")
            }
            if let last = texts.last { try require(last < text, "its texts are in disorder") }
            texts.append(text)
        }
    }

    private mutating func readLocalities(count: Int) throws(SavedStateFault) {
        let indices = try column(3 * count)
        localityTable.reserveCapacity(count)
        var last: [Int] = []
        for row in 0..<count {
            let own = (0..<3).map { indices[3 * row + $0] }
            try require(last.lexicographicallyPrecedes(own), "its localities are in disorder")
            last = own
            let cluster = try text(own[0])
            try require(
                cluster.map { NameRule.isRFC1123Subdomain(Array($0.utf8)[...]) } ?? true,
                "a cluster's name is none")
            localityTable.append(
                Locality(cluster: cluster, region: try text(own[1]), zone: try text(own[2])))
        }
    }

    private mutating func readPortLists(count: Int, portCount: Int) throws(SavedStateFault) {
        let ranges = try ranges(
            count: count, of: portCount, width: SavedStateCodec.portSize, "lists of ports")
        portLists.reserveCapacity(count)
        for range in ranges {
            var ports: [ServicePort] = []
            for start in stride(
                from: range.lowerBound, to: range.upperBound, by: SavedStateCodec.portSize)
            {
                ports.append(try port(at: start))
            }
            portLists.append(ports)
        }
    }

    private func port(at start: Int) throws(SavedStateFault) -> ServicePort {
        let name = try text(Int(octets.littleEnd32(at: start)))
        let number = octets.littleEnd16(at: start + 8)
        let transport = Int(octets[start + 10])
        let isName = name.map { NameRule.isPortName(Array($0.utf8)[...]) } ?? true
        try require(
            isName && number > 0 && transport < TransportProtocol.allCases.count
                && octets[start + 11] == 0, "a port is none")
        return ServicePort(
            name: name, transport: TransportProtocol.allCases[transport], number: number,
            appProtocol: try text(Int(octets.littleEnd32(at: start + 4))))
    }

    private mutating func readLocalityLists(count: Int, entryCount: Int) throws(SavedStateFault) {
        let ranges = try ranges(count: count, of: entryCount, width: 4, "lists of localities")
        localityLists.reserveCapacity(count)
        for range in ranges {
            let indices = stride(from: range.lowerBound, to: range.upperBound, by: 4).map {
                Int(octets.littleEnd32(at: $0))
            }
            try require(
                indices.allSatisfy { $0 < localityTable.count }
                    && Set(indices).count == indices.count, "a list of localities is none")
            localityLists.append(indices.map { localityTable[$0] })
        }
    }

    // MARK: Services

    private mutating func readServices(
        count: Int, endpointOctetCount: Int
    ) throws(SavedStateFault) -> [ExportedService] {
        let namespaces = try column(count)
        let names = try column(count)
        let types = try take(count, width: 1)
        let ports = try column(count)
        let seconds = try take(count, width: 8)
        let ends = try column(count)
        let localities = try column(count)
        let endpoints = try take(endpointOctetCount, width: 1)
        var services: [ExportedService] = []
        services.reserveCapacity(count)
        var begin = 0
        for row in 0..<count {
            let type = octets[types + row] & ~SavedStateCodec.heldBit
            try require(
                row == 0
                    || (namespaces[row - 1], names[row - 1]) < (namespaces[row], names[row]),
                "its services are in disorder")
            try require(begin <= ends[row] && ends[row] <= endpointOctetCount, "endpoints are cut")
            try require(
                type <= 1 && ports[row] < portLists.count
                    && localities[row] < localityLists.count, "a service is none")
            guard
                let packed = PackedEndpoints(
                    untrusted: octets[endpoints + begin..<endpoints + ends[row]],
                    localities: localityLists[localities[row]])
            else { throw SavedStateFault(problem: "an endpoint is none") }
            begin = ends[row]
            let name = try serviceName(namespaces[row], names[row])
            if octets[types + row] != type { held.insert(name) }
            services.append(
                ExportedService(
                    name: name, type: type == 1 ? .headless : .clusterIP,
                    ports: portLists[ports[row]], endpoints: packed,
                    exportedSeconds: try exportedSeconds(at: seconds + 8 * row)))
        }
        try require(begin == endpointOctetCount, "endpoints are nobody's")
        return services
    }

    /// Kubernetes has Services whose names begin with a digit: RFC 1123 is the rule for both.
    private func serviceName(
        _ namespace: Int, _ name: Int
    ) throws(SavedStateFault) -> ServiceName {
        guard let namespace = try text(namespace), let name = try text(name),
            NameRule.isRFC1123Label(Array(namespace.utf8)[...]),
            NameRule.isRFC1123Label(Array(name.utf8)[...])
        else { throw SavedStateFault(problem: "a service's name is none") }
        return ServiceName(namespace: namespace, name: name)
    }

    private func exportedSeconds(at start: Int) throws(SavedStateFault) -> Double? {
        let bits = octets.littleEnd64(at: start)
        guard bits != SavedStateCodec.noSeconds else { return nil }
        let seconds = Double(bitPattern: bits)
        try require(seconds.isFinite, "the time of an export is none")
        return seconds
    }

    // MARK: Columns

    /// Where the next column begins, whose octets are all there.
    private mutating func take(_ count: Int, width: Int) throws(SavedStateFault) -> Int {
        // Counts have 32 bits: no product overflows.
        try require(count * width <= octets.count - position, "it is cut short")
        defer { position += count * width }
        return position
    }

    private mutating func column(_ count: Int) throws(SavedStateFault) -> Column {
        Column(octets: octets, start: try take(count, width: 4), count: count)
    }

    /// Where the parts of the next column are that a table of their ends before it cuts it into.
    private mutating func ranges(
        count: Int, of total: Int, width: Int, _ what: String
    ) throws(SavedStateFault) -> [Range<Int>] {
        let ends = try column(count)
        let start = try take(total, width: width)
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(count)
        var begin = 0
        for index in 0..<count {
            let end = ends[index]
            try require(begin <= end && end <= total, "its \(what) are cut")
            ranges.append(start + begin * width..<start + end * width)
            begin = end
        }
        try require(begin == total, "its \(what) are cut")
        return ranges
    }

    private func text(_ index: Int) throws(SavedStateFault) -> String? {
        try require(index <= texts.count, "a text is missing")
        return index == SavedStateCodec.noText ? nil : texts[index - 1]
    }

    private func require(
        _ condition: Bool, _ problem: @autoclosure () -> String
    ) throws(SavedStateFault) {
        guard condition else { throw SavedStateFault(problem: problem()) }
    }
}
