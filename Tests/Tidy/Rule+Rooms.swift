// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What each room may import and touch; ARCHITECTURE.md has the same table in words.
extension Rule {
    static let rooms = [imports, cModules, unsafeCode, wireWithoutUnsafe, publicImports]

    /// Folders and what their files may import beside the standard library.
    ///
    /// The deepest folder that holds a file is its room. Glibc is for rooms that make system calls.
    private static let allowedImports: [String: Set<String>] = [
        "Sources/DNSWire": [],
        "Sources/ServiceCatalog": [
            "CLinux", "ChildProcess", "Dispatch", "EventLoop", "FileWatch", "Glibc", "HTTPClient",
            "JSON", "Log",
            "Synchronization", "YAML",
        ],
        "Sources/FabDNS": [
            "CLinux", "CommandLineOptions", "Corefile", "DNSWire", "Digest", "Dispatch",
            "EventLoop", "FileWatch", "Glibc", "HTTP", "JSON", "Log", "NameGrammar",
            "ServiceCatalog",
            "Synchronization", "TLS", "Terminal", "Transport",
        ],
        "Sources/FabDNS/Corefile": ["Glibc", "Suggestion", "Synchronization"],
        "Sources/FabDNS/NameGrammar": [],
        "Sources/FabDNSQuery": [
            "CLDNS", "CommandLineOptions", "Corefile", "Dispatch", "Glibc", "JSON", "NameGrammar",
            "ServiceCatalog", "Suggestion", "Synchronization", "TLS", "Terminal",
        ],
        "Sources/FabEdgeCore": ["Dispatch", "Log", "ServiceCatalog", "Synchronization"],
        "Sources/Platform/ChildProcess": ["CLinux", "EventLoop", "Glibc"],
        "Sources/Platform/CommandLine": ["Suggestion"],
        "Sources/Platform/Digest": ["COpenSSL"],
        "Sources/Platform/EventLoop": ["CLinux", "Dispatch", "Glibc", "Synchronization"],
        "Sources/Platform/FileWatch": ["CLinux", "Dispatch", "Glibc"],
        "Sources/Platform/HTTP": ["EventLoop", "Glibc", "Synchronization", "TLS", "Transport"],
        "Sources/Platform/HTTPClient": ["CCurl", "Dispatch", "EventLoop", "Glibc"],
        "Sources/Platform/JSON": [],
        "Sources/Platform/Log": ["Dispatch", "Glibc", "Synchronization"],
        "Sources/Platform/Suggestion": [],
        "Sources/Platform/TLS": ["COpenSSL"],
        "Sources/Platform/Terminal": ["Glibc"],
        "Sources/Platform/Transport": ["CLinux", "EventLoop", "Glibc", "TLS"],
        "Sources/Platform/YAML": ["CYAML"],
        "Sources/Programs/fabdns": ["CommandLineOptions", "FabDNS", "Log"],
        "Sources/Programs/fabdns-query": ["FabDNSQuery"],
    ]

    private static func room(of path: String) -> String? {
        allowedImports.keys.filter { path.hasPrefix($0 + "/") }.max { $0.count < $1.count }
    }

    /// What a line of Swift imports, and whether publicly.
    private static func importedModule(_ line: String) -> (isPublic: Bool, module: String)? {
        let words = line.split { $0 == " " || $0 == "." }
        let modifiers = words.prefix { $0 != "import" }
        guard
            modifiers.count < words.count,
            modifiers.allSatisfy({ $0.first == "@" || accessLevels.contains($0) }),
            let module = words.dropFirst(modifiers.count + 1).first(where: { !kinds.contains($0) })
        else { return nil }
        return (modifiers.contains("public"), String(module))
    }

