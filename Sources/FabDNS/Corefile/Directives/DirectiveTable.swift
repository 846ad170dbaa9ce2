// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Suggestion

/// The directives of CoreDNS and fab-dns by name, and what becomes of each here.
enum DirectiveTable {
    /// These have a file of their own.
    static let supported: Set<String> = [
        "acl", "any", "bind", "bufsize", "chaos", "errors", "fabdns", "health", "loadbalance",
        "log", "multisocket", "nsid", "prometheus", "ready", "reload", "timeouts", "tls", "whoami",
    ]

    /// Without them every answer stays the same: they are accepted.
    ///
    /// Their arguments are not read, but for `cache`.
    static let ignored: Set<String> = [
        "cache", "cancel", "debug", "dnstap", "geoip", "loop", "metadata", "pprof", "root", "shed",
        "trace",
    ]

    /// They change who is answered or what: a server that left them out would not do what its
    /// Corefile says.
    static let refused: Set<String> = [
        "auto", "autopath", "azure", "clouddns", "dns64", "dnssec", "dynupdate", "erratic",
        "etcd", "federation", "file", "forward", "grpc", "grpc_server", "header", "hosts", "https",
        "https3", "k8s_external", "kubernetes", "local", "minimal", "multicluster", "nomad", "on",
        "proxy", "proxyproto", "quic", "rewrite", "route53", "secondary", "sign", "siit",
        "template", "transfer", "tsig", "view",
    ]

    /// A second one in the same server block is an error.
    static let once: Set<String> = [
        "bufsize", "cache", "chaos", "errors", "fabdns", "health", "loadbalance", "loop",
        "metadata",
        "multisocket", "nsid", "pprof", "prometheus", "ready", "reload", "shed", "timeouts", "tls",
    ]

    enum Verdict: Equatable {
        case ignored
        case refused
        /// The suggestion is empty or reads `, did you mean 'x'?`.
        case unknown(suggestion: String)
    }

    /// What becomes of a directive without a file of its own; names count by case, as in CoreDNS.
    static func verdict(on name: String) -> Verdict {
        if ignored.contains(name) { return .ignored }
        if refused.contains(name) { return .refused }
        return .unknown(suggestion: suggestion(for: name, among: supported.union(ignored).sorted()))
    }

    /// The end of a message about an unknown word.
    static func suggestion(for word: String, among candidates: [String]) -> String {
        nearest(to: word, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
    }
}
