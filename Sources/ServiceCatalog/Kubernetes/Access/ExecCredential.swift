// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a plugin answered: a token, a certificate with its key, or all.
struct ExecCredential: Sendable, Equatable {
    var token: String?
    var certificate: [UInt8]?
    var key: [UInt8]?
    /// Seconds since the beginning of 1970; nil is good until the server refuses it.
    var expiration: Double?
}

/// The answer of a plugin that was asked in a version of the API.
struct ExecReply: SecretDocument {
    let apiVersion: String

    private enum Field: String { case apiVersion, kind, status }
    private enum StatusField: String {
        case token, clientCertificateData, clientKeyData, expirationTimestamp
    }

    func read<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> ExecCredential {
        let start = try reader.place()
        var credential: ExecCredential?
        var (hasVersion, hasKind) = (false, false)
        try reader.fields("an ExecCredential") { (reader, field: Field) throws(CatalogFault) in
            switch field {
            case .apiVersion:
                _ = try reader.choice([apiVersion], apiVersion)
                hasVersion = true
            case .kind:
                _ = try reader.choice(["ExecCredential"], "ExecCredential")
                hasKind = true
            case .status: credential = try status(&reader)
            }
        }
        guard hasVersion else { throw start.fault("expected apiVersion \(apiVersion)") }
        guard hasKind else { throw start.fault("expected kind ExecCredential") }
        guard let credential else { throw start.fault("expected a status") }
        return credential
    }

    private func status<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> ExecCredential {
        let start = try reader.place()
        var credential = ExecCredential()
        try reader.fields { (reader, field: StatusField) throws(CatalogFault) in
            switch field {
            case .token:
                guard let text = try reader.placedText("a token") else { return }
                guard let token = CredentialRule.token(text.text.utf8) else {
                    throw text.place.fault("expected \(CredentialRule.tokenExpectation)")
                }
                credential.token = token
            case .clientCertificateData: credential.certificate = try pem(&reader, .certificates)
            case .clientKeyData: credential.key = try pem(&reader, .key)
            case .expirationTimestamp:
                guard let text = try reader.placedText("a time") else { return }
                guard let time = RFC3339.seconds(text.text.utf8) else {
                    throw text.place.fault("expected a time of RFC 3339")
                }
                credential.expiration = time
            }
        }
        guard credential.token != nil || credential.certificate != nil || credential.key != nil
        else { throw start.fault("expected a token, or a certificate and its key") }
        guard (credential.certificate == nil) == (credential.key == nil) else {
            throw start.fault("expected a certificate and its key, found one of them")
        }
        return credential
    }

    private func pem<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, _ content: PEMContent
    ) throws(CatalogFault) -> [UInt8]? {
        guard let text = try reader.placedText(content.expectation) else { return nil }
        let octets = Array(text.text.utf8)
        guard content.accepts(octets) else {
            throw text.place.fault("expected \(content.expectation)")
        }
        return octets
    }
}
