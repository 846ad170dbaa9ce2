// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import COpenSSL

/// A digest that tells one content from another (FIPS 180-4), by libcrypto.
package enum SHA512 {
    /// In hexadecimal, 128 digits.
    package static func hexadecimal(_ octets: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 64)
        // libcrypto writes exactly the 64 octets of the digest.
        _ = unsafe COpenSSL.SHA512(octets, octets.count, &digest)
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
