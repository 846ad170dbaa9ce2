// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Times of RFC 3339")
struct RFC3339Tests {
    @Test(
        "A time is a number of seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2024-02-29T12:30:45Z", 1_709_209_845),
            ("2026-01-31T23:59:59.5Z", 1_769_903_999.5),
            ("2026-01-31t23:59:59z", 1_769_903_999),
            ("2026-02-01T00:59:59+01:00", 1_769_903_999),
            ("2026-01-31T18:29:59-05:30", 1_769_903_999),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("2017-01-01T00:59:60+01:00", 1_483_228_800),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("0000-03-01T00:00:00Z", -62_162_035_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1970-01-01T00:00:00.123456789Z", 0.123456789),
        ])
    func accepted(_ text: String, _ seconds: Double) throws {
        let found = try #require(RFC3339.seconds(text.utf8))
        #expect(abs(found - seconds) < 1e-6)
    }

    @Test(
        "What is nearly a time is none",
        arguments: [
            "", "Z", "2026", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31 23:59:59Z",
            "2026-01-31T23:59Z", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59,5Z",
            "2026-1-31T23:59:59Z", "26-01-31T23:59:59Z", "02026-01-31T23:59:59Z",
            "2026-00-31T23:59:59Z", "2026-13-31T23:59:59Z", "2026-01-00T23:59:59Z",
            "2026-01-32T23:59:59Z", "2026-04-31T23:59:59Z", "2026-02-29T23:59:59Z",
            "1900-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z",
            "2026-01-31T23:59:61Z", "2026-01-31T23:58:60Z", "2026-01-31T23:59:60+01:00",
            "2026-01-31T23:59:59+1:00", "2026-01-31T23:59:59+0100", "2026-01-31T23:59:59+24:00",
            "2026-01-31T23:59:59+01:60", "2026-01-31T23:59:59ZZ", " 2026-01-31T23:59:59Z",
            "-026-01-31T23:59:59Z", "2026-01-31T23:59:59.-5Z", "٢026-01-31T23:59:59Z",
            "2026-01-31T23:59:59.\(String(repeating: "0", count: 60))Z",
        ])
    func refused(_ text: String) {
        #expect(RFC3339.seconds(text.utf8) == nil)
    }

    @Test("Days follow each other, through leap years of every kind")
    func days() throws {
        var expected = -2_303_596_800.0
        for year in 1897...2104 {
            for month in 1...12 {
                for day in 1...31 {
                    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
                    let text = "\(year)-\(two(month))-\(two(day))T00:00:00Z"
                    guard let seconds = RFC3339.seconds(text.utf8) else { continue }
                    try #require(seconds == expected)
                    expected += 86_400
                }
            }
        }
    }
}
