// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import JSON

/// What a line of a watch is about; the object's octets are decoded by who knows its kind.
enum WatchLine {
    case added([UInt8])
    case modified([UInt8])
    case deleted([UInt8])
    case bookmark([UInt8])
    case error([UInt8])

    /// Nil for a line that is none: cut short, or of a type that is not known.
    init?(_ line: [UInt8]) {
        guard let (type, object) = try? Self.parts(of: line) else { return nil }
        switch type {
        case "ADDED": self = .added(object)
        case "MODIFIED": self = .modified(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK": self = .bookmark(object)
        case "ERROR": self = .error(object)
        default: return nil
        }
    }

    private static func parts(of line: [UInt8]) throws(JSONError) -> (String, [UInt8]) {
        var reader = JSONReader(line)
        var type = ""
        var object = 0..<0
        try reader.beginObject()
        while let name = try reader.nextField() {
            if name.elementsEqual("type".utf8) {
                type = String(decoding: try reader.text(), as: UTF8.self)
            } else if name.elementsEqual("object".utf8) {
                _ = try reader.peek()
                let start = reader.offset
                try reader.skip()
                object = start..<reader.offset
            } else {
                try reader.skip()
            }
        }
        try reader.end()
        return (type, Array(line[object]))
    }
}

/// A Status of the Kubernetes API: how it says that something failed.
struct APIStatus: Sendable, Equatable {
    var code = 0
    var reason = ""
    var message = ""

    private static let shownOctets = 300

    /// Plain text is a message too.
    init(_ octets: [UInt8]) {
        if (try? read(octets)) == nil {
            message = String(decoding: octets.prefix(Self.shownOctets), as: UTF8.self)
        }
        message = String(
            message.unicodeScalars.prefix(Self.shownOctets).map {
                $0.value < 0x20 || 0x7F...0x9F ~= $0.value ? " " : $0
            }
            .reduce(into: String.UnicodeScalarView()) { $0.append($1) })
        while message.last == " " { message.removeLast() }
    }

    private mutating func read(_ octets: [UInt8]) throws(JSONError) {
        var reader = JSONReader(octets)
        try reader.beginObject()
        while let name = try reader.nextField() {
            switch String(decoding: name, as: UTF8.self) {
            case "code": code = try reader.integer()
            case "reason": reason = String(decoding: try reader.text(), as: UTF8.self)
            case "message": message = String(decoding: try reader.text(), as: UTF8.self)
            default: try reader.skip()
            }
        }
    }
}

/// The metadata of a list.
struct ListMetadata: Sendable, Equatable {
    var resourceVersion = ""
    /// Where the next page begins; nil on the last.
    var continuation: String?
    var remainingItemCount: Int?

    /// Nil when the envelope is no whole list.
    init?(envelope: [UInt8]) {
        do { try read(envelope) } catch { return nil }
        guard !resourceVersion.isEmpty, resourceVersion.utf8.count <= 64 else { return nil }
    }

    private mutating func read(_ octets: [UInt8]) throws(JSONError) {
        var reader = JSONReader(octets)
        try reader.beginObject()
        while let name = try reader.nextField() {
            guard name.elementsEqual("metadata".utf8) else {
                try reader.skip()
                continue
            }
            try reader.beginObject()
            while let field = try reader.nextField() {
                switch String(decoding: field, as: UTF8.self) {
                case "resourceVersion":
                    resourceVersion = String(decoding: try reader.text(), as: UTF8.self)
                case "continue":
                    let text = String(decoding: try reader.text(), as: UTF8.self)
                    continuation = text.isEmpty ? nil : text
                case "remainingItemCount": remainingItemCount = try reader.integer()
                default: try reader.skip()
                }
            }
        }
        try reader.end()
    }
}
