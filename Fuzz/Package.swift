// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import PackageDescription

// The fuzzers, apart from the product: `scripts/fuzz` builds and runs them. The rooms are seen
// through the symbolic link `Room` and compiled here for libFuzzer and AddressSanitizer.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Room/\(path ?? name)", exclude: exclude,
        swiftSettings: strict)
}

func platform(_ name: String, _ dependencies: [Target.Dependency] = [], folder: String? = nil)
    -> Target
{
    room(name, dependencies, path: "Platform/\(folder ?? name)")
}

/// A fuzzer is named `fuzz-TARGET`.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency], path: String) -> Target {
    .executableTarget(
        name: "fuzz-\(name)", dependencies: ["Fuzzing"] + dependencies, path: path,
        swiftSettings: strict)
}

let package = Package(
    name: "Fuzz",
    targets: [
        .target(name: "CLinux", path: "Room/CLibraries/CLinux"),
        .systemLibrary(
            name: "CCurl", path: "Room/CLibraries/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Room/CLibraries/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Room/CLibraries/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
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
        room("DNSWire"),
        room(
            "ServiceCatalog",
            [
                "CLinux", "ChildProcess", "EventLoop", "FileWatch", "HTTPClient", "JSON", "Log",
                "YAML",
            ]),
        room("Corefile", ["Suggestion"], path: "FabDNS/Corefile"),
        room("NameGrammar", path: "FabDNS/NameGrammar"),
        room(
            "FabDNS",
            [
                "CLinux", "CommandLineOptions", "Corefile", "DNSWire", "Digest", "EventLoop",
                "FileWatch",
                "HTTP", "JSON", "Log", "NameGrammar", "ServiceCatalog", "TLS", "Terminal",
                "Transport",
            ],
            exclude: ["Corefile", "NameGrammar"]),

        .systemLibrary(name: "CFuzzer", path: "CFuzzer"),
        .target(
            name: "Fuzzing", dependencies: ["CFuzzer"], path: "Fuzzing", swiftSettings: strict),
        fuzzer("message", ["DNSWire"], path: "Message"),
        fuzzer("name", ["DNSWire"], path: "Name"),
        fuzzer("presentation", ["DNSWire"], path: "Presentation"),
        fuzzer("corefile", ["Corefile", "DNSWire"], path: "Corefile"),
        fuzzer("http", ["HTTP"], path: "HTTP"),
        fuzzer("catalog-json", ["ServiceCatalog"], path: "CatalogJSON"),
        fuzzer("catalog-yaml", ["ServiceCatalog"], path: "CatalogYAML"),
        fuzzer("kubeconfig", ["ServiceCatalog"], path: "Kubeconfig"),
        fuzzer("kubernetes", ["JSON", "ServiceCatalog"], path: "Kubernetes"),
        fuzzer("saved-state", ["ServiceCatalog"], path: "SavedState"),
        fuzzer(
            "query",
            ["DNSWire", "EventLoop", "FabDNS", "Log", "ServiceCatalog"], path: "Query"),
    ]
)
