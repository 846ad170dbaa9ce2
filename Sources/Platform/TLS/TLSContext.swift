// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import COpenSSL

/// One server context of libssl, made from files and never changed.
///
/// A reload makes another; connections keep the one they began with.
@safe
package final class TLSContext: @unchecked Sendable {
    // Premise of @unchecked Sendable: immutable after `init`, and libssl counts references to it
    // atomically.
    private let context: OpaquePointer

    /// Reads the files.
    package init(_ configuration: TLSConfiguration) throws(TLSError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw TLSError(description: "libssl has no memory")
        }
        unsafe self.context = context
        unsafe copenssl_harden(context)
        switch configuration.inside {
        case .dot: unsafe copenssl_speak_dot(context)
        case .http: unsafe copenssl_speak_http(context)
        }
        try loadCertificate(configuration)
        try setClientCertificates(configuration)
    }

    deinit { unsafe SSL_CTX_free(context) }

    private func loadCertificate(_ configuration: TLSConfiguration) throws(TLSError) {
        let certificate = configuration.certificateFile
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw Self.error("no certificate", certificate)
        }
        let key = configuration.keyFile
        guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            throw Self.error("no private key for \(certificate)", key)
        }
    }

    private func setClientCertificates(
        _ configuration: TLSConfiguration
    ) throws(TLSError) {
        guard configuration.clientCertificates != .unasked else { return }
        unsafe copenssl_forbid_resumption(context)
        if let authorities = configuration.authoritiesFile {
            guard unsafe SSL_CTX_load_verify_locations(context, authorities, nil) == 1,
                let names = unsafe SSL_load_client_CA_file(authorities)
            else { throw Self.error("no authorities", authorities) }
            unsafe SSL_CTX_set_client_CA_list(context, names)
        }
        let mustCome = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        switch configuration.clientCertificates {
        case .unasked: break
        case .request: unsafe copenssl_ask_for_certificate(context, SSL_VERIFY_PEER)
        case .require: unsafe copenssl_ask_for_certificate(context, mustCome)
        case .verifyIfGiven: unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        case .requireAndVerify: unsafe SSL_CTX_set_verify(context, mustCome, nil)
        }
    }

    fileprivate static func error(_ what: String, _ file: String) -> TLSError {
        TLSError(description: "\(file): \(what) (\(lastReason ?? "unreadable"))")
    }

    /// What libssl says of the oldest error of this thread.
    fileprivate static var lastReason: String? {
        unsafe ERR_reason_error_string(ERR_peek_error()).map { unsafe String(cString: $0) }
    }

    /// The server's side of a session on a connected socket; nil when there is no memory.
    package func makeSession(descriptor: Int32) -> TLSSession? {
        guard let session = unsafe SSL_new(context) else { return nil }
        unsafe SSL_set_fd(session, descriptor)
        unsafe SSL_set_accept_state(session)
        return unsafe TLSSession(session)
    }
}

/// One client context of libssl, for DNS over TLS.
@safe
package final class TLSClientContext: @unchecked Sendable {
    // Premise of @unchecked Sendable: immutable after `init`, and libssl counts references to it
    // atomically.
    private let context: OpaquePointer
    private let configuration: TLSClientConfiguration

    /// Reads the authorities.
    package init(_ configuration: TLSClientConfiguration) throws(TLSError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw TLSError(description: "libssl has no memory")
        }
        unsafe self.context = context
        self.configuration = configuration
        unsafe copenssl_harden(context)
        guard configuration.verifies else { return }
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let file = configuration.authoritiesFile {
            guard unsafe SSL_CTX_load_verify_locations(context, file, nil) == 1 else {
                throw TLSContext.error("no authorities", file)
            }
        } else {
            unsafe SSL_CTX_set_default_verify_paths(context)
        }
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// The client's side of a session on a connected socket; nil when there is no memory.
    package func makeSession(descriptor: Int32) -> TLSSession? {
        guard let session = unsafe SSL_new(context) else { return nil }
        unsafe SSL_set_fd(session, descriptor)
        unsafe SSL_set_connect_state(session)
        let result = unsafe TLSSession(session)
        let name = configuration.hostname
        // An address goes into no SNI and is compared with addresses.
        let isAddress =
            unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
        guard unsafe copenssl_ask_for_dot(session, isAddress ? nil : name) == 1,
            unsafe isAddress || SSL_set1_host(session, name) == 1
        else { return nil }
        return result
    }
}

/// The TLS state of one connection; used on one queue.
///
/// libssl writes without MSG_NOSIGNAL: the process ignores SIGPIPE.
@safe
package final class TLSSession {
    private let session: OpaquePointer
    package private(set) var isEstablished = false

    fileprivate init(_ session: OpaquePointer) { unsafe self.session = session }

    deinit { unsafe SSL_free(session) }

    /// Goes as far as the octets at hand allow; `.octets` when both are done.
    package func shakeHands() -> Transfer {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(session)
        if result == 1 { isEstablished = true }
        return transfer(result)
    }

    /// At most one record.
    package func read(into room: UnsafeMutableRawBufferPointer) -> Transfer {
        ERR_clear_error()
        return unsafe transfer(SSL_read(session, room.baseAddress, Int32(clamping: room.count)))
    }

    package func write(_ octets: UnsafeRawBufferPointer) -> Transfer {
        ERR_clear_error()
        return unsafe transfer(
            SSL_write(session, octets.baseAddress, Int32(clamping: octets.count)))
    }

    /// Why shaking hands failed, as far as libssl knows.
    package var problem: String {
        let verified = unsafe SSL_get_verify_result(session)
        guard verified == Int(X509_V_OK) else {
            return unsafe String(cString: X509_verify_cert_error_string(verified))
        }
        return TLSContext.lastReason ?? "the connection ended"
    }

    /// Whether octets wait that the socket no longer tells of.
    package var hasPending: Bool { unsafe SSL_has_pending(session) == 1 }

    /// Says goodbye; the peer's is not awaited.
    package func shutDown() {
        guard isEstablished else { return }
        ERR_clear_error()
        unsafe SSL_shutdown(session)
    }

    private func transfer(_ result: Int32) -> Transfer {
        if result > 0 { return .octets(Int(result)) }
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        default: return .failed
        }
    }
}
