// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the product, or one of the small targets under Platform: ARCHITECTURE.md says what
/// each may import.
func room(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", exclude: exclude,
        swiftSettings: strict)
}

func platform(_ name: String, _ dependencies: [Target.Dependency] = [], folder: String? = nil)
    -> Target
{
    room(name, dependencies, path: "Sources/Platform/\(folder ?? name)")
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "fabdns",
    products: [
        .executable(name: "fabdns", targets: ["fabdns"]),
        .executable(name: "fabdns-query", targets: ["fabdns-query"]),
    ],
    targets: [
        // C libraries: one module map or one small wrapper each.
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        .systemLibrary(
            name: "CCurl", path: "Sources/CLibraries/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CLDNS", path: "Sources/CLibraries/CLDNS", pkgConfig: "ldns",
            providers: [.apt(["libldns-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/CLibraries/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/CLibraries/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),

        // Platform: what other languages take from a package.
        platform("EventLoop", ["CLinux"]),
        platform("ChildProcess", ["CLinux", "EventLoop"]),
        platform("FileWatch", ["CLinux"]),
        platform("Digest", ["COpenSSL"]),
        platform("TLS", ["COpenSSL"]),
        platform("Transport", ["CLinux", "EventLoop", "TLS"]),
        platform("HTTP", ["EventLoop", "TLS", "Transport"]),
        platform("HTTPClient", ["CCurl", "EventLoop"]),
        platform("JSON"),
        platform("YAML", ["CYAML"]),
        platform("Log"),
        platform("Suggestion"),
        platform("Terminal"),
        platform("CommandLineOptions", ["Suggestion"], folder: "CommandLine"),

        // The rooms.
        room("DNSWire"),
        room(
            "ServiceCatalog",
            [
                "CLinux", "ChildProcess", "EventLoop", "FileWatch", "HTTPClient", "JSON", "Log",
                "YAML",
            ]),
        room("Corefile", ["Suggestion"], path: "Sources/FabDNS/Corefile"),
        room("NameGrammar", path: "Sources/FabDNS/NameGrammar"),
        room(
            "FabDNS",
            [
                "CLinux", "CommandLineOptions", "Corefile", "DNSWire", "Digest", "EventLoop",
                "FileWatch", "HTTP", "JSON", "Log", "NameGrammar", "ServiceCatalog", "TLS",
                "Terminal",
                "Transport",
            ],
            exclude: ["Corefile", "NameGrammar"]),
        // The tool that debugs the server shares neither its codec nor its code of answers.
        room(
            "FabDNSQuery",
            [
                "CLDNS", "CommandLineOptions", "Corefile", "JSON", "NameGrammar",
                "ServiceCatalog", "Suggestion", "TLS", "Terminal",
            ]),
        room("FabEdgeCore", ["ServiceCatalog"]),

        // The programs: main.swift only.
        .executableTarget(
            name: "fabdns", dependencies: ["FabDNS"],
            path: "Sources/Programs/fabdns", swiftSettings: strict),
        .executableTarget(
            name: "fabdns-query", dependencies: ["FabDNSQuery"],
            path: "Sources/Programs/fabdns-query", swiftSettings: strict),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["CLinux", "DNSWire", "ServiceCatalog", "TLS"],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        tests("DNSWireTests", ["CLDNS", "DNSWire", "TestSupport"]),
        tests(
            "PlatformTests",
            [
                "CLinux", "ChildProcess", "CommandLineOptions", "EventLoop", "HTTP", "HTTPClient",
                "JSON", "Log",
                "TLS", "Terminal", "TestSupport", "Transport", "YAML",
            ]),
        tests(
            "ServiceCatalogTests",
            ["ChildProcess", "EventLoop", "JSON", "ServiceCatalog", "TestSupport", "YAML"]),
        tests("KubernetesTests", ["DNSWire", "Log", "ServiceCatalog", "TestSupport", "fabdns"]),
        tests("CorefileTests", ["Corefile", "TestSupport"]),
        tests(
            "FabDNSTests",
            [
                "Corefile", "DNSWire", "EventLoop", "FabDNS", "FabDNSQuery", "Log", "NameGrammar",
                "ServiceCatalog", "TestSupport",
            ]),
        tests(
            "FabDNSQueryTests",
            ["Corefile", "FabDNSQuery", "ServiceCatalog", "TestSupport", "Terminal"]),
        tests("FabEdgeCoreTests", ["FabEdgeCore"]),
        tests("ConformanceTests", ["DNSWire", "JSON", "TestSupport", "fabdns", "fabdns-query"]),
        tests("Tidy", ["TestSupport"]),
    ]
)
