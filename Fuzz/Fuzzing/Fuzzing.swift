// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CFuzzer
internal import Glibc

/// What a fuzzer says about an input.
package enum Verdict {
    /// The input may join the corpus.
    case kept
    /// The input is none of this fuzzer's: it never joins the corpus.
    case refused
}

/// Runs `body` for every input that libFuzzer makes, under the command line of libFuzzer.
///
/// Does not return before the time is over; a finding ends the process.
package func fuzz(_ body: @escaping ([UInt8]) -> Verdict) -> Never {
    unsafe property = body
    // libFuzzer gets the process's own arguments, which live as long as it.
    var count = CommandLine.argc
    var arguments = unsafe Optional(CommandLine.unsafeArgv)
    let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { octets, count in
        let input = unsafe UnsafeBufferPointer(start: octets, count: count)
        let verdict = unsafe property(Array(input))
        return verdict == .kept ? 0 : -1
    }
    exit(status)
}

// Premise: set once before libFuzzer begins, which calls back on the thread that set it.
nonisolated(unsafe) private var property: ([UInt8]) -> Verdict = { _ in .refused }

/// Ends the process with a finding unless the condition holds; libFuzzer keeps the input.
package func require(_ condition: Bool, _ finding: @autoclosure () -> String) {
    guard condition else { end(with: finding()) }
}

/// As `require`, for a value that must be there.
package func required<Value>(_ finding: String, _ value: () throws -> Value?) -> Value {
    do {
        if let value = try value() { return value }
    } catch {
        end(with: "\(finding): \(error)")
    }
    end(with: finding)
}

private func end(with finding: String) -> Never {
    let line = Array("FINDING: \(finding)\n".utf8)
    // The array holds so many octets.
    _ = unsafe write(STDERR_FILENO, line, line.count)
    abort()
}
