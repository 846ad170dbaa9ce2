// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// Why a system call failed.
struct SystemReason: Equatable, CustomStringConvertible {
    let number: Int32

    static var last: SystemReason { SystemReason(number: errno) }
    static let readerIsGone = SystemReason(number: EPIPE)

    var description: String { unsafe String(cString: strerror(number)) }
}
