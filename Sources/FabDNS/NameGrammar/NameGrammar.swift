// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// The name forms below a zone, read and written: a sequence of labels, the zone's own not among
/// them.
///
/// ```
///                      SVC  NS  svc
///                      SVC  NS  CLUSTER      CLUSTER is not `svc`
///             CLUSTER  SVC  NS  svc
///       HOST  CLUSTER  SVC  NS  svc
///  HOST  CLUS  TER.ID  SVC  NS  svc          of a cluster that is known
///      _PORT  _PROTO   SVC  NS  svc
/// ```
///
/// A label that begins with an underscore is a port or a transport; nothing else in a catalog does.
/// The label count tells the forms apart, so a zone may have any depth; only a cluster id of two
/// labels has to be known to be seen. Which services exist is not known here.
package enum NameGrammar {
    /// The octets of a label (RFC 1035 §2.3.4).
    private static let maximumLabelOctets = 63
    private static let serviceLabel = "svc"

    /// The labels before the zone in lower case, leftmost first; nil for a name outside the zone.
    ///
    /// Both are in presentation format without escapes, the final dot may lack; the zone's own name
    /// has no labels before the zone.
    package static func labels(of name: String, below zone: String) -> [String]? {
        let labels = absoluteLabels(name)
        let suffix = absoluteLabels(zone)
        guard labels.count >= suffix.count, labels.suffix(suffix.count).elementsEqual(suffix)
        else { return nil }
        return labels.dropLast(suffix.count)
    }

    /// What the labels ask for; nil when they have none of the forms.
    ///
    /// Labels are in lower case, leftmost first. Where a cluster id of two labels is known, it wins
    /// over a host and its cluster. KEP-1645 has no forms for a service in one cluster.
    package static func parse(
        labels: [String], hasClusterForms: Bool = true,
        isCluster: (String) -> Bool = { _ in false }
    ) -> ServiceQuestion? {
        let plain = labels.drop { $0.hasPrefix("_") }
        guard plain.allSatisfy(isPlainLabel) else { return nil }
        switch labels.count {
        case 3 where labels[2] != serviceLabel && plain.count == 3:
            guard hasClusterForms else { return nil }
            return .deprecatedCluster(
                service: labels[0], namespace: labels[1], cluster: labels[2])
        case 3...6 where labels.last == serviceLabel:
            break
        default:
            return nil
        }
        switch (labels.count, plain.count) {
        case (3, 3):
            return .service(service: labels[0], namespace: labels[1])
        case (4, 4):
            guard hasClusterForms else { return nil }
            return .cluster(cluster: labels[0], service: labels[1], namespace: labels[2])
        case (5, 5) where isCluster("\(labels[0]).\(labels[1])"):
            guard hasClusterForms else { return nil }
            return .cluster(
                cluster: "\(labels[0]).\(labels[1])", service: labels[2], namespace: labels[3])
        case (6, 6) where isCluster("\(labels[1]).\(labels[2])"):
            return .host(
                host: labels[0], cluster: "\(labels[1]).\(labels[2])", service: labels[3],
                namespace: labels[4])
        case (5, 5):
            return .host(
                host: labels[0], cluster: labels[1], service: labels[2], namespace: labels[3])
        case (5, 3):
            let port = String(labels[0].dropFirst())
            let transport = String(labels[1].dropFirst())
            guard isPortLabel(port), isPortLabel(transport) else { return nil }
            return .port(
                port: port, transport: transport, service: labels[2], namespace: labels[3])
        default:
            return nil
        }
    }

    /// The labels that ask for it, leftmost first; nil when there is no such name.
    ///
    /// There is none for a part that is no label, and none in the deprecated form for the cluster
    /// `svc` or for a cluster id with dots. In the other forms such an id takes one label per part.
    package static func labels(of question: ServiceQuestion) -> [String]? {
        let labels: [String]
        switch question {
        case .service(let service, let namespace):
            labels = [service, namespace, serviceLabel]
        case .port(let port, let transport, let service, let namespace):
            guard isPortLabel(port), isPortLabel(transport) else { return nil }
            let plain = [service, namespace, serviceLabel]
            guard plain.allSatisfy(isPlainLabel) else { return nil }
            return ["_" + port, "_" + transport] + plain
        case .deprecatedCluster(let service, let namespace, let cluster):
            guard cluster != serviceLabel else { return nil }
            labels = [service, namespace, cluster]
        case .cluster(let cluster, let service, let namespace):
            labels = parts(of: cluster) + [service, namespace, serviceLabel]
        case .host(let host, let cluster, let service, let namespace):
            labels = [host] + parts(of: cluster) + [service, namespace, serviceLabel]
        }
        return labels.allSatisfy(isPlainLabel) ? labels : nil
    }

    /// The host label of an endpoint without a host name: its address with dashes, `10-0-0-1`.
    package static func dashedHostname(of address: String) -> String {
        let octets = address.utf8.map {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") ? UInt8(ascii: "-") : $0
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func absoluteLabels(_ name: String) -> [String] {
        var labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        if labels.last == "" { labels.removeLast() }
        // The root is a dot alone.
        if labels == [""] { labels.removeLast() }
        return labels.map(String.init)
    }

    private static func parts(of cluster: String) -> [String] {
        guard cluster.utf8.contains(UInt8(ascii: ".")) else { return [cluster] }
        return cluster.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isPlainLabel(_ text: String) -> Bool {
        1...maximumLabelOctets ~= text.utf8.count && !text.utf8.contains(UInt8(ascii: "."))
            && text.utf8.first != UInt8(ascii: "_")
    }

    /// Without its underscore.
    private static func isPortLabel(_ text: String) -> Bool {
        1..<maximumLabelOctets ~= text.utf8.count && !text.utf8.contains(UInt8(ascii: "."))
    }
}
