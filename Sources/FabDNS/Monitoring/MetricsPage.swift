// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ServiceCatalog

/// Everything that metrics tell, at one moment.
struct MetricsSnapshot: Sendable {
    /// With what all workers have counted.
    var meters: [(labels: MeterLabels, meter: Meter)] = []
    var counters = Counters()
    /// Datagrams that came while the queues of the sockets were full.
    var kernelDrops: UInt64 = 0
    /// Of the query log.
    var lostLogLines: UInt64 = 0
    var catalogs: [CatalogFigures] = []
    var process = ProcessFigures()
    var settings = MonitorSettings()
}

/// What is known of one catalog.
struct CatalogFigures: Sendable {
    /// Where it is from: a file's path, and names of clusters.
    var source = ""
    var generation: UInt64 = 0
    /// By cluster.
    var services: [String: Int] = [:]
    var endpoints: [String: Int] = [:]
    var conditions: [String: ClusterCondition] = [:]
    /// For how long clusters have not been heard that are not live.
    var silentSeconds: [String: Double] = [:]
    /// What the shrink brake keeps.
    var held: [FeedIdentity: Int] = [:]
    /// Services on which clusters disagree.
    var conflictCount = 0
    /// By feed: how often lists and watches had to begin again.
    var restarts: [String: [APIRestart: UInt64]] = [:]
    var propagation = Propagation()
    var loadFailures: UInt64 = 0
    /// How long the last load took.
    var loadSeconds = 0.0
    /// Since the last good load.
    var ageSeconds = 0.0
    var answerOctets = 0
    var tableOctets = 0
}

/// What metrics tell of the configuration.
struct MonitorSettings: Sendable {
    var version = ""
    /// SHA-512 of the Corefile and its imports.
    var digest = ""
    var failedReloads: UInt64 = 0
    var plugins: [(server: String, zone: String, name: String)] = []
}

/// Writes the page; CoreDNS's names where it has one, so that its dashboards and alerts work.
enum MetricsPage {
    static func text(_ snapshot: MetricsSnapshot) -> String {
        var page = Exposition()
        writeBuild(snapshot, &page)
        writeQueries(snapshot.meters, &page)
        writeWorkers(snapshot, &page)
        writeCatalogs(snapshot.catalogs, &page)
        writeProcess(snapshot.process, &page)
        return page.text
    }

    private static func writeBuild(_ snapshot: MetricsSnapshot, _ page: inout Exposition) {
        let settings = snapshot.settings
        page.metric(
            "coredns_build_info", .gauge, "Which version of fabdns this is, under CoreDNS's name.")
        page.sample(
            ["version": "fabdns-\(settings.version)", "revision": "", "goversion": ""], UInt64(1))
        page.metric("fabdns_build_info", .gauge, "Which version of fabdns this is.")
        page.sample(["version": settings.version], UInt64(1))
        page.metric(
            "coredns_panics_total", .counter, "Queries that could not be answered for a bug.")
        page.sample(UInt64(0))
        page.metric("coredns_plugin_enabled", .gauge, "Directives of a server block.")
        for plugin in settings.plugins {
            page.sample(
                [
                    "server": plugin.server, "zone": plugin.zone, "view": "",
                    "name": plugin.name,
                ], UInt64(1))
        }
        page.metric("coredns_reload_failed_total", .counter, "Reloads that changed nothing.")
        page.sample(settings.failedReloads)
        page.metric("coredns_reload_version_info", .gauge, "The Corefile with its imports.")
        page.sample(["hash": "sha512", "value": settings.digest], UInt64(1))
    }

    // MARK: Queries

    private static func writeQueries(
        _ meters: [(labels: MeterLabels, meter: Meter)], _ page: inout Exposition
    ) {
        writeRequests(meters, &page)
        writeDurations(meters, &page)
        writeSizes(meters, &page)
        writeAccess(meters, &page)
        page.metric(
            "coredns_dns_responses_total", .counter, "Replies by response code, and who wrote them."
        )
        for (labels, meter) in meters {
            for (index, code) in Meter.codes.enumerated() where meter.replies(code: index) > 0 {
                page.sample(
                    [
                        "server": labels.server, "zone": labels.zone, "view": "", "rcode": code,
                        "plugin": labels.plugin,
                    ], meter.replies(code: index))
            }
        }
        page.metric(
            "fabdns_answers_total", .counter,
            "Address answers by how near the endpoints are to the asker's place.")
        for (labels, meter) in meters where labels.plugin == "fabdns" {
            for (tier, name) in Meter.tiers.enumerated() {
                for family in AskerFamily.allCases {
                    page.sample(
                        [
                            "server": labels.server, "zone": labels.zone, "tier": name,
                            "family": "\(family.rawValue)",
                        ], meter.answers(tier: tier, family))
                }
            }
        }
    }

    /// CoreDNS gives the metric of what was allowed no zone.
    private static func writeAccess(
        _ meters: [(labels: MeterLabels, meter: Meter)], _ page: inout Exposition
    ) {
        for (action, name) in [
            (AccessAction.block, "blocked"), (.filter, "filtered"), (.drop, "dropped"),
        ] {
            page.metric(
                "coredns_acl_\(name)_requests_total", .counter, "Queries that acl has \(name).")
            for (labels, meter) in meters where meter.judged(action) > 0 {
                page.sample(
                    ["server": labels.server, "zone": labels.zone, "view": ""],
                    meter.judged(action))
            }
        }
        page.metric(
            "coredns_acl_allowed_requests_total", .counter, "Queries that acl has allowed.")
        let allowed = Dictionary(grouping: meters) { $0.labels.server }
            .mapValues { $0.reduce(0) { $0 + $1.meter.judged(.allow) } }
        for (server, count) in allowed.sorted(by: { $0.key < $1.key }) where count > 0 {
            page.sample(["server": server, "view": ""], count)
        }
    }

