// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a meter is of.
struct MeterLabels: Hashable, Sendable {
    /// The listener as CoreDNS writes it: `dns://127.0.0.1:53`, `dns://:53` on every address.
    let server: String
    /// A server block's zone with its final dot, or `dropped` for what belongs to none.
    let zone: String
    /// Who answers: `fabdns`, or nobody.
    let plugin: String

    /// Of a listener's queries that belong to no server block.
    static func unmatched(_ server: String) -> MeterLabels {
        MeterLabels(server: server, zone: "dropped", plugin: "")
    }
}

/// The numbers of meters: a zone that comes back after a reload goes on counting where it was.
struct MeterBook: Sendable {
    /// Stands for none.
    static let none = UInt16.max
    /// What exceeds the bound shares the last meter.
    static let maximumCount = 4096

    private(set) var labels: [MeterLabels] = []
    private var numbers: [MeterLabels: UInt16] = [:]

    mutating func number(of label: MeterLabels) -> UInt16 {
        if let number = numbers[label] { return number }
        guard labels.count < Self.maximumCount else { return UInt16(Self.maximumCount - 1) }
        let number = UInt16(labels.count)
        labels.append(label)
        numbers[label] = number
        return number
    }
}

/// The meters of a worker: plain memory, so that counting retains nothing.
@safe
struct Meters {
    private var memory: UnsafeMutablePointer<Meter>
    private(set) var count = 0

    init() { unsafe memory = .allocate(capacity: 0) }

    func deallocate() { unsafe memory.deallocate() }

    /// Has room for so many; what was counted stays.
    mutating func reserve(_ wanted: Int) {
        guard wanted > count else { return }
        let larger = UnsafeMutablePointer<Meter>.allocate(capacity: wanted)
        unsafe larger.moveInitialize(from: memory, count: count)
        unsafe (larger + count).initialize(repeating: Meter(), count: wanted - count)
        unsafe memory.deallocate()
        unsafe memory = larger
        count = wanted
    }

    /// Counts an answered query, if there is such a meter.
    func count(_ exchange: CountedQuery, meter: UInt16) {
        guard Int(meter) < count else { return }
        unsafe memory[Int(meter)].count(exchange)
    }

    /// Counts what `acl` has said.
    func count(_ action: AccessAction, meter: UInt16) {
        guard Int(meter) < count else { return }
        unsafe memory[Int(meter)].count(action)
    }

    var copy: [Meter] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }
}
