// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// A descriptor that text is written to, whole and at once.
struct Output: Sendable {
    let descriptor: Int32

    static let standard = Output(descriptor: STDOUT_FILENO)
    static let error = Output(descriptor: STDERR_FILENO)

    /// False when the reader is gone or nothing more can be written; errno says why.
    @discardableResult
    func write(_ text: String) -> Bool {
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
