// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

/// What an administrator does.
extension ControlPlane {
    /// The program that `kubectl` runs.
    private var kubectlProgram: URL { plan.assets.appending(path: "kubectl") }

    /// What kubectl said as administrator; a failure with its complaint when it ended badly.
    @discardableResult
    package func kubectl(_ arguments: [String], input: String = "") throws -> String {
        let ended = try Programs.run(
            kubectlProgram,
            ["--kubeconfig=\(kubeconfig)", "--request-timeout=60s"] + arguments, input: input)
        guard ended.status == 0 else {
            throw Failure("kubectl \(arguments.joined(separator: " ")): \(ended.error)")
        }
        return ended.output
    }

    /// kubectl as administrator, for as long as it runs; `hears` gets what it writes, as it comes.
    package func runningKubectl(
        _ arguments: [String], hears: @escaping @Sendable (String) -> Void
    ) throws -> RunningProgram {
        try RunningProgram(
            kubectlProgram, ["--kubeconfig=\(kubeconfig)"] + arguments, hears: hears)
    }

    /// Creates or changes objects.
    package func apply(_ yaml: String) throws {
        try kubectl(["apply", "-f", "-"], input: yaml)
    }

    // MARK: Who else may ask

    /// A token of a service account, which has to exist.
    ///
    /// The shortest duration that the API server grants is `10m`.
    package func token(
        serviceAccount: String, namespace: String, duration: String = "1h"
    ) throws -> String {
        try kubectl(["create", "token", serviceAccount, "-n", namespace, "--duration", duration])
            .trimmingCharacters(in: .newlines)
    }

    /// The path of a kubeconfig with a token of a service account, which has to exist.
    package func kubeconfig(
        serviceAccount: String, namespace: String, duration: String = "1h"
    ) throws -> String {
        let token = try token(
            serviceAccount: serviceAccount, namespace: namespace, duration: duration)
        let file = "\(namespace)-\(serviceAccount)-\(UUID())"
        try plan.folder.write(file, plan.kubeconfig(user: serviceAccount, token: token))
        return plan.folder.path(file)
    }

    /// The certificate that has signed the API server's, in PEM.
    package var authority: String {
        get throws {
            try String(
                contentsOf: plan.folder.url.appending(path: "authority.pem"), encoding: .utf8)
        }
    }

    /// Everything signed anew by a new authority, and the API server started again with it; the
    /// administrator's kubeconfig names the new one.
    package func rotateCertificates() throws {
        try plan.writeCertificates()
        try startAPIServer()
    }

    // MARK: What is stored

    /// Deletes an object where the API server keeps it, whether or not that is there to be asked:
    /// `services/specs/default/web`.
    package func deleteStored(_ key: String) throws {
        try EtcdGateway(port: plan.etcdPort).delete("/registry/\(key)")
    }
}
