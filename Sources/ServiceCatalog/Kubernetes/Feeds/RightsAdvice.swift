// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What whoever reads the log can do about rights and kinds that are missing.
enum RightsAdvice {
    static func forbidden(_ resource: APIResource) -> String {
        let group = resource.kind.apiGroup
        let name = resource.kind.rawValue + (group.isEmpty ? "" : ".\(group)")
        return "grant it with: kubectl create clusterrole fabdns-\(resource.kind.rawValue) "
            + "--verb=list,watch --resource=\(name), and bind that role"
    }

    static func absent(_ resource: APIResource) -> String {
        switch resource.kind {
        case .globalServices:
            "install the kind with: kubectl apply -f deploy/crds/globalservices.yaml"
        case .services, .nodes, .secrets, .endpointSlices:
            "every cluster has it: this address is no API server, or one that is not up yet"
        case .serviceExports, .serviceImports:
            "the API server does not serve \(resource.kind.apiGroup)"
        }
    }
}
