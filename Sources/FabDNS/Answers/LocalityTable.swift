// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Numbers for localities, given once and kept: groups carry the number, an asker's row of tiers is
/// indexed by it.
struct LocalityTable {
    private var numbers: [Locality: UInt16] = [:]
    private(set) var localities: [Locality] = []

    /// Shared by all localities beyond the 65,535th: as far as can be from everybody.
    static let elsewhere = UInt16.max

    /// Gives a number to a locality that has none.
    mutating func note(_ locality: Locality) {
        guard localities.count < Int(Self.elsewhere), numbers[locality] == nil else { return }
        numbers[locality] = UInt16(localities.count)
        localities.append(locality)
    }

    func number(of locality: Locality) -> UInt16 { numbers[locality] ?? Self.elsewhere }
}

/// An octet for every locality, as its tier for the askers of one place: immutable, shared by the
/// workers, replaced when a locality comes.
@safe
final class LocalityRow: @unchecked Sendable {
    // Premise of @unchecked Sendable: written in `init` only.
    let octets: UnsafePointer<UInt8>
    private let memory: UnsafeMutablePointer<UInt8>
    private static let count = Int(UInt16.max) + 1

    /// `rest` is for localities without a number.
    init(localities: [Locality], rest: UInt8, _ octet: (Locality) -> UInt8) {
        unsafe memory = .allocate(capacity: Self.count)
        unsafe memory.initialize(repeating: rest, count: Self.count)
        for (number, locality) in localities.enumerated() {
            unsafe memory[number] = octet(locality)
        }
        unsafe octets = UnsafePointer(memory)
    }

    deinit { unsafe memory.deallocate() }
}
