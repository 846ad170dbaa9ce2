// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Fuzzing

@testable internal import ServiceCatalog

fuzz { octets in
    check(octets, isFile: true)
    check(octets, isFile: false)
    do throws(CatalogFault) {
        let apiVersion = "\(ExecPlugin.group)/v1"
        let credential = try ExecReply(apiVersion: apiVersion).decode(octets)
        require(
            credential.token != nil || credential.certificate != nil, "a credential of nothing")
        require((credential.certificate == nil) == (credential.key == nil), "half a certificate")
    } catch {
        check(error)
    }
    return .kept
}

func check(_ octets: [UInt8], isFile: Bool) {
    do throws(CatalogFault) {
        let kubeconfig = try Kubeconfig.decode(octets, context: nil, isFile: isFile)
        let (cluster, user) = (kubeconfig.cluster, kubeconfig.user)
        require((user.certificate == nil) == (user.key == nil), "half a certificate")
        require(!cluster.skipsVerification || cluster.authority == nil, "both")
        if let server = cluster.server {
            require(ServerURL.server(server) == server, "no normal URL: \(server)")
        }
        for header in user.headers {
            require(CredentialRule.isHeaderValue(header.value), "no header: \(header.value)")
            require(header.name.utf8.allSatisfy { 0x21...0x7E ~= $0 }, "no name: \(header.name)")
        }
        for case .file in [cluster.authority, user.certificate, user.key] {
            require(isFile, "a file")
        }
        switch user.credential {
        case .plugin, .tokenFile: require(isFile, "a file")
        case .token(let token): require(CredentialRule.token(token.utf8) == token, "no token")
        case .basic, nil: break
        }
    } catch {
        check(error)
    }
}

func check(_ fault: CatalogFault) {
    require(fault.line >= 1 && fault.column >= 1, "no such place: \(fault)")
    require(!fault.problem.isEmpty, "a fault without words")
}
