// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing
import YAML

@Suite("YAML")
struct YAMLTests {
    /// The events of a stream, one character or word each, and the error that ended it.
    private static func events(_ text: String) -> String {
        var words: [String] = []
        do throws(YAMLError) {
            var reader = try YAMLReader(Array(text.utf8))
            while true {
                switch try reader.next().content {
                case .documentStart: words.append("(")
                case .documentEnd: words.append(")")
                case .mappingStart: words.append("{")
                case .mappingEnd: words.append("}")
                case .sequenceStart: words.append("[")
                case .sequenceEnd: words.append("]")
                case .scalar(let value, let isPlain):
                    let text = String(decoding: value, as: UTF8.self)
                    words.append(isPlain ? text : "'\(text)'")
                case .streamEnd: return words.joined(separator: " ")
                }
            }
        } catch {
            return "\(error.line):\(error.column): \(error.problem)"
        }
    }

    @Test(
        "A stream is read as its events, its neighbour is refused where it is bad",
        arguments: [
            ("", ""),
            ("a: 1", "( { a 1 } )"),
            ("a: 1\na: 2", "2:1: expected this field once"),
            ("a: {b: 1}\nb: {b: 2}", "( { a { b 1 } b { b 2 } } )"),
            ("- a\n- 'b'\n- \"c\"", "( [ a 'b' 'c' ] )"),
            ("- a\n b", "( [ a b ] )"),
            ("a: [1", "2:1: did not find expected ',' or ']'"),
            ("a: |\n  x\n  y\n", "( { a 'x\ny\n' } )"),
            ("--- 1\n--- 2\n", "( 1 ) ( 2 )"),
            ("a: !!str 1", "( { a '1' } )"),
            ("a: !!int 1", "1:4: expected no tag but !!str"),
            ("a: !!map {}", "1:4: expected no tag but !!str"),
            ("a: &x 1\nb: *x", "( { a 1 b 1 } )"),
            ("a: *x", "1:4: expected an anchor before its alias"),
            ("--- &x 1\n--- *x\n", "2:5: expected an anchor before its alias"),
            ("a: &x [*x]", "1:8: expected an anchor before its alias"),
            ("a: &x {b: 1}\n<<: *x", "2:1: expected no merge key"),
            ("'<<': 1", "( { '<<' 1 } )"),
            ("? [a]\n: 1", "1:3: expected the name of a field"),
            ("\tb: 1", "1:1: found character that cannot start any token"),
        ])
    func streams(text: String, expected: String) {
        #expect(Self.events(text) == expected)
    }

    @Test("Levels have a bound")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        let most = YAMLReader.maximumDepth
        #expect(Self.events(nested(most)).hasPrefix("( [ ["))
        #expect(Self.events(nested(most + 1)) == "1:65: expected at most 64 levels")
    }

    @Test("Aliases of aliases end at their bound, not at the memory's")
    func laughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for number in 1...9 {
            let aliases = [String](repeating: "*a\(number - 1)", count: 10)
            text += "a\(number): &a\(number) [\(aliases.joined(separator: ", "))]\n"
        }
        #expect(Self.events(text).contains(": expected at most 10000 values under anchors"))
        let many = [String](repeating: "*a", count: 60_000).joined(separator: ",")
        #expect(
            Self.events("- &a [x, x]\n- [\(many)]")
                .hasSuffix(": expected aliases to repeat at most 100000 values"))
    }

    @Test("Between two values there is a bound")
    func gap() {
        let short = String(repeating: "x", count: YAMLReader.maximumGap / 2)
        #expect(Self.events("- \(short)\n- \(short)").hasPrefix("( [ x"))
        let long = String(repeating: "x", count: 2 * YAMLReader.maximumGap)
        for text in ["a: \(long)", "# \(long)\na: 1", "a: '\(long)'"] {
            #expect(Self.events(text).hasSuffix(": expected at most 512 KiB between two values"))
        }
    }
}
