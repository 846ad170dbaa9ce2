// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile
import ServiceCatalog
import Testing

@testable import FabDNSQuery

@Suite("Which label fails")
struct NameDiagnosisTests {
    private static let catalogs = OfflineCatalogs(
        zones: ["global.", "deep.global.", "clusterset.local."].map { name in
            OfflineCatalogs.Zone(
                name: name, place: Place(), ttlSeconds: 5, names: .usual(in: name),
                catalog: CatalogView([
                    service("default/web", .clusterIP, "10.0.0.1 east/z/r", "10.0.0.2 west/z/r"),
                    service("shop/db", .headless, "10.0.0.3 east/z/r db-0", "10.0.0.4 x.y/z/r"),
                    service("shop/gone", .clusterIP, "10.0.0.5 east/z/r unready"),
                ]))
        })

    /// `ok`, or the role and label that fail, with what was meant.
    private static func result(_ name: String) -> String {
        let diagnosis = NameDiagnosis(name, catalogs)
        guard let step = diagnosis.steps.last, !step.holds else { return "ok" }
        return "\(step.role) \(step.label)" + (step.suggestion.map { " -> \($0)" } ?? "")
    }

    @Test(
        "The first label that fails is named, with the nearest that is there",
        arguments: [
            ("web.default.svc.global.", "ok"), ("WEB.Default.svc.GLOBAL", "ok"),
            ("web.default.svc.deep.global.", "ok"), ("east.web.default.svc.global.", "ok"),
            ("web.default.east.global.", "ok"), ("db-0.east.db.shop.svc.global.", "ok"),
            ("10-0-0-4.x.y.db.shop.svc.global.", "ok"), ("_web._tcp.db.shop.svc.global.", "ok"),
            ("global.", "ok"), ("dns-version.global.", "ok"), ("ns.dns.global.", "ok"),
            ("web.default.svc.globl.", "zone globl. -> global."), ("example.org.", "zone org."),
            ("web.default.scv.global.", "svc scv -> svc"),
            ("web.default.eats.global.", "svc eats -> east"),
            ("a.b.web.default.east.global.", "svc east"), ("a.global.", "svc a"),
            ("svc.global.", "form svc"), ("default.svc.global.", "form default.svc"),
            ("web.defualt.svc.global.", "namespace defualt -> default"),
            ("wbe.default.svc.global.", "service wbe -> web"),
            ("db.default.svc.global.", "service db"),
            ("gone.shop.svc.global.", "endpoints "),
            ("esat.web.default.svc.global.", "cluster esat -> east"),
            ("web-0.east.web.default.svc.global.", "host web-0"),
            ("db-1.east.db.shop.svc.global.", "host db-1 -> db-0"),
            ("a.db-0.east.db.shop.svc.global.", "form a.db-0.east"),
            ("_wbe._tcp.db.shop.svc.global.", "port _wbe._tcp -> _web._tcp"),
            ("_web._udp.db.shop.svc.global.", "port _web._udp -> _web._tcp"),
            ("web.default.west.deep.global.", "ok"),
            ("db.shop.west.global.", "cluster west"),
            ("web.default.svc.clusterset.local.", "ok"),
            ("db-0.east.db.shop.svc.clusterset.local.", "ok"),
            ("dns-version.clusterset.local.", "ok"),
            ("east.web.default.svc.clusterset.local.", "form east"),
            ("web.default.east.clusterset.local.", "svc east"),
        ])
    func labels(_ name: String, _ expected: String) {
        #expect(Self.result(name) == expected)
    }

    @Test("A service of another namespace is pointed at")
    func otherNamespace() {
        let diagnosis = NameDiagnosis("db.default.svc.global.", Self.catalogs)
        #expect(diagnosis.steps.last?.message.contains("namespace shop") == true)
    }
}
