// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The `user` of a kubeconfig's entry.
extension KubeconfigDetails {
    private enum UserField: String {
        case token, tokenFile, username, password, exec, extensions
        case certificate = "client-certificate"
        case certificateData = "client-certificate-data"
        case key = "client-key"
        case keyData = "client-key-data"
        case provider = "auth-provider"
        case name = "as"
        case groups = "as-groups"
        case uid = "as-uid"
        case extra = "as-user-extra"
    }

    /// What was found, before it is known what goes together.
    private struct Parts {
        var token: PlacedText?
        var tokenFile: PlacedText?
        var username: PlacedText?
        var password: PlacedText?
        var plugin: (value: ExecPlugin, place: TextPlace)?
        var certificate: PlacedText?
        var certificateData: PlacedText?
        var key: PlacedText?
        var keyData: PlacedText?
        var impersonation = Impersonation()
    }

    func user<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> Kubeconfig.User {
        var parts = Parts()
        try reader.fields(refusesOthers: true) { (reader, field: UserField) throws(CatalogFault) in
            switch field {
            case .token: parts.token = try reader.placedText("a token")
            case .tokenFile: parts.tokenFile = try path(&reader)
            case .username: parts.username = try reader.placedText("a name")
            case .password: parts.password = try reader.placedText("a password")
            case .certificate: parts.certificate = try path(&reader)
            case .certificateData: parts.certificateData = try reader.placedText("base64")
            case .key: parts.key = try path(&reader)
            case .keyData: parts.keyData = try reader.placedText("base64")
            case .exec:
                let place = try reader.place()
                parts.plugin = (try plugin(&reader), place)
            case .name: parts.impersonation.name = try impersonated(&reader)
            case .uid: parts.impersonation.uid = try impersonated(&reader)
            case .groups: try groups(&reader, into: &parts.impersonation)
            case .extra: try extra(&reader, into: &parts.impersonation)
            case .extensions: try reader.skip()
            case .provider:
                throw try reader.place().fault(
                    "expected exec, a token or a certificate: providers are not supported")
            }
        }
        return try user(of: parts)
    }

    private func user(of parts: Parts) throws(CatalogFault) -> Kubeconfig.User {
        let certificate = try octets(
            file: parts.certificate, data: parts.certificateData, .certificates,
            name: "client-certificate")
        let key = try octets(file: parts.key, data: parts.keyData, .key, name: "client-key")
        if key == nil, let place = (parts.certificate ?? parts.certificateData)?.place {
            throw place.fault("expected client-key or client-key-data beside it")
        }
        if certificate == nil, let place = (parts.key ?? parts.keyData)?.place {
            throw place.fault("expected client-certificate or client-certificate-data beside it")
        }
        let credential = try credential(of: parts)
        if case .plugin(_, let place) = credential, certificate != nil {
            throw place.fault("expected no other credential beside it")
        }
        return Kubeconfig.User(
            credential: credential, certificate: certificate, key: key,
            headers: try parts.impersonation.headers())
    }

    private func credential(of parts: Parts) throws(CatalogFault) -> Credential? {
        let token = parts.tokenFile ?? parts.token
        let basic = parts.username ?? parts.password
        if let plugin = parts.plugin {
            guard token == nil, basic == nil else {
                throw plugin.place.fault("expected no other credential beside it")
            }
            return .plugin(plugin.value, plugin.place)
        }
        if let basic {
            guard token == nil else { throw basic.place.fault("expected no token beside it") }
            guard let name = parts.username else {
                throw basic.place.fault("expected a username beside it")
            }
            guard !name.text.utf8.contains(UInt8(ascii: ":")) else {
                throw name.place.fault("expected a name without a colon")
            }
            let password = parts.password?.text ?? ""
            guard name.text.utf8.count + password.utf8.count <= CredentialRule.maximumTokenLength
            else { throw basic.place.fault("expected a name and a password of at most 64 KiB") }
            return .basic(name: name.text, password: password)
        }
        if let file = parts.tokenFile { return .tokenFile(file) }
        guard let placed = parts.token else { return nil }
        guard let token = CredentialRule.token(placed.text.utf8) else {
            throw placed.place.fault("expected \(CredentialRule.tokenExpectation)")
        }
        return .token(token)
    }

    // MARK: Whom we act as

    private struct Impersonation {
        var name: PlacedText?
        var uid: PlacedText?
        var groups: [String] = []
        var extra: [(name: String, value: String)] = []
        /// Where there is something that needs a name.
        var needsName: TextPlace?

        func headers() throws(CatalogFault) -> [APIHeader] {
            guard let name else {
                if let place = needsName ?? uid?.place {
                    throw place.fault("expected as beside it")
                }
                return []
            }
            return [APIHeader(name: "Impersonate-User", value: name.text)]
                + [uid].compactMap { $0 }.map { APIHeader(name: "Impersonate-Uid", value: $0.text) }
                + groups.map { APIHeader(name: "Impersonate-Group", value: $0) }
                + extra.map {
                    APIHeader(name: "Impersonate-Extra-\(escaped($0.name))", value: $0.value)
                }
        }

        /// A name of which the octets that no header's name may have are written as `%2F`.
        private func escaped(_ name: String) -> String {
            name.utf8.reduce(into: "") { text, octet in
                let scalar = Unicode.Scalar(octet)
                let isPlain =
                    scalar.isASCII
                    && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                        || "!#$&'*+-.^_`|~".utf8.contains(octet))
                let digits = String(octet, radix: 16, uppercase: true)
                text += isPlain ? String(scalar) : digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    private func impersonated<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> PlacedText? {
        guard let text = try reader.placedText() else { return nil }
        guard CredentialRule.isHeaderValue(text.text) else {
            throw text.place.fault(Self.valueExpectation)
        }
        return text
    }

    private static var valueExpectation: String {
        "expected text that a header may have, at most 64 KiB"
    }

    private func values<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, _ expected: String
    ) throws(CatalogFault) -> [String] {
        var values: [String] = []
        try reader.elements(expected) { (reader, _) throws(CatalogFault) in
            let mark = try reader.mark()
            let value = try reader.text()
            guard CredentialRule.isHeaderValue(value) else {
                throw reader.fault(at: mark, Self.valueExpectation)
            }
            values.append(value)
        }
        return values
    }

    private func groups<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, into impersonation: inout Impersonation
    ) throws(CatalogFault) {
        let place = try reader.place()
        impersonation.groups = try values(&reader, "a list of groups")
        if !impersonation.groups.isEmpty { impersonation.needsName = place }
    }

    private func extra<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, into impersonation: inout Impersonation
    ) throws(CatalogFault) {
        let place = try reader.place()
        var lists: [String: [String]] = [:]
        try reader.entries { (reader, name) throws(CatalogFault) in
            let mark = try reader.mark()
            guard let name, !name.isEmpty else {
                throw reader.fault(at: mark, "expected names of 1 to 256 octets")
            }
            let values = try values(&reader, "a list of text")
            guard lists.updateValue(values, forKey: name) == nil else {
                throw reader.fault(at: mark, "expected each name once")
            }
        }
        impersonation.extra = lists.sorted { $0.key < $1.key }.flatMap { name, values in
            values.map { (name, $0) }
        }
        if !impersonation.extra.isEmpty { impersonation.needsName = place }
    }
}
