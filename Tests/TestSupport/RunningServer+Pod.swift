// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Foundation

extension RunningServer {
    /// Whether this machine lets us give a program other files than its own.
    package static let canPlayPod: Bool = {
        guard geteuid() == 0, let unshare = Programs.installed("unshare") else { return false }
        return (try? Programs.run(unshare, ["-m", "true"]).status) == 0
    }()

    /// In mounts of its own, `/var/run` is empty but for the files of a service account.
    private static let script = """
        set -e
        mount -t tmpfs none "$(readlink -f /var/run)"
        account=/var/run/secrets/kubernetes.io/serviceaccount
        mkdir -p $account
        cp "$0/token" "$0/ca.crt" "$0/namespace" $account
        exec "$@"
        """

    /// As in a Pod of a cluster with a service account, which has to exist there.
    package convenience init(
        inPodOf plane: ControlPlane, serviceAccount: String, namespace: String, corefile: String
    ) throws {
        let folder = try Folder([
            "Corefile": corefile, "ca.crt": plane.authority, "namespace": namespace,
            "token": plane.token(serviceAccount: serviceAccount, namespace: namespace),
        ])
        try self.init(
            arguments: ["-conf", folder.path("Corefile"), "-dns.port", "0"], folder: folder,
            environment: [
                "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(plane.port)",
            ],
            launcher: (
                Programs.required("unshare"),
                ["-m", "/bin/sh", "-c", Self.script, folder.url.path()]
            ))
    }
}