    private static let accessLevels: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]

    /// The module maps and wrappers under `Sources/CLibraries`.
    private static func isC(_ module: String) -> Bool {
        module.wholeMatch(of: /C[A-Z]\w*/) != nil
    }

    static let imports = Rule(
        "A room imports only what the table allows",
        refused: [
            ["Sources/DNSWire/A.swift": "import Dispatch\n"],
            ["Sources/DNSWire/Name/A.swift": "internal import struct Foundation.Data\n"],
            ["Sources/FabEdgeCore/A.swift": "package import DNSWire\n"],
            ["Sources/FabDNS/Corefile/A.swift": "import DNSWire\n"],
            ["Sources/Elsewhere/A.swift": "let room = \"none\"\n"],
        ],
        accepted: [
            ["Sources/DNSWire/A.swift": "// import Dispatch\n"],
            ["Sources/FabDNS/A.swift": "import DNSWire\n"],
            ["Tests/DNSWireTests/A.swift": "import Dispatch\n"],
        ]
    ) { tree in
        tree.files(in: "Sources").filter { $0.path.hasSuffix(".swift") }.flatMap { file in
            guard let room = room(of: file.path), let allowed = allowedImports[room] else {
                return [file.finding("belongs to no room")]
            }
            return file.numberedCode.compactMap { number, line in
                guard let module = importedModule(line)?.module, !allowed.contains(module) else {
                    return nil
                }
                return file.finding(at: number, "\(room) may not import \(module)")
            }
        }
    }

    static let cModules = Rule(
        "A C library is imported in one Swift file per room",
        refused: [
            [
                "Sources/Platform/Transport/A.swift": "internal import CYAML\n",
                "Sources/Platform/Transport/B.swift": "private import CYAML\n",
            ]
        ],
        accepted: [
            [
                "Sources/Platform/Transport/A.swift": "import CYAML\n",
                "Sources/Platform/EventLoop/B.swift": "import CYAML\n",
            ]
        ]
    ) { tree in
        var first: [String: String] = [:]
        return tree.files(in: "Sources").flatMap { file in
            file.numberedCode.compactMap { number, line in
                // CLinux is the wrapper itself: its calls are at home wherever the rim is.
                guard let module = importedModule(line)?.module, isC(module), module != "CLinux"
                else { return nil }
                let key = "\(module) in \(room(of: file.path) ?? "no room")"
                guard let other = first[key], other != file.path else {
                    first[key] = file.path
                    return nil
                }
                return file.finding(at: number, "\(other) imports \(module) already")
            }
        }
    }

    static let unsafeCode = Rule(
        "Unsafe code is in the files that are known for it",
        exempt: [
            "Sources/FabDNS/Answers/AnswerCompiler.swift",
            "Sources/FabDNS/Answers/AnswerPublisher.swift",
            "Sources/FabDNS/Answers/BlockWriter.swift",
            "Sources/FabDNS/Answers/LocalityTable.swift",
            "Sources/FabDNS/Answers/NameHash.swift",
            "Sources/FabDNS/Answers/OwnerRecord.swift",
            "Sources/FabDNS/Answers/OwnerTable.swift",
            "Sources/FabDNS/Answers/ServiceAnswers.swift",
            "Sources/FabDNS/Answers/ZoneSet.swift",
            "Sources/FabDNS/Corefile/CorefileFiles.swift",
            "Sources/FabDNS/Corefile/Network.swift",
            "Sources/FabDNS/Monitoring/MeterBook.swift",
            "Sources/FabDNS/Monitoring/ProcessFigures.swift",
            "Sources/FabDNS/Monitoring/Responder+Count.swift",
            "Sources/FabDNS/Program/ServerProgram.swift",
            "Sources/FabDNS/Query/AccessTable.swift",
            "Sources/FabDNS/Query/AddressAnswer.swift",
            "Sources/FabDNS/Query/AnswerQuery.swift",
            "Sources/FabDNS/Query/OctetSpan.swift",
            "Sources/FabDNS/Query/Query.swift",
            "Sources/FabDNS/Query/QueryMarks.swift",
            "Sources/FabDNS/Query/QueryRing.swift",
            "Sources/FabDNS/Query/QuestionStage.swift",
            "Sources/FabDNS/Query/Responder+Access.swift",
            "Sources/FabDNS/Query/Responder+Notices.swift",
            "Sources/FabDNS/Query/Responder.swift",
            "Sources/FabDNS/Query/ReverseAnswer.swift",
            "Sources/FabDNS/Query/SelfAnswers.swift",
            "Sources/FabDNS/Query/ServiceAnswer.swift",
            "Sources/FabDNS/Query/ZoneAnswers.swift",
            "Sources/FabDNS/Server/DNSConversation.swift",
            "Sources/FabDNS/Server/DatagramBatch.swift",
            "Sources/FabDNS/Server/HostAddresses.swift",
            "Sources/FabDNS/Server/ListenerSet.swift",
            "Sources/FabDNS/Server/UDPSocket.swift",
            "Sources/FabDNS/Server/Worker.swift",
            "Sources/FabDNS/Server/ZoneExport.swift",
            "Sources/FabDNSQuery/Ask/Exchange.swift",
            "Sources/FabDNSQuery/Ask/LDNS.swift",
            "Sources/FabDNSQuery/Ask/ServerAddress.swift",
            "Sources/FabDNSQuery/Program/SystemReason.swift",
            "Sources/Platform/ChildProcess/ChildPipe.swift",
            "Sources/Platform/ChildProcess/ChildProcess.swift",
            "Sources/Platform/ChildProcess/Spawn.swift",
            "Sources/Platform/Digest/SHA512.swift",
            "Sources/Platform/EventLoop/EventLoop.swift",
            "Sources/Platform/EventLoop/SystemError.swift",
            "Sources/Platform/FileWatch/FilePath.swift",
            "Sources/Platform/FileWatch/FileWatch.swift",
            "Sources/Platform/HTTP/HTTPConversation.swift",
            "Sources/Platform/HTTPClient/Curl.swift",
            "Sources/Platform/HTTPClient/NameLookup.swift",
            "Sources/Platform/TLS/TLSContext.swift",
            "Sources/Platform/Terminal/Output.swift",
            "Sources/Platform/Terminal/ProcessEnvironment.swift",
            "Sources/Platform/Terminal/Terminal.swift",
            "Sources/Platform/Transport/OctetStream.swift",
            "Sources/Platform/Transport/PeerAddress.swift",
            "Sources/Platform/Transport/StreamConnection.swift",
            "Sources/Platform/Transport/StreamListener.swift",
            "Sources/Platform/Transport/StreamPool.swift",
            "Sources/Platform/YAML/EventParser.swift",
            "Sources/ServiceCatalog/Catalog/Catalog.swift",
            "Sources/ServiceCatalog/Feeds/FileOctets.swift",
            "Sources/ServiceCatalog/Kubernetes/Access/AccessFiles.swift",
            "Sources/ServiceCatalog/SavedState/StateFiles.swift",
        ],
        refused: [
            ["Sources/FabDNS/A.swift": "let a = unsafe b.pointee\n"],
            ["Sources/FabDNS/A.swift": "func f(_ p: UnsafeRawPointer) {}\n"],
        ],
        accepted: [["Sources/FabDNS/A.swift": "let a = b  // nothing unsafe\n"]]
    ) { tree in unsafeLines(in: tree.files(in: "Sources")) }

    static let wireWithoutUnsafe = Rule(
        "DNSWire has no unsafe code",
        refused: [["Sources/DNSWire/A.swift": "nonisolated(unsafe) var a = 1\n"]],
        accepted: [["Sources/DNSWire/A.swift": "/// Has no unsafe code.\n"]]
    ) { tree in unsafeLines(in: tree.files(in: "Sources/DNSWire")) }

    private static func unsafeLines(in files: [TextFile]) -> [Finding] {
        files.filter { $0.path.hasSuffix(".swift") }.flatMap { file in
            file.numberedCode.compactMap { number, line in
                guard line.contains("unsafe") || line.contains("Unsafe") else { return nil }
                return file.finding(at: number, "unsafe code")
            }
        }
    }

    static let publicImports = Rule(
        "A public import says why in the line above",
        refused: [["Sources/FabDNS/A.swift": "\npublic import DNSWire\n"]],
        accepted: [["Sources/FabDNS/A.swift": "// Our API has names.\npublic import DNSWire\n"]]
    ) { tree in
        tree.files(ending: ".swift").flatMap { file in
            file.numberedCode.compactMap { number, line in
                guard importedModule(line)?.isPublic == true else { return nil }
                return file.hasReason(at: number) ? nil : file.finding(at: number, "why public?")
            }
        }
    }
}

extension TextFile {
    /// Whether a comment stands on this line or on the nearest line above that is no attribute.
    func hasReason(at number: Int) -> Bool {
        if lines[number - 1].contains("// ") { return true }
        let above = lines[..<(number - 1)].reversed().lazy.map { $0.drop(while: \.isWhitespace) }
        return above.first { !$0.hasPrefix("@") }?.hasPrefix("//") ?? false
    }
}
