// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import PackageDescription

// The instruments, apart from the product: `scripts/bench` and `scripts/storm` build and run them.
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
            name: "steady-state", dependencies: ["CostCounter"], path: "SteadyState",
            swiftSettings: strict),
    ]
)
