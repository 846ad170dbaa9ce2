// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Objects of the Kubernetes API: what is refused, and what is known of it all the same")
struct ObjectFaultTests {
    /// `path: problem`; nil where the object is read.
    static func fault(_ text: String, as kind: APIResource.Kind) -> String? {
        var decoder = ObjectDecoder()
        do throws(CatalogFault) {
            _ = try decoder.decode(Array(text.utf8), as: kind)
            return nil
        } catch {
            return "\(error.path): \(error.problem)"
        }
    }

    static let metadata = #""metadata":{"name":"a","namespace":"b","resourceVersion":"7"}"#

    @Test(
        "A Service with a wrong value is refused with its place",
        arguments: [
            ("[]", "spec: expected an object, found a list"),
            (#"{"type":1}"#, "spec.type: expected a type, found 1"),
            (#"{"clusterIP":7}"#, "spec.clusterIP: expected an address, found 7"),
            (#"{"clusterIP":"none"}"#, "spec.clusterIPs: expected an address, found \"none\""),
            (
                #"{"clusterIPs":"10.0.0.1"}"#,
                "spec.clusterIPs: expected addresses, found \"10.0.0.1\""
            ),
            (
                #"{"clusterIPs":["10.0.0.1","10.0.0"]}"#,
                "spec.clusterIPs: expected an address, found \"10.0.0\""
            ),
            (
                #"{"clusterIPs":["10.0.0.1","None"]}"#,
                "spec.clusterIPs: expected an address, found \"None\""
            ),
            (
                #"{"clusterIPs":["10.0.0.1",null]}"#,
                "spec.clusterIPs[1]: expected an address, found null"
            ),
            (#"{"ports":{}}"#, "spec.ports: expected ports, found an object"),
            (
                #"{"ports":[{}]}"#,
                "spec.ports[0].port: expected a port number from 1 to 65535, found none"
            ),
            (
                #"{"ports":[{"port":65536}]}"#,
                "spec.ports[0].port: expected a port number from 1 to 65535, found 65536"
            ),
            (
                #"{"ports":[{"port":1},{"port":0}]}"#,
                "spec.ports[1].port: expected a port number from 1 to 65535, found 0"
            ),
            (
                #"{"ports":[{"port":1,"protocol":"tcp"}]}"#,
                "spec.ports[0].protocol: expected TCP, UDP or SCTP, found \"tcp\""
            ),
            (
                #"{"ports":[{"port":1,"name":"A"}]}"#,
                "spec.ports[0].name: expected a port's name (RFC 1123 label in lower case), found \"A\""
            ),
            (
                #"{"publishNotReadyAddresses":"true"}"#,
                "spec.publishNotReadyAddresses: expected true or false, found \"true\""
            ),
            (#"{"type":"ClusterIP","type":"ClusterIP"}"#, "spec.type: expected this field once"),
        ])
    func services(_ spec: String, _ expected: String) {
        #expect(Self.fault(#"{\#(Self.metadata),"spec":\#(spec)}"#, as: .services) == expected)
    }

    @Test(
        "A name that DNS cannot ask for, or none, is refused in a Service",
        arguments: [
            (#"{"name":"a","namespace":"b"}"#, nil), (#"{"name":"0a","namespace":"0"}"#, nil),
            (#"{"name":"a"}"#, "metadata.name: expected RFC 1123 labels"),
            (#"{"namespace":"b"}"#, "metadata.name: expected RFC 1123 labels"),
            (#"{"name":"a.b","namespace":"b"}"#, "metadata.name: expected RFC 1123 labels"),
            (#"{"name":"A","namespace":"b"}"#, "metadata.name: expected RFC 1123 labels"),
            (#"{"name":"a","namespace":"b.c"}"#, "metadata.name: expected RFC 1123 labels"),
            (
                #"{"name":"","namespace":"b"}"#,
                "metadata.name: expected a name of at most 253 octets, found \"\""
            ),
            (#"{"name":7}"#, "metadata.name: expected a name of at most 253 octets, found 7"),
            ("null", "metadata.name: expected RFC 1123 labels"),
            ("[]", "metadata: expected an object, found a list"),
        ] as [(String, String?)])
    func names(_ metadata: String, _ expected: String?) {
        #expect(Self.fault(#"{"metadata":\#(metadata)}"#, as: .services) == expected)
    }

    @Test("Names, namespaces, versions and labels have a greatest length")
    func lengths() {
        func fault(_ field: String, _ count: Int) -> String? {
            let text = String(repeating: "a", count: count)
            let name = field == "name" ? "" : #""name":"n","#
            return Self.fault(#"{"metadata":{\#(name)"\#(field)":"\#(text)"}}"#, as: .nodes)
        }
        #expect(fault("name", 253) == nil)
        #expect(fault("name", 254)?.contains("a name of at most 253 octets") == true)
        #expect(fault("namespace", 63) == nil)
        #expect(fault("namespace", 64)?.contains("a namespace of at most 63 octets") == true)
        #expect(fault("resourceVersion", 64) == nil)
        #expect(fault("resourceVersion", 65)?.contains("a resourceVersion of at most 64") == true)
        for label in WatchedLabel.all + ["other"] {
            for (count, isRead) in [(63, true), (64, label == "other")] {
                let value = String(repeating: "a", count: count)
                let text = #"{"metadata":{"name":"n","labels":{"\#(label)":"\#(value)"}}}"#
                #expect((Self.fault(text, as: .nodes) == nil) == isRead)
            }
        }
    }

    @Test(
        "An EndpointSlice with a wrong value is refused with its place",
        arguments: [
            (#""endpoints":{}"#, "endpoints: expected a list of endpoints, found an object"),
            (#""endpoints":[null]"#, "endpoints[0]: expected an object, found null"),
            (
                #""endpoints":[{"addresses":"10.0.0.1"}]"#,
                "endpoints[0].addresses: expected a list of addresses, found \"10.0.0.1\""
            ),
            (
                #""endpoints":[{"addresses":[7]}]"#,
                "endpoints[0].addresses[0]: expected an address, found 7"
            ),
            (
                #""addressType":"IPv4","endpoints":[{"addresses":["a.example"]}]"#,
                "endpoints: expected IPv4 or IPv6 addresses"
            ),
            (
                #""endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["10.0.0.256"]}]"#,
                "endpoints: expected IPv4 or IPv6 addresses"
            ),
            (
                #""endpoints":[{"addresses":["::"]}],"addressType":7"#,
                "addressType: expected an address type, found 7"
            ),
            (
                #""endpoints":[{"addresses":["::"],"hostname":"a.b"}]"#,
                "endpoints[0].hostname: expected a host name (RFC 1123 label in lower case), found \"a.b\""
            ),
            (
                #""endpoints":[{"addresses":["::"],"conditions":{"ready":"true"}}]"#,
                "endpoints[0].conditions.ready: expected true or false, found \"true\""
            ),
            (
                #""endpoints":[{"addresses":["::"],"zone":7}]"#,
                "endpoints[0].zone: expected a zone of at most 63 octets, found 7"
            ),
            (
                #""endpoints":[{"addresses":["::"],"targetRef":[]}]"#,
                "endpoints[0].targetRef: expected an object, found a list"
            ),
        ])
    func slices(_ fields: String, _ expected: String) {
        #expect(Self.fault(#"{\#(Self.metadata),\#(fields)}"#, as: .endpointSlices) == expected)
    }

    @Test(
        "More than 100 addresses in one list are refused",
        arguments: [
            (.services, #""spec":{"clusterIPs":[@]}"#, "spec.clusterIPs"),
            (.serviceImports, #""spec":{"ips":[@]}"#, "spec.ips"),
            (.endpointSlices, #""endpoints":[{"addresses":[@]}]"#, "endpoints[0].addresses"),
        ] as [(APIResource.Kind, String, String)])
    func manyAddresses(_ kind: APIResource.Kind, _ fields: String, _ path: String) {
        func fault(_ count: Int) -> String? {
            let list = Array(repeating: #""10.0.0.1""#, count: count).joined(separator: ",")
            return Self.fault(
                "{\(Self.metadata),\(fields.replacing("@", with: list))}", as: kind)
        }
        #expect(fault(100) == nil)
        #expect(fault(101) == "\(path)[100]: expected at most 100 addresses")
    }

    @Test(
        "A GlobalService that a catalog file may not have is refused in the same words",
        arguments: [
            (
                #"{"kind":"Service",\#(metadata)}"#,
                "kind: expected GlobalService, found \"Service\""
            ),
            (#"{"metadata":{"name":"a"}}"#, "metadata: expected a namespace"),
            (
                #"{"metadata":{"name":"0a","namespace":"b"}}"#,
                "metadata.name: expected a Service's name (RFC 1035 label in lower case), found \"0a\""
            ),
            (
                #"{\#(metadata),"spec":{"type":"NodePort"}}"#,
                "spec.type: expected ClusterIP or Headless, found \"NodePort\""
            ),
            (
                #"{\#(metadata),"spec":{"endpoints":[{"addresses":[]}]}}"#,
                "spec.endpoints[0].addresses: expected at least one address"
            ),
            (
                #"{\#(metadata),"items":[]}"#,
                "items: expected a GlobalService, not a list, found a list"
            ),
        ])
    func globalServices(_ text: String, _ expected: String) {
        #expect(Self.fault(text, as: .globalServices) == expected)
    }

    @Test("What was read of a bad GlobalService is not in the next one")
    func afterFault() throws {
        var decoder = ObjectDecoder()
        let bad = #"""
            {\#(Self.metadata),"spec":{"endpoints":[{"addresses":["10.0.0.9"],"cluster":"x"},
            {"addresses":["nowhere"]}]}}
            """#
        #expect(throws: CatalogFault.self) {
            _ = try decoder.decode(Array(bad.utf8), as: .globalServices)
        }
        let object = try decoder.decode(
            Array(CatalogDecodingTests.item.utf8), as: .globalServices)
        #expect(object == .globalService(CatalogDecodingTests.service))
    }

    @Test(
        "Of an object that cannot be read the name is known once it has come",
        arguments: [
            (.services, #"{\#(metadata),"spec":{"ports":7}}"#),
            (.services, #"{\#(metadata),"spec":{"clusterIP":"x"}}"#),
            (.services, #"{\#(metadata),"spec":{"#), (.services, "{\(metadata),"),
            (.endpointSlices, #"{\#(metadata),"endpoints":[{"addresses":["x"]}]}"#),
            (.nodes, #"{\#(metadata),"spec":[]}"#),
            (.globalServices, #"{\#(metadata),"spec":{"type":"x"}}"#),
            (.globalServices, #"{"kind":"Service",\#(metadata)}"#),
            (.globalServices, #"{\#(metadata),"spec":{"#),
        ] as [(APIResource.Kind, String)])
    func namesOfBadObjects(_ kind: APIResource.Kind, _ text: String) {
        var decoder = ObjectDecoder()
        #expect(throws: CatalogFault.self) { _ = try decoder.decode(Array(text.utf8), as: kind) }
        #expect(decoder.metadata.objectName == ObjectName(namespace: "b", name: "a"))
        #expect(decoder.metadata.resourceVersion == "7")
    }

    @Test(
        "What is no object has no name, not even that of the one before",
        arguments: ["", "null", "[]", "{", "7", #"{"spec":{"ports":7},\#(metadata)}"#])
    func nameless(_ text: String) throws {
        var decoder = ObjectDecoder()
        _ = try decoder.decode(Array("{\(Self.metadata)}".utf8), as: .services)
        #expect(decoder.metadata.name == "a")
        #expect(throws: CatalogFault.self) {
            _ = try decoder.decode(Array(text.utf8), as: .services)
        }
        #expect(decoder.metadata == ObjectMetadata())
    }

    /// The same text with one letter of a field's name changed; its length stays.
    static let nearNames: [String] = [
        "name", "namespace", "resourceVersion", "creationTimestamp", "labels", "annotations",
    ].flatMap { name in
        [0, name.utf8.count / 2, name.utf8.count - 1].map { place in
            var octets = Array(name.utf8)
            octets[place] =
                octets[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            return String(decoding: octets, as: UTF8.self)
        }
    }

    @Test("A field whose name only has the length of a known one is none", arguments: nearNames)
    func strangers(_ name: String) throws {
        var decoder = ObjectDecoder()
        for value in ["7", "[]", #"{"a":"b"}"#, #""z""#] {
            let metadata = try decoder.metadata(
                of: Array(#"{"metadata":{"\#(name)":\#(value)}}"#.utf8))
            #expect(metadata == ObjectMetadata())
        }
    }

    @Test("The same holds for fields of a spec and for those of an endpoint")
    func strangersInside() throws {
        let service = try ObjectDecoderTests.service(
            #"""
            {"typf":7,"clusterIQ":7,"clusterIPz":7,"portz":7,"publishNotReadyAddressez":7,
            "publishNotReadyAddresses2":7,"ublishNotReadyAddresses":7,"Type":7,"":7,
            "ports":[{"port":1,"protocok":7,"appProtocom":7,"nama":7}]}
            """#)
        #expect(service.ports == [ServicePort(name: nil, number: 1)])
        #expect(service.exposure == .clusterIP)
        let slice = try ObjectDecoderTests.slice(
            #"""
            "addressTypf":7,"endpointz":7,"endpoints":[{"addresses":["10.0.0.1"],"conditionz":7,
            "hostnama":7,"nodeNama":7,"zona":7,"targetRex":7,"conditions":{"readz":7,"servinx":7,
            "terminatinx":7}}]
            """#)
        #expect(slice.endpoints.map(\.conditions) == [.ready])
        let node = try ObjectDecoderTests.node(
            #"{"metadata":{"name":"n"},"spec":{"podCIDX":7,"podCIDRx":7},"stat":7,"spex":7}"#)
        #expect(node == NodeObject(name: "n", zone: nil, region: nil, podCIDRs: []))
    }

    @Test("A known field that comes twice is refused; an unknown one is not")
    func twice() {
        #expect(
            Self.fault("{\(Self.metadata),\(Self.metadata)}", as: .services)
                == "metadata: expected this field once")
        #expect(Self.fault(#"{\#(Self.metadata),"x":1,"x":2}"#, as: .services) == nil)
    }

    @Test("A flood of distinct texts is not kept, and each stays what it is")
    func sharedTexts() {
        var texts = SharedTexts()
        for number in 0..<25_000 {
            let text = Array("text-\(number)".utf8)
            #expect(texts.text(text[...]).utf8.elementsEqual(text))
        }
        #expect(texts.text([]) == "")
    }
}
