// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

extension MetricsPage {
    static func writeCatalogs(
        _ catalogs: [CatalogFigures], _ page: inout Exposition
    ) {
        func each(
            _ name: String, _ kind: Exposition.Kind, _ help: String,
            _ write: (CatalogFigures, inout Exposition) -> Void
        ) {
            page.metric(name, kind, help)
            for catalog in catalogs { write(catalog, &page) }
        }
        each("fabdns_catalog_services", .gauge, "Services with an endpoint in the cluster.") {
            catalog, page in
            for (cluster, count) in catalog.services.sorted(by: { $0.key < $1.key }) {
                page.sample(["catalog": catalog.source, "cluster": cluster], UInt64(count))
            }
        }
        each("fabdns_catalog_endpoints", .gauge, "Endpoints in the cluster.") { catalog, page in
            for (cluster, count) in catalog.endpoints.sorted(by: { $0.key < $1.key }) {
                page.sample(["catalog": catalog.source, "cluster": cluster], UInt64(count))
            }
        }
        each(
            "fabdns_catalog_conflicts", .gauge,
            "Services on whose type or ports clusters disagree."
        ) { $1.sample(["catalog": $0.source], UInt64($0.conflictCount)) }
        each(
            "fabdns_catalog_age_seconds", .gauge,
            "Since the cluster was last heard; of a file, since it was last loaded."
        ) { catalog, page in
            for cluster in Set(catalog.services.keys).union(catalog.conditions.keys).sorted() {
                page.sample(
                    ["catalog": catalog.source, "cluster": cluster],
                    catalog.silentSeconds[cluster] ?? catalog.ageSeconds)
            }
        }
        each("fabdns_catalog_generation", .gauge, "Grows by one with every change.") {
            $1.sample(["catalog": $0.source], $0.generation)
        }
        each(
            "fabdns_catalog_load_failures_total", .counter,
            "Loads that failed; the last good catalog stays."
        ) { $1.sample(["catalog": $0.source], $0.loadFailures) }
        each("fabdns_catalog_load_seconds", .gauge, "How long the last load took.") {
            $1.sample(["catalog": $0.source], $0.loadSeconds)
        }
        each("fabdns_answers_bytes", .gauge, "Memory of the records that are answered.") {
            $1.sample(["catalog": $0.source], UInt64($0.answerOctets))
        }
        each("fabdns_tables_bytes", .gauge, "Memory of the tables that find the records.") {
            $1.sample(["catalog": $0.source], UInt64($0.tableOctets))
        }
        writeClusters(catalogs, &page)
        writePropagation(catalogs, &page)
    }

    private static func writePropagation(
        _ catalogs: [CatalogFigures], _ page: inout Exposition
    ) {
        page.metric(
            "fabdns_propagation_seconds", .histogram,
            "From an event's arrival from an API until every worker answers from it.")
        for catalog in catalogs {
            let clusters = catalog.propagation.clusters.sorted { $0.key < $1.key }
            for (cluster, histogram) in clusters {
                page.histogram(
                    ["catalog": catalog.source, "cluster": cluster], bounds: histogram.bounds,
                    counts: histogram.counts, sum: histogram.sum)
            }
        }
        page.metric(
            "coredns_kubernetes_dns_programming_duration_seconds", .histogram,
            "From a change of a Service or Pod, as EndpointSlices tell it, until it is answered.")
        for catalog in catalogs {
            let kinds = catalog.propagation.programming.sorted { $0.key < $1.key }
            for (kind, histogram) in kinds {
                page.histogram(
                    ["catalog": catalog.source, "service_kind": kind], bounds: histogram.bounds,
                    counts: histogram.counts, sum: histogram.sum)
            }
        }
    }

    private static func writeClusters(_ catalogs: [CatalogFigures], _ page: inout Exposition) {
        page.metric(
            "fabdns_cluster_state", .gauge, "1 for how the cluster stands: live, stale, expired.")
        for catalog in catalogs {
            for (cluster, condition) in catalog.conditions.sorted(by: { $0.key < $1.key }) {
                for state in ["live", "stale", "expired"] {
                    page.sample(
                        ["catalog": catalog.source, "cluster": cluster, "state": state],
                        UInt64(condition.name == state ? 1 : 0))
                }
            }
        }
        page.metric(
            "fabdns_shrink_blocked", .gauge,
            "Services that a list no longer has and that are kept all the same.")
        for catalog in catalogs {
            let held = Dictionary(
                catalog.held.map { ($0.key.name, $0.value) }, uniquingKeysWith: +)
            for cluster in Set(held.keys).union(catalog.conditions.keys).sorted() {
                page.sample(
                    ["catalog": catalog.source, "cluster": cluster], UInt64(held[cluster] ?? 0))
            }
        }
        page.metric(
            "fabdns_watch_restarts_total", .counter,
            "Lists and watches of an API that had to begin again.")
        for catalog in catalogs {
            for (feed, restarts) in catalog.restarts.sorted(by: { $0.key < $1.key }) {
                let sorted = restarts.sorted {
                    ($0.key.resource, $0.key.reason) < ($1.key.resource, $1.key.reason)
                }
                for (restart, count) in sorted {
                    page.sample(
                        [
                            "catalog": catalog.source, "cluster": feed,
                            "resource": restart.resource, "reason": restart.reason,
                        ], count)
                }
            }
        }
    }
}
