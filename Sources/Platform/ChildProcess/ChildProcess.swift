// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
package import EventLoop
internal import Glibc

/// One run of a program: its output, or why there is none.
///
/// No shell has a part in it. The program has nothing to read, no descriptors of ours, no blocked
/// signals, and a process group of its own, which ends with the deadline.
package final class ChildProcess: @unchecked Sendable {
    // Premise of @unchecked Sendable: made on any thread, used on the loop's queue only.

    /// Octets of output; a program that has more to say is ended.
    package static let maximumOutput = 1 << 20
    /// Octets that are kept of standard error; what follows is read and forgotten.
    package static let maximumErrors = 4 << 10

    private let arguments: [String]
    private let environment: [String: String]
    private let deadlineMilliseconds: Int
    private let loop: EventLoop
    /// Nil once it was called.
    private var then: ((Result<[UInt8], ChildFailure>) -> Void)?

    private var process: pid_t = 0
    private var output: ChildPipe?
    private var errors: ChildPipe?
    private var exit: ExitWatcher?
    private var deadline: LoopTimer?

    /// Runs the program that the first argument names, and calls `then` once, on the loop's queue
    /// and never within this call.
    ///
    /// The program is looked for in the PATH of `environment` unless its name has a slash. Its
    /// output counts when it ends with exit code 0, whoever else still holds its descriptors.
    package static func run(
        _ arguments: [String], environment: [String: String], deadlineMilliseconds: Int,
        on loop: EventLoop, then: @escaping (Result<[UInt8], ChildFailure>) -> Void
    ) {
        let child = ChildProcess(arguments, environment, deadlineMilliseconds, loop, then)
        loop.enqueue { child.start() }
    }

    private init(
        _ arguments: [String], _ environment: [String: String], _ deadlineMilliseconds: Int,
        _ loop: EventLoop, _ then: @escaping (Result<[UInt8], ChildFailure>) -> Void
    ) {
        self.arguments = arguments
        self.environment = environment
        self.deadlineMilliseconds = deadlineMilliseconds
        self.loop = loop
        self.then = then
    }

    private func start() {
        // A C string ends at the first of them.
        let texts = arguments + environment.keys + environment.values
        guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            return finish(.notStarted("a NUL in an argument or a variable"))
        }
        guard
            let program = arguments.first,
            let file = Spawn.file(of: program, environment: environment)
        else { return finish(.notFound) }
        do throws(SystemError) {
            try start(file)
        } catch {
            end()
            finish(.notStarted("\(error)"))
        }
    }

    private func start(_ file: String) throws(SystemError) {
        let output = try pipe(atMost: Self.maximumOutput)
        defer { close(output.writing) }
        let errors = try pipe(atMost: Self.maximumErrors)
        defer { close(errors.writing) }
        let deadline = try LoopTimer { [weak self] in self?.expire() }
        let started = Spawn.start(
            file: file, arguments: arguments, environment: environment, output: output.writing,
            errors: errors.writing)
        switch started {
        case .success(let process): self.process = process
        case .failure(let error): return finish(.notStarted(error.reason))
        }
        let exit = try ExitWatcher(process) { self.exited() }
        // From here on the loop keeps us until the process has been taken leave of.
        try loop.watch(exit, for: .read)
        self.exit = exit
        try loop.watch(output.reading, for: .read)
        self.output = output.reading
        try loop.watch(errors.reading, for: .read)
        self.errors = errors.reading
        try loop.watch(deadline, for: .read)
        self.deadline = deadline
        deadline.set(milliseconds: deadlineMilliseconds)
    }

    private func pipe(
        atMost maximum: Int
    ) throws(SystemError) -> (reading: ChildPipe, writing: Int32) {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        guard unsafe clinux_pipe(&reading, &writing) == 0 else { throw .last("pipe2") }
        let pipe = ChildPipe(descriptor: reading, atMost: maximum) { [weak self] in
            self?.pipesChanged()
        }
        return (pipe, writing)
    }

    /// A pipe has ended, or there is too much in it.
    private func pipesChanged() {
        if output?.isOverfull == true {
            end()
            return finish(.tooMuchOutput)
        }
        if let pipe = output, pipe.isEnded { loop.forget(pipe) }
        if let pipe = errors, pipe.isEnded { loop.forget(pipe) }
    }

    private func expire() {
        end()
        finish(.timedOut(milliseconds: deadlineMilliseconds))
    }

    /// Ends the process and its own children; the loop is told of its exit as of any other.
    private func end() {
        guard process > 0 else { return }
        kill(-process, SIGKILL)
        // Nobody else would ask for the exit code: it comes at once, the signal is not refused.
        if exit == nil { _ = takeStatus(0) }
    }

    private func exited() {
        guard let exit, let status = takeStatus(WNOHANG) else { return }
        loop.forget(exit)
        self.exit = nil
        guard then != nil else { return }
        output?.drain()
        errors?.drain()
        let message = ChildFailure.line(errors?.octets ?? [])
        switch status {
        case nil: finish(.lost)
        case .some(let status) where status & 0x7F != 0: finish(.ended(signal: status & 0x7F))
        case .some(0) where output?.isOverfull == true: finish(.tooMuchOutput)
        case .some(0): finish(.success(output?.octets ?? []))
        case .some(let status):
            finish(.exited(code: status >> 8 & 0xFF, message: message))
        }
    }

    /// What waitpid says; nil while the process lives, a nil inside when it is no child of ours any
    /// more.
    private func takeStatus(_ options: Int32) -> Int32?? {
        var status: Int32 = 0
        var answer: pid_t
        repeat {
            answer = unsafe waitpid(process, &status, options)
        } while answer < 0 && errno == EINTR
        guard answer != 0 else { return nil }
        // The number may become another's.
        defer { process = 0 }
        return .some(answer == process ? status : nil)
    }

    private func finish(_ reason: ChildFailure.Reason) {
        finish(.failure(ChildFailure(program: arguments.first ?? "", reason: reason)))
    }

    private func finish(_ result: Result<[UInt8], ChildFailure>) {
        for watcher in [output, errors, deadline] as [Watcher?] {
            if let watcher { loop.forget(watcher) }
        }
        (output, errors, deadline) = (nil, nil, nil)
        let then = then
        self.then = nil
        then?(result)
    }
}

/// Tells when a process has ended.
private final class ExitWatcher: Watcher {
    private let exited: () -> Void

    init(_ process: pid_t, _ exited: @escaping () -> Void) throws(SystemError) {
        let descriptor = clinux_pidfd_open(process)
        guard descriptor >= 0 else { throw .last("pidfd_open") }
        self.exited = exited
        super.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    override func ready(_ readiness: Readiness) { exited() }
}
