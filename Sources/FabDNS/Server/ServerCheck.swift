// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import DNSWire
internal import ServiceCatalog
internal import TLS

/// What a server would serve with a Corefile, found out without opening a socket.
struct ServerCheck {
    struct Zone {
        let name: String
        /// `fabdns`, `whoami`, or nil where queries are refused.
        let answeredBy: String?
        /// For `fabdns`.
        let catalog: String?
        let place: Place
        let ttlSeconds: UInt32
    }

    struct Listener {
        let address: String
        let transports: [String]
        var zones: [Zone]
    }

    struct CatalogSummary {
        let file: String
        let serviceCount: Int
        /// By cluster.
        let endpointCounts: [String: Int]
    }

    /// Something for whoever writes the Corefile; no `location` where a file as a whole is meant.
    struct Remark {
        let location: SourceLocation?
        let message: String
    }

    private(set) var listeners: [Listener] = []
    private(set) var catalogs: [CatalogSummary] = []
    private(set) var pages: [(address: String, path: String)] = []
    private(set) var warnings: [Remark] = []
    private(set) var errors: [Remark] = []

    init(corefile: String, defaultPort: UInt16, environment: [String: String]) {
        do throws(ConfigurationError) {
            let configuration = try Corefile.load(
                path: corefile, defaultPort: defaultPort, environment: environment)
            warnings = configuration.warnings.map {
                Remark(location: $0.location, message: $0.message)
            }
            let plan = try ServerPlan(configuration, host: .current())
            describe(plan)
            checkCatalogs(plan)
            checkAccess(plan)
            checkCertificates(plan)
        } catch {
            errors.append(
                Remark(
                    location: error.location,
                    message: error.location == nil ? "\(error)" : error.message))
        }
    }

    private mutating func describe(_ plan: ServerPlan) {
        for (text, address) in plan.announcements {
            guard let name = try? DomainName(presentation: text) else { continue }
            let node = plan.listeners[address]?.nodes.first { $0.name == name }
            let fabdns = node?.zone
            let zone = Zone(
                name: text,
                answeredBy: fabdns != nil
                    ? "fabdns" : node?.settings.answersWhoami == true ? "whoami" : nil,
                catalog: fabdns.flatMap { plan.catalogNames[$0.use.catalog] },
                place: fabdns?.use.place ?? Place(),
                ttlSeconds: fabdns?.ttlSeconds ?? 0)
            if let index = listeners.firstIndex(where: { $0.address == address.description }) {
                listeners[index].zones.append(zone)
            } else {
                listeners.append(
                    Listener(
                        address: address.description,
                        transports: address.transports.map { "\($0)" }, zones: [zone]))
            }
        }
        for (address, shown) in plan.pages.sorted(by: { $0.key.description < $1.key.description }) {
            for page in shown { pages.append((address.description, page.path)) }
        }
        pages.sort { $0 < $1 }
    }

    private mutating func checkCatalogs(_ plan: ServerPlan) {
        for file in Set(plan.uses.compactMap(\.catalog.file)).sorted() {
            do throws(CatalogFileError) {
                let loaded = try CatalogFile.load(path: file)
                for field in loaded.unknownFields {
                    warnings.append(
                        Remark(location: nil, message: "\(file): unknown field \(field)"))
                }
                var counts: [String: Int] = [:]
                for service in loaded.services {
                    for endpoint in service.endpoints {
                        counts[endpoint.locality.cluster ?? "", default: 0] += 1
                    }
                }
                catalogs.append(
                    CatalogSummary(
                        file: file, serviceCount: loaded.services.count, endpointCounts: counts))
                for use in plan.uses
                where use.catalog.file == file && use.catalog.apis.isEmpty {
                    guard let cluster = use.place.cluster, counts[cluster] == nil else { continue }
                    warnings.append(
                        Remark(
                            location: nil,
                            message: "\(file): no endpoint is in cluster '\(cluster)', "
                                + "the place of who asks"))
                }
            } catch {
                errors.append(Remark(location: nil, message: "\(error)"))
            }
        }
    }

    /// Reads credentials, and asks no API.
    ///
    /// The server would wait for what is missing.
    private mutating func checkAccess(_ plan: ServerPlan) {
        let origins = Set(plan.uses.flatMap(\.catalog.apis).map(\.access))
        for api in origins.sorted(by: { "\($0)" < "\($1)" }) {
            do throws(AccessError) {
                try AccessReader.check(api)
            } catch {
                warnings.append(Remark(location: nil, message: "\(error)"))
            }
        }
    }

    private mutating func checkCertificates(_ plan: ServerPlan) {
        var seen: [TLSConfiguration] = []
        for tls in plan.listeners.values.compactMap(\.tls) {
            let configuration = TLSConfiguration(tls)
            guard !seen.contains(configuration) else { continue }
            seen.append(configuration)
            do throws(TLSError) {
                _ = try TLSContext(configuration)
            } catch {
                errors.append(Remark(location: tls.location, message: "\(error)"))
            }
        }
    }
}
