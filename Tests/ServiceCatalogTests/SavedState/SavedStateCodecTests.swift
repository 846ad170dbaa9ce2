// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import TestSupport
import Testing

@testable import ServiceCatalog

@Suite("The format of saved state")
struct SavedStateCodecTests {
    private static let path = "state/cluster-a.state"
    private static let small = SavedStateCodec.encode(SavedStateSamples.small)

    private static func decode(_ octets: [UInt8]) throws(SavedStateError) -> SavedFeed {
        try SavedStateCodec.decode(octets, path: path)
    }

    /// Why it is refused; nil where it is not.
    private static func refusal(_ octets: [UInt8]) -> String? {
        do {
            _ = try decode(octets)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("The checksum is CRC-64/XZ")
    func checksum() {
        #expect(CRC64.checksum(of: Array("123456789".utf8)) == 0x995D_C9BB_DF19_39FA)
        #expect(CRC64.checksum(of: []) == 0)
    }

    @Test("What was encoded is decoded")
    func smallRoundTrip() throws {
        let back = try Self.decode(Self.small)
        #expect(back.feed == "cluster-edge.east")
        #expect(back.currentSeconds == 1_750_000_000.25)
        #expect(back.services == SavedStateSamples.small.services)
    }

    @Test("So are random catalogs, of any size")
    func randomRoundTrips() throws {
        var random = SeededRandom(seed: TestRun.seed)
        for serviceCount in [0, 1, 2, 3, 10, 100, 1000] {
            let feed = SavedStateSamples.random(&random, serviceCount: serviceCount)
            let back = try Self.decode(SavedStateCodec.encode(feed))
            #expect(back.feed == feed.feed)
            #expect(back.currentSeconds == feed.currentSeconds)
            #expect(back.services == feed.sorted)
        }
    }

    @Test("The same services make the same octets, whatever order they come in")
    func order() {
        var random = SeededRandom(seed: TestRun.seed)
        let feed = SavedStateSamples.random(&random, serviceCount: 50)
        let shuffled = SavedFeed(
            feed: feed.feed, currentSeconds: feed.currentSeconds,
            services: feed.services.shuffled(using: &random))
        #expect(SavedStateCodec.encode(shuffled) == SavedStateCodec.encode(feed))
    }

    @Test("Of a service that comes twice the last one stays")
    func duplicates() throws {
        let feed = SavedStateSamples.generation(1)
        let other = ExportedService(
            name: feed.services[0].name, type: .headless, ports: [], endpoints: [])
        let back = try Self.decode(
            SavedStateCodec.encode(
                SavedFeed(
                    feed: feed.feed, currentSeconds: 1, services: feed.services + [other])))
        #expect(back.services == [other])
    }

    @Test("What the shrink brake kept is saved with the services, whatever their type")
    func held() throws {
        let services = SavedStateSamples.small.services
        for kept in [[], [0], [1], [0, 1]] {
            let held = Set(kept.map { services[$0].name })
            let stranger = ServiceName(namespace: "x", name: "x")
            let back = try Self.decode(
                SavedStateCodec.encode(
                    SavedFeed(
                        feed: "globalservices", currentSeconds: 1, services: services,
                        held: held.union([stranger]))))
            #expect(back.held == held)
            #expect(back.services == services)
        }
    }

    /// Of a headless service, written before the brake's mark was.
    private static let old = """
        464142444e5300530100000000000000a000000000000000c2669f6625597666000000000000f03f\
        04000000110000000100000001000000010000000100000001000000010000000e00000004000000\
        01000000020000000300000011000000616263676c6f62616c736572766963657303000000000000\
        00000000000100000000000000000000005000000001000000000000000100000002000000010000\
        0000ffffffffffffffff0e0000000000000004000000030001040a0000010000
        """

    @Test("A file from before the brake was saved is read, and one without it is written so")
    func oldFile() throws {
        let digits = Array(Self.old.utf8)
        let octets = try stride(from: 0, to: digits.count, by: 2).map { place in
            try #require(
                UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
        }
        let back = try Self.decode(octets)
        #expect(back.names == ["a/b"])
        #expect(back.services.first?.type == .headless)
        #expect(back.services.first?.ports == [ServicePort(name: nil, number: 80)])
        #expect(back.held == [])
        #expect(SavedStateCodec.encode(back) == octets)
    }

    @Test("Times that are no numbers are saved as the beginning of 1970")
    func oddTimes() throws {
        let service = ExportedService(
            name: ServiceName(namespace: "a", name: "b"), type: .clusterIP, ports: [],
            endpoints: PackedEndpoints([]), exportedSeconds: .nan)
        let back = try Self.decode(
            SavedStateCodec.encode(
                SavedFeed(feed: "globalservices", currentSeconds: .infinity, services: [service])))
        #expect(back.currentSeconds == 0)
        #expect(back.services.map(\.exportedSeconds) == [0])
    }

    @Test("A flipped bit is refused, wherever it is")
    func flippedBits() {
        for bit in 0..<(8 * Self.small.count) {
            var octets = Self.small
            octets[bit / 8] ^= 1 << (bit % 8)
            #expect(Self.refusal(octets) != nil, "bit \(bit)")
        }
    }

    @Test("A flipped bit with the right checksum gives an error or a value that can be saved")
    func flippedBitsWithTheirChecksum() {
        for bit in (8 * SavedStateCodec.headerSize)..<(8 * Self.small.count) {
            var octets = Self.small
            octets[bit / 8] ^= 1 << (bit % 8)
            checkSealed(octets)
        }
    }

    @Test("So do octets of any other value, and two of them at once")
    func otherOctets() {
        var random = SeededRandom(seed: TestRun.seed)
        for _ in 0..<(TestRun.isThorough ? 500_000 : 5000) {
            var octets = Self.small
            for _ in 0..<2 {
                let place = Int.random(
                    in: SavedStateCodec.headerSize..<octets.count, using: &random)
                octets[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            }
            checkSealed(octets)
        }
    }

    private func checkSealed(_ damaged: [UInt8]) {
        var octets = damaged
        SavedStateCodec.seal(&octets)
        guard let feed = try? Self.decode(octets) else { return }
        for service in feed.services {
            #expect(service.endpoints.allSatisfy { !$0.addresses.isEmpty })
        }
        // Only lists in another order, or that nobody uses, are written otherwise.
        let again = try? Self.decode(SavedStateCodec.encode(feed))
        #expect(again?.services == feed.services)
    }

    @Test("A file that is cut is refused, wherever the cut is, and so is one that goes on")
    func truncations() {
        for length in 0..<Self.small.count {
            var octets = Array(Self.small[..<length])
            #expect(Self.refusal(octets) != nil, "length \(length)")
            guard length >= SavedStateCodec.headerSize else { continue }
            SavedStateCodec.seal(&octets)
            #expect(Self.refusal(octets) != nil, "length \(length), sealed")
        }
        #expect(Self.refusal(Self.small + [0]) == "\(Self.path): its length is wrong")
        var longer = Self.small + [0]
        SavedStateCodec.seal(&longer)
        #expect(
            Self.refusal(longer)
                == "\(Self.path): damaged in spite of its checksum: something follows")
    }

    @Test("A refusal says why")
    func reasons() {
        var newer = Self.small
        newer[8] = 3
        #expect(
            Self.refusal(newer)
                == "\(Self.path): written by a newer version (3, this one reads up to 1)")
        var damaged = Self.small
        damaged[100] ^= 1
        #expect(Self.refusal(damaged) == "\(Self.path): the checksum is wrong")
        #expect(Self.refusal([]) == "\(Self.path): expected the saved state of a feed")
        #expect(
            Self.refusal(Array(repeating: 0, count: 500))
                == "\(Self.path): expected the saved state of a feed")
        var zero = Self.small
        zero[8] = 0
        #expect(Self.refusal(zero) == "\(Self.path): its header is damaged")
    }

    @Test("Counts that no file has room for are refused before anything is made of them")
    func hugeCounts() {
        for place in 0..<10 {
            for value: UInt8 in [0x7F, 0xFF] {
                var octets = Self.small
                for octet in 0..<4 {
                    octets[SavedStateCodec.headerSize + 8 + 4 * place + octet] = value
                }
                SavedStateCodec.seal(&octets)
                #expect(Self.refusal(octets) != nil, "count \(place)")
            }
        }
    }
}
