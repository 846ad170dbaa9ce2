// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import TestSupport

@testable import ServiceCatalog

@Suite("Times of RFC 3339 as we write them")
struct RFC3339TextTests {
    @Test(
        "A time is written in UTC with whole seconds",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_209_845, "2024-02-29T12:30:45Z"), (1_769_903_999, "2026-01-31T23:59:59Z"),
            (1_769_903_999.5, "2026-01-31T23:59:59Z"), (1_769_903_999.999, "2026-01-31T23:59:59Z"),
            (-2_203_891_200, "1900-03-01T00:00:00Z"), (-2_203_891_201, "1900-02-28T23:59:59Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"), (-62_162_035_200, "0000-03-01T00:00:00Z"),
            (-62_162_035_201, "0000-02-29T23:59:59Z"), (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ])
    func texts(_ seconds: Double, _ text: String) { #expect(RFC3339.text(seconds) == text) }

    @Test(
        "Times outside of the years 0 to 9999 are the nearest there",
        arguments: [
            (-62_167_219_201, "0000-01-01T00:00:00Z"), (-1e300, "0000-01-01T00:00:00Z"),
            (-.infinity, "0000-01-01T00:00:00Z"), (253_402_300_800, "9999-12-31T23:59:59Z"),
            (1e300, "9999-12-31T23:59:59Z"), (.infinity, "9999-12-31T23:59:59Z"),
            (.greatestFiniteMagnitude, "9999-12-31T23:59:59Z"),
        ])
    func bounds(_ seconds: Double, _ text: String) { #expect(RFC3339.text(seconds) == text) }

    @Test("What is written is read as the same time, on the edges of every day of 400 years")
    func everyDay() throws {
        // A whole period of the calendar, with leap years of every kind.
        for day in -25_567..<146_097 - 25_567 {
            for second in [0, 86_399] {
                let seconds = Double(day * 86_400 + second)
                try #require(RFC3339.seconds(RFC3339.text(seconds).utf8) == seconds)
            }
        }
    }

    @Test("What is written is read as the same time, anywhere in ten thousand years")
    func anywhere() throws {
        var random = SeededRandom(seed: TestRun.seed)
        var last = -Double.infinity
        var lastText = ""
        let times = (0..<20_000).map { _ in
            Double(Int.random(in: -62_167_219_200...253_402_300_799, using: &random))
        }
        for seconds in times.sorted() {
            let text = RFC3339.text(seconds)
            try #require(text.utf8.count == 20)
            try #require(RFC3339.seconds(text.utf8) == seconds)
            // The order of the texts is that of the times.
            try #require(last == seconds || lastText < text)
            (last, lastText) = (seconds, text)
        }
    }

    @Test("Hours, minutes and seconds have two digits each")
    func everySecond() throws {
        for second in 0..<86_400 {
            let text = RFC3339.text(Double(1_769_817_600 + second))
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            try #require(
                text
                    == "2026-01-31T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
            )
        }
    }
}
