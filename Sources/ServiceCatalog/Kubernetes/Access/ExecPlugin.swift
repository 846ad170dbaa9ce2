// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import JSON

/// A program that a kubeconfig names, which answers with a credential.
struct ExecPlugin: Sendable, Equatable {
    static let group = "client.authentication.k8s.io"

    /// With its group.
    var apiVersion = ""
    var command = ""
    var arguments: [String] = []
    var environment: [String: String] = [:]
    /// What a person does who has no such program.
    var installHint = ""
    var wantsClusterInfo = false

    /// The value of KUBERNETES_EXEC_INFO: what the plugin is told of us and of the server.
    func information(on access: APIAccess) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("apiVersion")
        writer.text(apiVersion)
        writer.field("kind")
        writer.text("ExecCredential")
        writer.field("spec")
        writer.beginObject()
        if wantsClusterInfo { write(access, to: &writer) }
        writer.field("interactive")
        writer.boolean(false)
        writer.endObject()
        writer.endObject()
        return String(decoding: writer.octets, as: UTF8.self)
    }

    private func write(_ access: APIAccess, to writer: inout JSONWriter) {
        writer.field("cluster")
        writer.beginObject()
        writer.field("server")
        writer.text(access.server)
        let texts = [
            ("tls-server-name", access.serverName),
            ("certificate-authority-data", access.authorities.map { Base64.encode($0) }),
            ("proxy-url", access.proxy),
        ]
        for (name, text) in texts {
            guard let text else { continue }
            writer.field(name)
            writer.text(text)
        }
        if access.skipsVerification {
            writer.field("insecure-skip-tls-verify")
            writer.boolean(true)
        }
        writer.endObject()
    }

    /// The program's file as seen from here: a relative path is one from the kubeconfig's folder.
    func program(in folder: String) -> String {
        let isRelative = command.utf8.contains(UInt8(ascii: "/")) && !command.hasPrefix("/")
        return isRelative ? "\(folder)/\(command)" : command
    }
}

// MARK: - In a kubeconfig

extension KubeconfigDetails {
    private enum PluginField: String {
        case apiVersion, command, args, env, installHint, interactiveMode, provideClusterInfo
    }
    private enum VariableField: String { case name, value }

    func plugin<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> ExecPlugin {
        let place = try reader.place()
        guard isFile else {
            throw place.fault("expected no program in a kubeconfig that is no file")
        }
        var plugin = ExecPlugin()
        try reader.fields { (reader, field: PluginField) throws(CatalogFault) in
            switch field {
            case .apiVersion:
                plugin.apiVersion = try reader.choice(
                    ["\(ExecPlugin.group)/v1", "\(ExecPlugin.group)/v1beta1"],
                    "\(ExecPlugin.group)/v1 or v1beta1")
            case .command: plugin.command = try argument(&reader, "a program")
            case .args:
                try reader.elements("a list of arguments") { (reader, _) throws(CatalogFault) in
                    plugin.arguments.append(try argument(&reader, "an argument"))
                }
            case .env:
                try reader.elements("a list of variables") { (reader, _) throws(CatalogFault) in
                    let (name, value) = try variable(&reader)
                    plugin.environment[name] = value
                }
            case .installHint: plugin.installHint = try reader.text()
            case .interactiveMode:
                _ = try reader.choice(
                    ["Never", "IfAvailable"], "Never or IfAvailable, as nobody is there to ask")
            case .provideClusterInfo: plugin.wantsClusterInfo = try reader.boolean()
            }
        }
        guard !plugin.command.isEmpty else { throw place.fault("expected a command") }
        guard !plugin.apiVersion.isEmpty else { throw place.fault("expected an apiVersion") }
        return plugin
    }

    private func argument<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>, _ expected: String
    ) throws(CatalogFault) -> String {
        let mark = try reader.mark()
        let text = try reader.text(expected)
        guard !text.utf8.contains(0) else {
            throw reader.fault(at: mark, "expected \(expected) without NUL")
        }
        return text
    }

    private func variable<Reader: ObjectReader>(
        _ reader: inout SecretReader<Reader>
    ) throws(CatalogFault) -> (name: String, value: String) {
        let mark = try reader.mark()
        var (name, value) = ("", "")
        try reader.fields { (reader, field: VariableField) throws(CatalogFault) in
            switch field {
            case .name: name = try argument(&reader, "a name")
            case .value: value = try argument(&reader, "a value")
            }
        }
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
            throw reader.fault(at: mark, "expected a name without an equals sign")
        }
        return (name, value)
    }
}
