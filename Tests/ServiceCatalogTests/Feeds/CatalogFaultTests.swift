// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Catalog files: what is refused, and where")
struct CatalogFaultTests {
    /// `line:column: path: problem` as the file's error says it; nil where the text is a catalog.
    static func fault(_ text: String) -> String? {
        do {
            _ = try CatalogFile.decode(Array(text.utf8))
            return nil
        } catch {
            return CatalogFileError.invalid(
                path: "c", line: error.line, column: error.column, place: error.path,
                problem: error.problem
            ).description
        }
    }

    @Test("An error says file, line, column, path, what was expected and what was found")
    func wholeMessage() {
        let yaml = """
            apiVersion: v1
            kind: List
            items:
            - metadata: {name: a, namespace: b}
            - metadata: {name: c, namespace: b}
              spec:
                ports:
                - name: web
                  port: http
            """
        #expect(
            Self.fault(yaml)
                == "c:9:13: items[1].spec.ports[0].port: expected a port number from 1 to "
                + "65535, found \"http\""
        )
        #expect(
            Self.fault("[\n{\"metadata\":{\"name\":\"é\",\"namespace\":7}}]")
                == "c:2:21: [0].metadata.name: expected a Service's name (RFC 1035 label in "
                + "lower case), found \"é\""
        )
    }

    @Test(
        "A value of a wrong type or range is refused with what was expected and found",
        arguments: [
            (
                "{\"type\":\"NodePort\"}",
                "spec.type: expected ClusterIP or Headless, found \"NodePort\""
            ),
            ("{\"type\":1}", "spec.type: expected ClusterIP or Headless, found 1"),
            ("[]", "spec: expected an object, found a list"),
            ("\"x\"", "spec: expected an object, found \"x\""),
            ("{\"ports\":{}}", "spec.ports: expected a list of ports, found an object"),
            ("{\"ports\":[null]}", "spec.ports[0]: expected an object, found null"),
            (
                "{\"ports\":[{}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found none"
            ),
            (
                "{\"ports\":[{\"port\":0}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found 0"
            ),
            (
                "{\"ports\":[{\"port\":65536}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found 65536"
            ),
            (
                "{\"ports\":[{\"port\":-1}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found -1"
            ),
            (
                "{\"ports\":[{\"port\":1.5}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found 1.5"
            ),
            (
                "{\"ports\":[{\"port\":1e2}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found 1e2"
            ),
            (
                "{\"ports\":[{\"port\":99999999999999999999}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found "
                    + "99999999999999999999"
            ),
            (
                "{\"ports\":[{\"port\":\"80\"}]}",
                "spec.ports[0].port: expected a port number from 1 to 65535, found \"80\""
            ),
            (
                "{\"ports\":[{\"port\":1,\"port\":2}]}",
                "spec.ports[0].port: expected this field once"
            ),
            (
                "{\"ports\":[{\"port\":1,\"protocol\":\"tcp\"}]}",
                "spec.ports[0].protocol: expected TCP, UDP or SCTP, found \"tcp\""
            ),
            (
                "{\"ports\":[{\"port\":1,\"name\":\"Web\"}]}",
                "spec.ports[0].name: expected a port's name (RFC 1123 label in lower case), "
                    + "found \"Web\""
            ),
            ("{\"endpoints\":[{}]}", "spec.endpoints[0].addresses: expected at least one address"),
            (
                "{\"endpoints\":[{\"addresses\":[]}]}",
                "spec.endpoints[0].addresses: expected at least one address"
            ),
            (
                "{\"endpoints\":[{\"addresses\":\"10.0.0.1\"}]}",
                "spec.endpoints[0].addresses: expected a list of addresses, found \"10.0.0.1\""
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\",\"10.0.0.256\"]}]}",
                "spec.endpoints[0].addresses[1]: expected an IPv4 or IPv6 address, found "
                    + "\"10.0.0.256\""
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"hostname\":\"a.b\"}]}",
                "spec.endpoints[0].hostname: expected a host name (RFC 1123 label in lower "
                    + "case), found \"a.b\""
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"cluster\":\"a..b\"}]}",
                "spec.endpoints[0].cluster: expected a cluster's name (RFC 1123 subdomain in "
                    + "lower case), found \"a..b\""
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"nodeName\":\"a_b\"}]}",
                "spec.endpoints[0].nodeName: expected a Node's name (RFC 1123 subdomain in "
                    + "lower case), found \"a_b\""
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"zone\":7}]}",
                "spec.endpoints[0].zone: expected a zone of at most 63 octets, found 7"
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"targetRef\":[]}]}",
                "spec.endpoints[0].targetRef: expected an object, found a list"
            ),
            (
                "{\"endpoints\":[{\"addresses\":[\"::1\"],\"conditions\":{\"ready\":\"true\"}}]}",
                "spec.endpoints[0].conditions.ready: expected true or false, found \"true\""
            ),
        ])
    func wrongValues(spec: String, expected: String) throws {
        let text = "[{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\"},\"spec\":\(spec)}]"
        let fault = try #require(Self.fault(text))
        #expect(fault.hasSuffix(": [0].\(expected)"), "\(fault)")
        // YAML takes a number for text where text belongs, and names the second of two equal fields
        // itself.
        guard !expected.hasSuffix("once"), !spec.hasSuffix(":1}"), !spec.contains(":7") else {
            return
        }
        let yaml = try #require(Self.fault("# the same as YAML\n\(text)"))
        #expect(yaml.hasSuffix(": [0].\(expected)"), "\(yaml)")
    }

    @Test(
        "An object of another kind or version, or half of one, is refused",
        arguments: [
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"Service\"}",
                "c:1:27: kind: expected GlobalService, List or GlobalServiceList, found \"Service\""
            ),
            (
                "{\"kind\":\"GlobalService\",\"apiVersion\":\"dns.fabedge.io/v1\"}",
                "c:1:38: apiVersion: expected dns.fabedge.io/v1alpha1, found \"dns.fabedge.io/v1\""
            ),
            ("{\"kind\":\"GlobalService\"}", "c:1:1: expected apiVersion dns.fabedge.io/v1alpha1"),
            ("{\"kind\":\"List\",\"items\":[]}", "c:1:1: expected apiVersion v1"),
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"List\"}",
                "c:1:1: expected items and no spec in a List"
            ),
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":null}",
                "c:1:1: expected items and no spec in a List"
            ),
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}}",
                "c:1:42: items: expected a list of GlobalServices, found an object"
            ),
            ("{}", "c:1:1: expected a kind: GlobalService, List or GlobalServiceList"),
            ("[7]", "c:1:2: [0]: expected an object, found 7"),
            ("[{\"kind\":\"List\"}]", "c:1:10: [0].kind: expected GlobalService, found \"List\""),
            (
                "[{\"items\":[]}]",
                "c:1:11: [0].items: expected a GlobalService, not a list, found a list"
            ),
            ("[{}]", "c:1:2: [0].metadata: expected a name"),
            ("[{\"metadata\":{\"name\":\"a\"}}]", "c:1:2: [0].metadata: expected a namespace"),
            (
                "{\"apiVersion\":\"dns.fabedge.io/v1alpha1\",\"kind\":\"GlobalService\","
                    + "\"items\":[]}",
                "c:1:1: expected no items in a GlobalService"
            ),
        ])
    func wrongKinds(text: String, expected: String) {
        #expect(Self.fault(text) == expected)
    }

    @Test("A Service that comes twice is refused at its second name")
    func duplicates() {
        let item = "- metadata: {name: a, namespace: b}\n"
        #expect(Self.fault(item + "- metadata: {name: a, namespace: c}\n") == nil)
        #expect(
            Self.fault(item + item)
                == "c:2:20: [1].metadata.name: expected each Service once, found b/a again")
        #expect(Self.fault("\(item)---\n\(item)")?.hasPrefix("c:3:20: ") == true)
    }

    @Test(
        "Text that ends early, or holds nothing, is no empty catalog",
        arguments: [
            ("", "c:1:1: expected a GlobalService or a list, found nothing"),
            (" \n", "c:1:1: expected a GlobalService or a list, found nothing"),
            ("---\n# nothing\n", "c:1:1: expected a GlobalService or a list, found nothing"),
            ("[", "c:1:2: the document ends too early"),
            ("[]]", "c:1:3: expected the end of the document"),
            ("nonsense", "c:1:1: expected an object, found \"nonsense\""),
            ("a: [", "c:2:1: did not find expected node content"),
            ("items: []\nitems: []\n", "c:2:1: expected this field once"),
            ("a: &b c\nd: *e\n", "c:2:4: expected an anchor before its alias"),
        ])
    func malformed(text: String, expected: String) {
        #expect(Self.fault(text) == expected)
    }

    @Test("One object may be 4 MiB long, and no longer", arguments: [true, false])
    func objectSize(isJSON: Bool) {
        func text(_ size: Int) -> String {
            let filler = Array(repeating: String(repeating: "x", count: 1 << 16), count: size >> 16)
            let body = "\"metadata\":{\"name\":\"a\",\"namespace\":\"b\"},\"x\":"
            return (isJSON ? "" : "# YAML\n")
                + "[{\(body)[\"\(filler.joined(separator: "\",\""))\"]}]"
        }
        #expect(Self.fault(text(4 << 20 - 1 << 17)) == nil)
        #expect(Self.fault(text(4 << 20))?.hasSuffix("expected an object of at most 4 MiB") == true)
    }
}
