// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// A descriptor that text is written to, whole and at once.
package struct Output: Sendable {
    package let descriptor: Int32

    package static let standard = Output(descriptor: STDOUT_FILENO)
    package static let error = Output(descriptor: STDERR_FILENO)

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// False when the reader is gone or nothing more can be written; errno says why.
    @discardableResult
    package func write(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        var written = 0
        while written < octets.count {
            let count = unsafe octets.withUnsafeBytes { memory in
                unsafe Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: memory[written...]).baseAddress,
                    octets.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
