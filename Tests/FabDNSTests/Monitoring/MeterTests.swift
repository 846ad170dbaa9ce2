// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import FabDNS

@Suite("Meters")
struct MeterTests {
    private func query(
        type: UInt16 = 1, _ transport: QueryTransport = .udp, _ family: AskerFamily = .v4,
        size: Int = 40, code: UInt8 = 0, tier: UInt8? = nil, nanoseconds: UInt64 = 1
    ) -> CountedQuery {
        CountedQuery(
            transport: transport, family: family, type: type, wantsDNSSEC: false,
            requestLength: size, replyLength: size, code: code, tier: tier,
            nanoseconds: nanoseconds)
    }

    private func meter(_ query: CountedQuery) -> Meter {
        var meter = Meter()
        meter.count(query)
        return meter
    }

    @Test(
        "A duration is in the first bucket whose bound it does not exceed",
        arguments: [
            (0, 0), (250_000, 0), (250_001, 1), (500_000, 1), (500_001, 2), (1_000_000, 2),
            (8_192_000_000, 15), (8_192_000_001, 16), (UInt64.max, 16),
        ] as [(UInt64, Int)])
    func durations(_ nanoseconds: UInt64, _ bucket: Int) {
        let meter = meter(query(nanoseconds: nanoseconds))
        #expect((0...16).filter { meter.durations(bucket: $0) == 1 } == [bucket])
        if bucket < 16 { #expect(nanoseconds <= Meter.durationBounds[bucket]) }
        if bucket > 0 { #expect(nanoseconds > Meter.durationBounds[bucket - 1]) }
    }

    @Test("A size is in the first bucket whose bound it does not exceed, by transport")
    func sizes() {
        for octets in 0...65_535 where octets < 1100 || octets % 97 == 0 {
            let expected =
                Meter.sizeBounds.firstIndex { octets <= $0 } ?? Meter.sizeBounds.count
            let meter = meter(query(.tcp, size: octets))
            #expect(meter.requestSizes(.tcp, bucket: expected) == 1)
            #expect(meter.replySizes(.tcp, bucket: expected) == 1)
            #expect(meter.requestSizes(.udp, bucket: expected) == 0)
            #expect(meter.replyOctets(.tcp) == UInt64(octets))
        }
    }

    @Test(
        "Types and codes that are not told apart are other ones",
        arguments: [
            (1, 0, "A", "NOERROR"), (28, 3, "AAAA", "NXDOMAIN"), (33, 5, "SRV", "REFUSED"),
            (65, 16, "HTTPS", "BADVERS"), (99, 9, "other", "other"), (255, 1, "ANY", "FORMERR"),
            (12, 4, "PTR", "NOTIMP"), (0, 2, "other", "SERVFAIL"),
        ] as [(UInt16, UInt8, String, String)])
    func kinds(_ type: UInt16, _ code: UInt8, _ typeName: String, _ codeName: String) {
        let meter = meter(query(type: type, .tcp, .v6, code: code))
        let types = Meter.types.indices.filter { meter.requests(.tcp, .v6, type: $0) == 1 }
        #expect(types.map { Meter.types[$0] } == [typeName])
        let codes = Meter.codes.indices.filter { meter.replies(code: $0) == 1 }
        #expect(codes.map { Meter.codes[$0] } == [codeName])
    }

    @Test("Answers are counted by tier and by the family of the records")
    func answers() {
        var meter = Meter()
        for (tier, type) in [(0, 1), (0, 28), (4, 28)] as [(UInt8, UInt16)] {
            meter.count(query(type: type, tier: tier))
        }
        #expect(meter.answers(tier: 0, .v4) == 1 && meter.answers(tier: 0, .v6) == 1)
        #expect(meter.answers(tier: 4, .v4) == 0 && meter.answers(tier: 4, .v6) == 1)
        var sum = meter
        sum.add(meter)
        #expect(sum.answers(tier: 4, .v6) == 2 && sum.replies(code: 0) == 6)
    }

    @Test("Memory for more meters keeps what was counted; other numbers count nothing")
    func memory() {
        var meters = Meters()
        defer { meters.deallocate() }
        meters.reserve(1)
        meters.count(query(), meter: 0)
        meters.reserve(3)
        meters.reserve(2)
        meters.count(query(), meter: 3)
        meters.count(query(), meter: MeterBook.none)
        #expect(meters.copy.map { $0.replies(code: 0) } == [1, 0, 0])
    }

    @Test("A meter keeps its number; past the bound all share the last one")
    func book() {
        var book = MeterBook()
        func label(_ number: Int) -> MeterLabels {
            MeterLabels(server: "dns://:53", zone: "\(number).", plugin: "")
        }
        for number in 0..<MeterBook.maximumCount {
            #expect(book.number(of: label(number)) == number)
        }
        #expect(book.number(of: label(7)) == 7)
        #expect(book.number(of: label(-1)) == UInt16(MeterBook.maximumCount - 1))
        #expect(book.labels.count == MeterBook.maximumCount)
    }

    @Test("The exposition escapes label values and writes buckets that add up")
    func exposition() {
        var page = Exposition()
        page.metric("a_total", .counter, "Help.")
        page.sample(UInt64(7))
        page.sample(["zone": "a\\b\"c\nd"], 0.25)
        page.metric("b_seconds", .histogram, "Help.")
        page.histogram(["zone": "x."], bounds: [0.00025, 1], counts: [1, 2, 3], sum: 12)
        #expect(
            page.text == """
                # HELP a_total Help.
                # TYPE a_total counter
                a_total 7
                a_total{zone="a\\\\b\\"c\\nd"} 0.25
                # HELP b_seconds Help.
                # TYPE b_seconds histogram
                b_seconds_bucket{zone="x.",le="0.00025"} 1
                b_seconds_bucket{zone="x.",le="1"} 3
                b_seconds_bucket{zone="x.",le="+Inf"} 6
                b_seconds_sum{zone="x."} 12
                b_seconds_count{zone="x."} 6

                """)
    }
}
