// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// How kwok plays the part of kubelets: nodes become Ready, pods on them get an address and become
/// Ready, and deleted pods go.
enum KwokStages {
    static let yaml = [nodeReady, podReady, podGone].joined(separator: "---\n")

    private static let nodeReady = """
        apiVersion: kwok.x-k8s.io/v1alpha1
        kind: Stage
        metadata: {name: node-ready}
        spec:
          resourceRef: {apiGroup: v1, kind: Node}
          selector:
            matchExpressions:
            - key: '.status.conditions.[] | select( .type == "Ready" ) | .status'
              operator: NotIn
              values: ["True"]
          next:
            statusTemplate: |
              addresses: [{type: InternalIP, address: {{ NodeIP | Quote }}}]
              allocatable: {cpu: "1000", memory: 1Ti, pods: "1000000"}
              capacity: {cpu: "1000", memory: 1Ti, pods: "1000000"}
              conditions:
              - type: Ready
                status: "True"
                reason: Simulated
                message: simulated
                lastHeartbeatTime: {{ Now | Quote }}
                lastTransitionTime: {{ Now | Quote }}
              nodeInfo:
                architecture: amd64
                operatingSystem: linux
                kubeletVersion: simulated
                bootID: ""
                containerRuntimeVersion: ""
                kernelVersion: ""
                kubeProxyVersion: ""
                machineID: ""
                osImage: ""
                systemUUID: ""
              phase: Running

        """

    private static let podReady = """
        apiVersion: kwok.x-k8s.io/v1alpha1
        kind: Stage
        metadata: {name: pod-ready}
        spec:
          resourceRef: {apiGroup: v1, kind: Pod}
          selector:
            matchExpressions:
            - {key: '.metadata.deletionTimestamp', operator: DoesNotExist}
            - {key: '.status.podIP', operator: DoesNotExist}
          next:
            statusTemplate: |
              {{ $now := Now }}
              {{ $onHost := or .spec.hostNetwork false }}
              {{ $ip := PodIPWith .spec.nodeName $onHost .metadata.uid .metadata.name .metadata.namespace }}
              conditions:
              {{ range $type := list "Initialized" "Ready" "ContainersReady" }}
              - {type: {{ $type }}, status: "True", lastTransitionTime: {{ $now | Quote }}}
              {{ end }}
              containerStatuses:
              {{ range .spec.containers }}
              - name: {{ .name | Quote }}
                image: {{ .image | Quote }}
                imageID: ""
                ready: true
                restartCount: 0
                state: {running: {startedAt: {{ $now | Quote }}}}
              {{ end }}
              hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
              podIP: {{ $ip | Quote }}
              podIPs: [{ip: {{ $ip | Quote }}}]
              phase: Running
              startTime: {{ $now | Quote }}

        """

    private static let podGone = """
        apiVersion: kwok.x-k8s.io/v1alpha1
        kind: Stage
        metadata: {name: pod-gone}
        spec:
          resourceRef: {apiGroup: v1, kind: Pod}
          selector:
            matchExpressions:
            - {key: '.metadata.deletionTimestamp', operator: Exists}
          next: {finalizers: {empty: true}, delete: true}

        """
}
