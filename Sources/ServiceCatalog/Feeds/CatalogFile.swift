// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// What a catalog file says.
package struct LoadedCatalog: Sendable {
    /// In the order of the file; each name once.
    package let services: [ExportedService]
    /// The paths of fields that nothing here knows, each once, as `spec.endpoints[].weight`.
    package let unknownFields: [String]
    /// Nil where nobody asked for them.
    package let lines: CatalogLines?
}

/// The lines of a file, counted from 1, on which the parts of a catalog begin.
package struct CatalogLines: Sendable, Equatable {
    /// Of each service's name, in the order of the file.
    package var services: [Int] = []
    /// Of each service's endpoints.
    package var endpoints: [[Int]] = []
}

/// A file of GlobalServices, as `kubectl get globalservices -A -o yaml` (or `-o json`) prints them.
package enum CatalogFile {
    /// Larger files are refused.
    package static let maximumSize = 256 << 20

    /// Reads and decodes the whole file; the first octet that is no space tells JSON from YAML.
    package static func load(
        path: String, recordsLines: Bool = false
    ) throws(CatalogFileError) -> LoadedCatalog {
        let octets = try FileOctets.read(path: path, atMost: maximumSize)
        do {
            return try decode(octets, recordsLines: recordsLines)
        } catch {
            throw .invalid(
                path: path, line: error.line, column: error.column, place: error.path,
                problem: error.problem)
        }
    }

    static func decode(
        _ octets: [UInt8], recordsLines: Bool = false
    ) throws(CatalogFault) -> LoadedCatalog {
        switch octets.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try decodeJSON(octets, recordsLines)
        default: try decodeYAML(octets, recordsLines)
        }
    }

    private static func decodeJSON(
        _ octets: [UInt8], _ recordsLines: Bool
    ) throws(CatalogFault) -> LoadedCatalog {
        var decoder = CatalogDecoder(JSONObjectReader(octets), recordsLines: recordsLines)
        try decoder.document()
        try decoder.reader.end()
        return decoder.loaded
    }

    /// Documents without a value count for nothing, but one has to have one: a file cut short is no
    /// empty catalog.
    private static func decodeYAML(
        _ octets: [UInt8], _ recordsLines: Bool
    ) throws(CatalogFault) -> LoadedCatalog {
        var decoder = CatalogDecoder(try YAMLObjectReader(octets), recordsLines: recordsLines)
        var isEmpty = true
        while try decoder.reader.beginDocument() {
            if try !decoder.reader.takeNull() {
                try decoder.document()
                isEmpty = false
            }
            try decoder.reader.endDocument()
        }
        guard !isEmpty else {
            throw CatalogFault(
                line: 1, column: 1, problem: "expected a GlobalService or a list, found nothing")
        }
        return decoder.loaded
    }
}
