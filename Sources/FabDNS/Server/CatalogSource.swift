// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
internal import Log
import ServiceCatalog

/// One catalog file with everything that follows from it: the feed, the catalog and the answers.
final class CatalogSource: @unchecked Sendable {
    // Premise of @unchecked Sendable: what is mutable is used on `queue` only.
    let file: String
    let queue: DispatchQueue
    let publisher: AnswerPublisher
    private let catalog: Catalog
    private let counted = CatalogCount()
    private let feed: FileFeed

    init(file: String, table: Int, workers: [Worker], hash: NameHash, log: Log) {
        self.file = file
        queue = DispatchQueue(label: "fabdns.catalog.\(table)")
        let publisher = AnswerPublisher(
            queue: queue, table: table, workers: workers, hash: hash, log: log)
        self.publisher = publisher
        let catalog = Catalog(queue: queue) { [counted] snapshot, change in
            counted.snapshot = snapshot
            publisher.publish(snapshot, change)
        }
        self.catalog = catalog
        feed = FileFeed(path: file, queue: queue, deliver: { catalog.apply($0) }, log: log)
    }

    /// Loads the file, then keeps watching it.
    func start() throws(CatalogFileError) {
        try queue.sync { () -> Result<Void, CatalogFileError> in
            Result { () throws(CatalogFileError) in try feed.start() }
        }.get()
    }

    /// Begins to rank for askers of a place.
    func add(_ place: Place, number: Int) {
        queue.sync { publisher.add(place, number: number) }
    }

    /// From now on the addresses have names too.
    func serveReverse() { queue.sync { publisher.serveReverse(counted.snapshot) } }

    /// Forgets all other places.
    func keepPlaces(_ numbers: Set<Int>) {
        queue.sync { publisher.keepPlaces(numbers) }
    }

    /// What metrics tell of it; on `queue`.
    var figures: CatalogFigures {
        var figures = counted.figures
        figures.source = file
        (figures.answerOctets, figures.tableOctets) = publisher.octets
        figures.loadFailures = feed.loadFailures
        if let load = feed.lastLoad {
            figures.loadSeconds = load.seconds
            figures.ageSeconds = (ContinuousClock.now - load.end) / .seconds(1)
        }
        return figures
    }

    func stop() {
        queue.sync {
            feed.stop()
            publisher.stop()
        }
    }
}
