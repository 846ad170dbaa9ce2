// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Cuts a list of the Kubernetes API into its items while it arrives, so that the list is never in
/// memory as a whole.
///
/// Only the structure is followed: strings, and brackets with their depth. What an item says is for
/// its decoder, which checks it. Chunks may end anywhere.
struct ListSplitter {
    /// One item may have this many octets, as in the Kubernetes client.
    static let maximumItem = 4 << 20
    /// What is kept of a larger item, to say which it is.
    private static let shownOctets = 4096
    private static let maximumEnvelope = 1 << 20
    private static let itemsKey = Array("items".utf8)

    enum Piece {
        case item([UInt8])
        /// The first octets of an item that is too large.
        case oversize([UInt8])
    }

    /// The list without its items: kind and metadata, once it has ended.
    private(set) var envelope: [UInt8] = []
    private var item: [UInt8] = []
    private var depth = 0
    private var isInText = false
    private var isEscaped = false
    private var isInItems = false
    private var isOversize = false
    /// The last text at depth 1, and whether a colon has made it a field's name.
    private var text: [UInt8] = []
    private var isField = false

    /// Takes a chunk; false when it is no list.
    mutating func add(_ chunk: [UInt8], _ deliver: (Piece) -> Void) -> Bool {
        // Where the part begins that has not been put anywhere yet.
        var start = 0
        var index = 0
        while index < chunk.count {
            let octet = chunk[index]
            if isInText {
                follow(text: octet)
            } else {
                switch octet {
                case UInt8(ascii: "\""):
                    isInText = true
                    if depth == 1 { text = [] }
                case UInt8(ascii: ":"): if depth == 1 { isField = true }
                case UInt8(ascii: ","): if depth == 1 { isField = false }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    guard depth < 1000 else { return false }
                    if isInItems, depth == 2 {
                        put(chunk[start..<index])
                        start = index
                    }
                    depth += 1
                    if depth == 2, octet == UInt8(ascii: "["), isField, text == Self.itemsKey {
                        put(chunk[start...index])
                        start = index + 1
                        isInItems = true
                    }
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard depth > 0 else { return false }
                    depth -= 1
                    if isInItems, depth == 2 {
                        put(chunk[start...index], insideItem: true)
                        start = index + 1
                        deliver(take())
                    } else if isInItems, depth == 1 {
                        // What stood between the items was commas and space.
                        start = index
                        isInItems = false
                    }
                default: break
                }
            }
            index += 1
        }
        put(chunk[start...], insideItem: isInItems && depth > 2)
        return envelope.count <= Self.maximumEnvelope
    }

    private mutating func follow(text octet: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if octet == UInt8(ascii: "\\") {
            isEscaped = true
        } else if octet == UInt8(ascii: "\"") {
            isInText = false
            return
        }
        if depth == 1, text.count < 16 { text.append(octet) }
    }

    private mutating func put(_ part: ArraySlice<UInt8>, insideItem: Bool = false) {
        if insideItem {
            guard !isOversize else { return }
            item += part
            guard item.count > Self.maximumItem else { return }
            isOversize = true
            item = Array(item.prefix(Self.shownOctets))
        } else if !isInItems {
            envelope += part
        }
    }

    private mutating func take() -> Piece {
        defer {
            item = []
            isOversize = false
        }
        return isOversize ? .oversize(item) : .item(item)
    }
}
