// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Dispatch
internal import EventLoop
internal import Glibc
internal import Log
internal import ServiceCatalog

/// Keeps the answers of one catalog and hands every change to the workers.
///
/// Lives on the catalog's queue.
///
/// A worker's table is changed by closures of at most `updatesPerClosure` names, in an order that
/// never names an endpoint before it can be found; a change of much, or one that needs a larger
/// table, is built here and swapped in. What was replaced is given back here, after every worker
/// has said that it no longer sees it.
final class AnswerPublisher: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only.

    /// What may not be freed before `remaining` workers have answered.
    private struct Retirement {
        var remaining: Int
        let answers: [ServiceAnswers]
        let rows: [LocalityRow]
        let then: (() -> Void)?
    }

    private static let updatesPerClosure = 500
    /// More changed names than this go as a whole table.
    private static let updatesPerPublication = 4096

    let queue: DispatchQueue
    /// The number of its table in every `Responder`.
    let table: Int
    private let workers: [Worker]
    private let hash: NameHash
    private let compiler = AnswerCompiler()
    private let log: Log
    private var master = OwnerTable.empty()
    private var services: [ServiceName: ServiceAnswers] = [:]
    private var empties = EmptyNonTerminals(flags: AnswerCompiler.flags)
    /// Nil until a reverse zone asks for them.
    private var reverseNames: ReverseNames?
    private var localities = LocalityTable()
    private var rows = LocalityRows()
    private var retirements: [UInt64: Retirement] = [:]
    private var publications: UInt64 = 0
    private var serial: UInt32 = 0
    private var lastSerialStep: DispatchTime?
    private var isSerialStepDue = false
    /// The table may be somebody else's by now.
    private var isStopped = false

    init(queue: DispatchQueue, table: Int, workers: [Worker], hash: NameHash, log: Log) {
        self.queue = queue
        self.table = table
        self.workers = workers
        self.log = log
        self.hash = hash
    }

    deinit { master.deallocate() }

    // MARK: On the queue

    /// Begins to rank for askers of a place, under a number that the zones refer to.
    func add(_ place: Place, number: Int) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isStopped else { return }
        let row = rows.add(place, number: number, localities.localities)
        send(rows: [(number, row)])
    }

    /// Forgets places that no zone refers to any more.
    func keepPlaces(_ numbers: Set<Int>) {
        retire(answers: [], rows: rows.keep(numbers)) { _ in }
    }

    /// From now on addresses have names; `snapshot` is what is published.
    func serveReverse(_ snapshot: CatalogSnapshot?) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard reverseNames == nil, !isStopped else { return }
        reverseNames = ReverseNames()
        snapshot?.services.forEach { name, service in reverseNames?.note(name, service) }
        var batch = Batch()
        exchangeReverseNames(&batch)
        let isRebuilt = apply(batch)
        send(batch, asTable: isRebuilt)
        retire(answers: batch.retired, rows: []) { _ in }
    }

    /// Compiles what changed and hands it to the workers.
    ///
    /// Rows go before names that need them. A worker hears that something is awaited before names
    /// go, and that nothing is any more after they came: it never denies a name on its way.
    func publish(_ snapshot: CatalogSnapshot, _ change: CatalogChange) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isStopped else { return }
        var batch = Batch()
        let knownLocalities = localities.localities.count
        let new = change.names.map { snapshot.services[$0] }
        for service in new { service?.endpoints.localities.forEach { localities.note($0) } }
        let compiled = compiler.compile(
            new, localities: localities, onAllCores: services.isEmpty)
        services.reserveCapacity(max(services.count, new.count))
        for (index, name) in change.names.enumerated() {
            update(name, new[index], compiled[index], &batch)
        }
        let isNew = localities.localities.count > knownLocalities
        let isNotable = isNew || change.concernsClusters
        let oldRows = isNotable ? renewRows(snapshot) : []
        let isIncomplete = !snapshot.awaited.isEmpty
        if isNotable, isIncomplete { sendNotice(isIncomplete: true) }
        exchangeReverseNames(&batch)
        let isRebuilt = apply(batch)
        send(batch, asTable: isRebuilt)
        if isNotable, !isIncomplete { sendNotice(isIncomplete: false) }
        retire(answers: batch.retired, rows: oldRows) { _ in }
        stepSerial()
    }

    /// Calls `body` on the queue when every worker answers from what was published so far.
    func whenSeen(_ body: @escaping () -> Void) {
        retire(answers: [], rows: [], then: body) { _ in }
    }

    /// Octets of what is answered from: blocks of records, and the tables of all workers with the
    /// one that they copy.
    var octets: (answers: Int, tables: Int) {
        dispatchPrecondition(condition: .onQueue(queue))
        let own = services.values.reduce(0) { $0 + $1.octetCount }
        let shared = empties.all.reduce(0) { $0 + $1.octetCount }
        let reverse = reverseNames?.all.reduce(0) { $0 + $1.octetCount } ?? 0
        return (own + shared + reverse, master.octetCount * (workers.count + 1))
    }

    /// The table is no longer asked: frees what the workers hold of it.
    func stop() {
        isStopped = true
        let table = table
        let answers = Array(services.values) + (reverseNames?.all ?? [])
        services = [:]
        reverseNames = nil
        retire(answers: answers, rows: rows.all) { worker in
            let old = unsafe worker.responder.tables[table]
            unsafe worker.responder.tables[table] = .empty()
            unsafe worker.responder.notices[table] = TableNotice()
            old.deallocate()
        }
    }

    // MARK: Compilation

    /// Changes on their way: names to put before names to take away.
    private struct Batch {
        var insertions: [OwnerUpdate] = []
        var replacements: [OwnerUpdate] = []
        var removals: [OwnerUpdate] = []
        var retired: [ServiceAnswers] = []

        var updates: [OwnerUpdate] { insertions + replacements + removals }
    }

    private func update(
        _ name: ServiceName, _ service: ExportedService?, _ result: AnswerCompiler.Result?,
        _ batch: inout Batch
    ) {
        let old = services[name]
        if let result {
            guard result.answers.isSound else {
                return log.error("service \(name): its answers failed the check, the old ones stay")
            }
            if result.skipped > 0 {
                log.warning(
                    "service \(name): \(result.skipped) names, ports or localities too many")
            }
        }
        compare(old, result?.answers, &batch)
        reverseNames?.note(name, service)
        services[name] = result?.answers
        if let old { batch.retired.append(old) }
    }

    private func compare(_ old: ServiceAnswers?, _ new: ServiceAnswers?, _ batch: inout Batch) {
        var before: [RelativeName: UnsafeRawPointer] = unsafe [:]
        unsafe old?.forEachOwner { owner in
            unsafe before[RelativeName(compiled: OwnerView(owner).nameOctets)] = owner
        }
        unsafe new?.forEachOwner { owner in
            let hash = unsafe OwnerView(owner).nameHash(self.hash)
            let known =
                unsafe before.isEmpty
                ? nil
                : before.removeValue(forKey: RelativeName(compiled: OwnerView(owner).nameOctets))
            let update = unsafe OwnerUpdate(hash: hash, old: known, new: owner)
            if unsafe known == nil {
                batch.insertions.append(update)
            } else {
                batch.replacements.append(update)
            }
        }
        unsafe before.forEach { _, owner in
            batch.removals.append(
                unsafe OwnerUpdate(hash: OwnerView(owner).nameHash(hash), old: owner, new: nil))
        }
        compareParents(old, new, &batch)
    }

    private func compareParents(
        _ old: ServiceAnswers?, _ new: ServiceAnswers?, _ batch: inout Batch
    ) {
        let before = old.map(AnswerCompiler.sharedParents(of:)) ?? []
        let after = new.map(AnswerCompiler.sharedParents(of:)) ?? []
        guard before != after else { return }
        for name in before.isEmpty ? after : after.subtracting(before) {
            for answers in empties.add(name) {
                unsafe answers.forEachOwner { owner in
                    let hash = unsafe OwnerView(owner).nameHash(self.hash)
                    batch.insertions.append(unsafe OwnerUpdate(hash: hash, old: nil, new: owner))
                }
            }
        }
        for name in before.subtracting(after) {
            for answers in empties.remove(name) {
                batch.retired.append(answers)
                unsafe answers.forEachOwner { owner in
                    let hash = unsafe OwnerView(owner).nameHash(self.hash)
                    batch.removals.append(unsafe OwnerUpdate(hash: hash, old: owner, new: nil))
                }
            }
        }
    }

    private func exchangeReverseNames(_ batch: inout Batch) {
        for exchange in reverseNames?.takeExchanges() ?? [] {
            let old = unsafe exchange.old?.firstOwner
            let new = unsafe exchange.new?.firstOwner
            guard let owner = unsafe new ?? old else { continue }
            let hash = unsafe OwnerView(owner).nameHash(self.hash)
            let update = unsafe OwnerUpdate(hash: hash, old: old, new: new)
            if unsafe old == nil {
                batch.insertions.append(update)
            } else if unsafe new == nil {
                batch.removals.append(update)
            } else {
                batch.replacements.append(update)
            }
            if let gone = exchange.old { batch.retired.append(gone) }
        }
    }

    // MARK: The master table

    /// Applies the updates to the table that all workers copy; true when they need the whole table.
    private func apply(_ batch: Batch) -> Bool {
        let updates = batch.updates
        let needed = master.count + batch.insertions.count
        if OwnerTable.capacity(for: needed) <= master.capacity,
            updates.allSatisfy({ master.apply($0) })
        {
            return updates.count > Self.updatesPerPublication
        }
        rebuild(capacity: OwnerTable.capacity(for: needed))
        return true
    }

    /// Builds a table of all names there are now; larger yet while one lies too far from its slot.
    private func rebuild(capacity: Int) {
        master.deallocate()
        master = .allocate(capacity: capacity)
        var fits = true
        for answers in Array(services.values) + Array(empties.all) {
            unsafe answers.forEachOwner { owner in
                let hash = unsafe OwnerView(owner).nameHash(self.hash)
                let update = unsafe OwnerUpdate(hash: hash, old: nil, new: owner)
                fits = fits && master.apply(update)
            }
        }
        for answers in reverseNames?.all ?? [] {
            guard let owner = unsafe answers.firstOwner else { continue }
            let hash = unsafe OwnerView(owner).nameHash(self.hash)
            let update = unsafe OwnerUpdate(hash: hash, old: nil, new: owner)
            fits = fits && master.apply(update)
        }
        if !fits { rebuild(capacity: capacity * 2) }
    }

    // MARK: To the workers

    private func send(_ batch: Batch, asTable: Bool) {
        let table = table
        if asTable {
            for worker in workers {
                let copy = master.copy()
                worker.loop.enqueue { [queue] in
                    let old = unsafe worker.responder.tables[table]
                    unsafe worker.responder.tables[table] = copy
                    queue.async { old.deallocate() }
                }
            }
        } else {
            let updates = batch.updates
            for start in stride(from: 0, to: updates.count, by: Self.updatesPerClosure) {
                let end = min(start + Self.updatesPerClosure, updates.count)
                let part = Array(updates[start..<end])
                for worker in workers {
                    worker.loop.enqueue {
                        for update in part {
                            _ = unsafe worker.responder.tables[table].apply(update)
                        }
                    }
                }
            }
        }
    }

    /// Lets every worker run `last`, and gives `answers` and `rows` back when all have.
    private func retire(
        answers: [ServiceAnswers], rows: [LocalityRow], then: (() -> Void)? = nil,
        _ last: @escaping @Sendable (Worker) -> Void
    ) {
        publications += 1
        let number = publications
        retirements[number] = Retirement(
            remaining: workers.count, answers: answers, rows: rows, then: then)
        for worker in workers {
            worker.loop.enqueue { [self] in
                last(worker)
                queue.async { [self] in release(number) }
            }
        }
    }

    private func release(_ number: UInt64) {
        retirements[number]?.remaining -= 1
        guard let retirement = retirements[number], retirement.remaining == 0 else { return }
        retirements[number] = nil
        retirement.then?()
    }

    /// Tells the workers how near localities are; the old rows.
    private func renewRows(_ snapshot: CatalogSnapshot) -> [LocalityRow] {
        let old = rows.renew(localities.localities, clusters: snapshot.clusters)
        send(rows: rows.numbered)
        return old
    }

    /// Tells the workers whether anything is awaited, and which clusters are stale.
    private func sendNotice(isIncomplete: Bool) {
        let table = table
        let stale = rows.stale
        for worker in workers {
            worker.loop.enqueue {
                unsafe worker.responder.notices[table] = TableNotice(
                    isIncomplete: isIncomplete, stale: stale?.octets)
            }
        }
    }

    private func send(rows: [(number: Int, row: LocalityRow)]) {
        for worker in workers {
            worker.loop.enqueue {
                for (number, row) in rows {
                    unsafe worker.responder.rows[number] = row.octets
                }
            }
        }
    }

    // MARK: The SOA's serial

    /// max(last + 1, Unix seconds), at most one step a second: changes within a second share a step
    /// that comes at its end.
    private func stepSerial() {
        guard !isSerialStepDue else { return }
        let due = lastSerialStep.map { $0 + 1 } ?? .now()
        if due <= .now() { return setSerial() }
        isSerialStepDue = true
        queue.asyncAfter(deadline: due) { [self] in
            isSerialStepDue = false
            setSerial()
        }
    }

    private func setSerial() {
        guard !isStopped else { return }
        lastSerialStep = .now()
        serial = max(serial &+ 1, UInt32(truncatingIfNeeded: time(nil)))
        let serial = serial
        let table = table
        for worker in workers {
            worker.loop.enqueue { unsafe worker.responder.serials[table] = serial }
        }
    }
}