    private static func writeRequests(
        _ meters: [(labels: MeterLabels, meter: Meter)], _ page: inout Exposition
    ) {
        page.metric("coredns_dns_requests_total", .counter, "Queries by transport, family, type.")
        for (labels, meter) in meters {
            for transport in QueryTransport.allCases {
                for family in AskerFamily.allCases {
                    for (index, type) in Meter.types.enumerated() {
                        let count = meter.requests(transport, family, type: index)
                        guard count > 0 else { continue }
                        page.sample(
                            [
                                "server": labels.server, "zone": labels.zone, "view": "",
                                "proto": transport.label, "family": "\(family.rawValue)",
                                "type": type,
                            ], count)
                    }
                }
            }
        }
        page.metric("coredns_dns_do_requests_total", .counter, "Queries with the DO bit.")
        for (labels, meter) in meters where meter.dnssecRequests > 0 {
            page.sample(
                ["server": labels.server, "zone": labels.zone, "view": ""], meter.dnssecRequests)
        }
    }

    private static func writeDurations(
        _ meters: [(labels: MeterLabels, meter: Meter)], _ page: inout Exposition
    ) {
        page.metric(
            "coredns_dns_request_duration_seconds", .histogram,
            "From a query's arrival in the process to its reply; of a batch, for each in it.")
        let bounds = Meter.durationBounds.map { Double($0) / 1e9 }
        for (labels, meter) in meters {
            page.histogram(
                ["server": labels.server, "zone": labels.zone, "view": ""], bounds: bounds,
                counts: (0...bounds.count).map { meter.durations(bucket: $0) },
                sum: Double(meter.durationNanoseconds) / 1e9)
        }
    }

    private static func writeSizes(
        _ meters: [(labels: MeterLabels, meter: Meter)], _ page: inout Exposition
    ) {
        let bounds = Meter.sizeBounds.map(Double.init)
        page.metric("coredns_dns_request_size_bytes", .histogram, "Octets of queries.")
        for (labels, meter) in meters {
            for transport in QueryTransport.allCases {
                page.histogram(
                    sizeLabels(labels, transport), bounds: bounds,
                    counts: (0...bounds.count).map { meter.requestSizes(transport, bucket: $0) },
                    sum: Double(meter.requestOctets(transport)))
            }
        }
        page.metric("coredns_dns_response_size_bytes", .histogram, "Octets of replies.")
        for (labels, meter) in meters {
            for transport in QueryTransport.allCases {
                page.histogram(
                    sizeLabels(labels, transport), bounds: bounds,
                    counts: (0...bounds.count).map { meter.replySizes(transport, bucket: $0) },
                    sum: Double(meter.replyOctets(transport)))
            }
        }
    }

    private static func sizeLabels(
        _ labels: MeterLabels, _ transport: QueryTransport
    ) -> Exposition.Labels {
        [
            "server": labels.server, "zone": labels.zone, "view": "",
            "proto": transport.label,
        ]
    }

    // MARK: The rest

    private static func writeWorkers(_ snapshot: MetricsSnapshot, _ page: inout Exposition) {
        let counters = snapshot.counters
        page.metric(
            "fabdns_kernel_drops_total", .counter,
            "Datagrams that came while a socket's receive buffer was full.")
        page.sample(snapshot.kernelDrops)
        page.metric(
            "fabdns_ignored_total", .counter,
            "Messages that get no reply: no header, replies, or dropped by acl.")
        page.sample(counters.ignored)
        page.metric("fabdns_unsent_total", .counter, "Replies that the kernel did not take.")
        page.sample(counters.unsent)
        page.metric("fabdns_truncated_total", .counter, "Replies with TC.")
        page.sample(counters.truncated)
        page.metric(
            "fabdns_cut_total", .counter, "Answers cut to what a message over TCP can hold.")
        page.sample(counters.cut)
        page.metric(
            "fabdns_log_lost_lines_total", .counter,
            "Lines of the query log that nobody took in time.")
        page.sample(snapshot.lostLogLines)
    }

    private static func writeProcess(_ process: ProcessFigures, _ page: inout Exposition) {
        page.metric("process_cpu_seconds_total", .counter, "User and system CPU time.")
        page.sample(process.cpuSeconds)
        page.metric("process_resident_memory_bytes", .gauge, "Resident memory.")
        page.sample(process.residentOctets)
        page.metric("process_virtual_memory_bytes", .gauge, "Virtual memory.")
        page.sample(process.virtualOctets)
        page.metric("process_open_fds", .gauge, "Open file descriptors.")
        page.sample(process.openDescriptors)
        page.metric("process_max_fds", .gauge, "File descriptors that may be open.")
        page.sample(process.maximumDescriptors)
        page.metric("process_start_time_seconds", .gauge, "When it started, since 1970.")
        page.sample(process.startSeconds)
    }
}
