// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Corefile
internal import Dispatch
internal import FileWatch
internal import Log
import TLS

/// The certificates of listeners: read when they are first asked for, and again when their files
/// change.
///
/// What cannot be read leaves the certificate that was there.
final class CertificateKeeper: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on `queue` only.
    private struct Entry {
        let context: TLSContext
        let watches: [FileWatch]
    }

    private let queue = DispatchQueue(label: "fabdns.tls")
    private let log: Log
    private var entries: [TLSConfiguration: Entry] = [:]
    private var renew: @Sendable (TLSConfiguration, TLSContext) -> Void = { _, _ in }
    private var isLookPlanned = false

    /// A certificate and its key are replaced one after the other: the second may still come.
    private static let settleMilliseconds = 200

    init(log: Log) { self.log = log }

    /// What connections are encrypted with; the files are read if they are new.
    func context(_ wanted: TLSConfiguration) throws(TLSError) -> TLSContext {
        try queue.sync { () -> Result<TLSContext, TLSError> in
            if let entry = entries[wanted] { return .success(entry.context) }
            return Result { () throws(TLSError) in
                let context = try TLSContext(wanted)
                entries[wanted] = Entry(context: context, watches: watches(wanted))
                return context
            }
        }.get()
    }

    /// Forgets all others; `renew` is called on the keeper's queue when one of these is read again.
    func keep(
        _ wanted: Set<TLSConfiguration>,
        renew: @escaping @Sendable (TLSConfiguration, TLSContext) -> Void
    ) {
        queue.sync {
            self.renew = renew
            for unwanted in Set(entries.keys).subtracting(wanted) {
                entries.removeValue(forKey: unwanted)?.watches.forEach { $0.stop() }
            }
        }
    }

    // MARK: On the queue

    private func watches(_ wanted: TLSConfiguration) -> [FileWatch] {
        [wanted.certificateFile, wanted.keyFile, wanted.authoritiesFile].compactMap(\.self).map {
            FileWatch(path: $0, queue: queue) { [weak self] in self?.planLook() }
        }
    }

    private func planLook() {
        guard !isLookPlanned else { return }
        isLookPlanned = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.settleMilliseconds)) { [weak self] in
            self?.isLookPlanned = false
            self?.look()
        }
    }

    private func look() {
        for (wanted, entry) in entries {
            do throws(TLSError) {
                let context = try TLSContext(wanted)
                entries[wanted] = Entry(context: context, watches: entry.watches)
                renew(wanted, context)
                log.info("plugin/tls: read \(wanted.certificateFile) again")
            } catch {
                log.error("plugin/tls: the certificate that was there stays: \(error)")
            }
        }
    }
}

extension TLSConfiguration {
    /// DNS over TLS as a `tls` line wants it.
    init(_ directive: TLSDirective) {
        let clientCertificates: ClientCertificates =
            switch directive.clientCertificates {
            case .unasked: .unasked
            case .request: .request
            case .require: .require
            case .verifyIfGiven: .verifyIfGiven
            case .requireAndVerify: .requireAndVerify
            }
        self.init(
            certificateFile: directive.certificateFile, keyFile: directive.keyFile,
            authoritiesFile: directive.authoritiesFile, clientCertificates: clientCertificates,
            inside: .dot)
    }
}
