// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import PackageDescription

// The instruments, apart from the product: `make bench`, `make soak` and `make steady-state` build
// and run them.
// The rooms are seen through the symbolic link `Room`, compiled here in release mode as they are
// shipped.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the product, whose internals the gate may see.
func room(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Room/\(path ?? name)", exclude: exclude,
        swiftSettings: strict + [.unsafeFlags(["-enable-testing"])])
}

let c: [CSetting] = [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]

/// A program in C over the shared instruments.
func instrument(_ name: String, path: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["Instruments"], path: path, cSettings: c,
        linkerSettings: [.linkedLibrary("m")])
}

let package = Package(
    name: "Benchmarks",
    targets: [
        .target(name: "Instruments", path: "Instruments", cSettings: c),
        instrument("load-generator", path: "LoadGenerator"),
        instrument("ceiling", path: "Ceiling"),
        instrument("packet-storm", path: "PacketStorm"),
        instrument("slow-loris", path: "SlowLoris"),
        .target(name: "CostCounter", path: "CostCounter", cSettings: c),
        .executableTarget(
            name: "steady-state",
            dependencies: [
                "CostCounter", "DNSWire", "EventLoop", "FabDNS", "Log", "ServiceCatalog",
                "Transport",
            ],
            path: "SteadyState", swiftSettings: strict),

        .target(name: "CLinux", path: "Room/CLibraries/CLinux"),
        .systemLibrary(name: "CCurl", path: "Room/CLibraries/CCurl", pkgConfig: "libcurl"),
        .systemLibrary(
            name: "COpenSSL", path: "Room/CLibraries/COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CYAML", path: "Room/CLibraries/CYAML", pkgConfig: "yaml-0.1"),
        room("EventLoop", ["CLinux"], path: "Platform/EventLoop"),
        room("ChildProcess", ["CLinux", "EventLoop"], path: "Platform/ChildProcess"),
        room("FileWatch", ["CLinux"], path: "Platform/FileWatch"),
        room("Digest", ["COpenSSL"], path: "Platform/Digest"),
        room("HTTPClient", ["CCurl", "EventLoop"], path: "Platform/HTTPClient"),
        room("HTTP", ["EventLoop", "TLS", "Transport"], path: "Platform/HTTP"),
        room("TLS", ["COpenSSL"], path: "Platform/TLS"),
        room("Transport", ["CLinux", "EventLoop", "TLS"], path: "Platform/Transport"),
        room("JSON", path: "Platform/JSON"),
        room("YAML", ["CYAML"], path: "Platform/YAML"),
        room("Log", path: "Platform/Log"),
        room("Suggestion", path: "Platform/Suggestion"),
        room("Terminal", path: "Platform/Terminal"),
        room("CommandLineOptions", ["Suggestion"], path: "Platform/CommandLine"),
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
                "CLinux", "CommandLineOptions", "Corefile", "DNSWire", "Digest", "EventLoop", "FileWatch",
                "HTTP", "JSON", "Log", "NameGrammar", "ServiceCatalog", "TLS", "Terminal", "Transport",
            ],
            exclude: ["Corefile", "NameGrammar"]),
    ]
)
