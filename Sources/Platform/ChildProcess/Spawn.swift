// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// Starts programs.
enum Spawn {
    /// What a shell searches where nothing is said.
    private static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    /// The file of a program: itself where it has a slash, else the first executable one in PATH.
    ///
    /// Relative folders in PATH are passed over: what they hold depends on where we were started.
    static func file(of program: String, environment: [String: String]) -> String? {
        if program.utf8.contains(UInt8(ascii: "/")) {
            return isExecutable(program) ? program : nil
        }
        guard !program.isEmpty else { return nil }
        let path = environment["PATH"] ?? defaultPath
        return path.split(separator: ":").lazy.filter { $0.hasPrefix("/") }
            .map { "\($0)/\(program)" }.first(where: isExecutable)
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// Starts the program in a process group of its own, named by its process number.
    ///
    /// It gets three descriptors: nothing as its input, and its two outputs; no signal is blocked
    /// or ignored.
    static func start(
        file: String, arguments: [String], environment: [String: String], output: Int32,
        errors: Int32
    ) -> Result<pid_t, SpawnError> {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else {
            return .failure(SpawnError(code: ENOMEM))
        }
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawnattr_init(&attributes) == 0 else {
            return .failure(SpawnError(code: ENOMEM))
        }
        defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
        var problems = [
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 1),
            unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2),
            unsafe clinux_close_from(&actions, 3),
        ]
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        problems += [
            unsafe posix_spawnattr_setsigmask(&attributes, &none),
            unsafe posix_spawnattr_setsigdefault(&attributes, &all),
            unsafe posix_spawnattr_setpgroup(&attributes, 0),
            unsafe posix_spawnattr_setflags(&attributes, Int16(flags)),
        ]
        if let problem = problems.first(where: { $0 != 0 }) {
            return .failure(SpawnError(code: problem))
        }
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var process: pid_t = 0
        let problem = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(variables) { variables in
                // Not posix_spawnp, which hands what is no program to a shell.
                unsafe posix_spawn(&process, file, &actions, &attributes, arguments, variables)
            }
        }
        return problem == 0 ? .success(process) : .failure(SpawnError(code: problem))
    }

    /// A list of C strings that ends with a null, valid during the call.
    private static func withCStrings(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return ENOMEM }
            return unsafe body(start)
        }
    }
}

/// Why no program began.
struct SpawnError: Error {
    /// A value of errno.
    let code: Int32

    var reason: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
