// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import EventLoop
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ChildProcess

@Suite("Child processes")
struct ChildProcessTests {
    private static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    private static let loop: EventLoop? = {
        let loop = try? EventLoop(label: "children")
        loop?.start()
        return loop
    }()

    private func run(
        _ arguments: String..., deadline: Int = 60_000
    ) async throws -> Result<[UInt8], ChildFailure> {
        try await run(arguments, environment: Self.environment, deadline: deadline)
    }

    private func run(
        _ arguments: [String], environment: [String: String], deadline: Int = 60_000
    ) async throws -> Result<[UInt8], ChildFailure> {
        let loop = try #require(Self.loop)
        return await withCheckedContinuation { continuation in
            ChildProcess.run(
                arguments, environment: environment, deadlineMilliseconds: deadline, on: loop
            ) {
                dispatchPrecondition(condition: .onQueue(loop.queue))
                continuation.resume(returning: $0)
            }
        }
    }

    /// What the program printed.
    private func output(
        _ arguments: String..., environment: [String: String] = environment
    ) async throws -> String {
        let result = try await run(arguments, environment: environment)
        return String(decoding: try result.get(), as: UTF8.self)
    }

    /// Whether the process is gone, or waits for somebody to ask for its exit code.
    private func isOver(_ process: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }

    @Test("Arguments arrive as they are: no shell reads them")
    func arguments() async throws {
        #expect(try await output("echo", "$HOME", "*; a  b", "") == "$HOME *; a  b \n")
    }

    @Test("The environment is the given one and nothing else")
    func environment() async throws {
        let given = ["A": "1 = 2", "B": "", "PATH": "/usr/bin:/bin"]
        #expect(try await output("env", environment: given) == "A=1 = 2\nB=\nPATH=/usr/bin:/bin\n")
    }

    @Test("A program inherits no descriptor and has nothing to read")
    func descriptors() async throws {
        let open = unsafe Glibc.open("/dev/null", O_RDONLY)
        defer { close(open) }
        // The fourth is that of the folder it lists.
        #expect(try await output("ls", "/proc/self/fd") == "0\n1\n2\n3\n")
        #expect(try await output("readlink", "/proc/self/fd/0") == "/dev/null\n")
        #expect(try await output("cat") == "")
    }

    @Test("A program leads a process group of its own")
    func processGroup() async throws {
        let fields = try await output("cat", "/proc/self/stat").split(separator: " ")
        #expect(fields[0] == fields[4])
    }

    @Test("No signal is blocked or ignored, whatever we do")
    func signals() async throws {
        _ = signal(SIGPIPE, SIG_IGN)
        let status = try await output("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")
        let masks = status.split(whereSeparator: \.isWhitespace)
            .compactMap { UInt64($0, radix: 16) }
        // The C library keeps 32 and 33 for itself.
        #expect(masks.map { $0 & ~(0b11 << 31) } == [0, 0])
    }

    @Test("Output is taken up to 1 MiB, and one octet more is a failure")
    func bound() async throws {
        let all = try await run("head", "-c", "1048576", "/dev/zero")
        #expect(try all.get().count == 1 << 20)
        let more = try await run("head", "-c", "1048577", "/dev/zero")
        #expect(more == .failure(ChildFailure(program: "head", reason: .tooMuchOutput)))
        let endless = try await run("yes")
        #expect(endless == .failure(ChildFailure(program: "yes", reason: .tooMuchOutput)))
    }

    @Test(
        "A failure names the program and the reason",
        arguments: [
            ("exit 3", "sh: exit code 3"),
            (
                "echo output; echo 'no such profile' >&2; echo more >&2; exit 1",
                "sh: exit code 1: no such profile"
            ),
            (
                "printf '\\n \\n\\033[31mred\\302\\233' >&2; exit 255",
                #"sh: exit code 255: \u{1B}[31mred\u{9B}"#
            ),
            (
                "head -c 1000000 /dev/zero | tr '\\0' a >&2; exit 2",
                "sh: exit code 2: \(String(repeating: "a", count: 200))..."
            ),
            ("kill -TERM $$", "sh: ended by signal 15"),
        ])
    func failures(_ script: String, _ description: String) async throws {
        let result = try await run("sh", "-c", script)
        #expect(throws: ChildFailure.self) { try result.get() }
        if case .failure(let failure) = result { #expect(failure.description == description) }
    }

    @Test("What is no program is refused, and no shell tries it")
    func noProgram() async throws {
        let folder = try Folder(["plain": "echo plain\n", "text": "echo text\n"])
        #expect(unsafe chmod(folder.path("text"), 0o755) == 0)
        let reasons: [(String, ChildFailure.Reason)] = [
            ("no-such-program", .notFound),
            ("", .notFound),
            ("/no/such/program", .notFound),
            (folder.path("plain"), .notFound),
            (folder.url.path(), .notFound),
            (folder.path("text"), .notStarted("Exec format error")),
            ("echo\0", .notStarted("a NUL in an argument or a variable")),
        ]
        for (program, reason) in reasons {
            let result = try await run(program)
            #expect(result == .failure(ChildFailure(program: program, reason: reason)))
        }
        let nobody = try await run(["echo"], environment: ["PATH": ".:bin:"])
        #expect(nobody == .failure(ChildFailure(program: "echo", reason: .notFound)))
    }

    @Test("The deadline ends the program and its own children")
    func deadline() async throws {
        let folder = try Folder()
        let script =
            "sleep 1000 & echo $! > \(folder.path("child")); echo $$ > "
            + "\(folder.path("self")); wait"
        let result = try await run("sh", "-c", script, deadline: 500 * TestRun.patience)
        let reason = ChildFailure.Reason.timedOut(milliseconds: 500 * TestRun.patience)
        #expect(result == .failure(ChildFailure(program: "sh", reason: reason)))
        for name in ["child", "self"] {
            let text = try String(contentsOfFile: folder.path(name), encoding: .utf8)
            let process = try #require(Int32(text.dropLast()))
            #expect(eventually { isOver(process) })
        }
    }

    @Test("A child that holds the pipe open, and writes, holds nothing up")
    func grandchild() async throws {
        // Held up, it would not end before its deadline.
        let text = try await output("sh", "-c", "yes >&2 & echo $!")
        let process = try #require(Int32(text.dropLast()))
        kill(process, SIGKILL)
    }

    @Test("Nobody is answered within the call, and everybody once")
    func answers() async throws {
        let loop = try #require(Self.loop)
        let events = AsyncStream<String> { continuation in
            loop.enqueue {
                for program in ["no-such-program", "true"] {
                    ChildProcess.run(
                        [program], environment: Self.environment, deadlineMilliseconds: 60_000,
                        on: loop
                    ) { result in
                        continuation.yield((try? result.get()) == nil ? "failure" : "success")
                    }
                }
                continuation.yield("returned")
            }
        }
        var seen: [String] = []
        for await event in events {
            seen.append(event)
            if seen.count == 3 { break }
        }
        #expect(seen == ["returned", "failure", "success"])
    }

    @Test("Many programs run at once")
    func many() async throws {
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 { group.addTask { try await output("echo", "\(number)") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(outputs == Set((0..<50).map { "\($0)\n" }))
    }
}
