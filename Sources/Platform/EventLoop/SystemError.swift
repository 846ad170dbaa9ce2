// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, CustomStringConvertible, Equatable {
    /// The value of errno.
    package let code: Int32
    /// The call and its object, as a message begins: `bind 127.0.0.1:53`.
    package let call: String

    package init(code: Int32, call: String) {
        self.code = code
        self.call = call
    }

    /// The error of the call that failed last on this thread.
    package static func last(_ call: String) -> SystemError {
        SystemError(code: clinux_errno(), call: call)
    }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
        return unsafe "\(call): \(String(cString: text))"
    }
}
