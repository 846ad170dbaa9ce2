// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import Glibc

/// What the kernel says of this process (proc(5)).
struct ProcessFigures: Sendable {
    var cpuSeconds = 0.0
    var residentOctets = 0.0
    var virtualOctets = 0.0
    var openDescriptors = 0.0
    var maximumDescriptors = 0.0
    /// Since 1970.
    var startSeconds = 0.0

    static func current() -> ProcessFigures {
        var figures = ProcessFigures()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The second field, the command, may hold blanks; the fields behind it do not.
        let fields = (read("/proc/self/stat").split(separator: ")").last ?? "").split(
            separator: " ")
        func field(_ number: Int) -> Double {
            number - 3 < fields.count ? Double(fields[number - 3]) ?? 0 : 0
        }
        figures.cpuSeconds = (field(14) + field(15)) / ticks
        figures.virtualOctets = field(23)
        figures.residentOctets = field(24) * Double(sysconf(Int32(_SC_PAGESIZE)))
        figures.startSeconds = bootSeconds() + field(22) / ticks
        figures.openDescriptors = Double(descriptorCount())
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.maximumDescriptors = Double(limit.rlim_cur)
        }
        return figures
    }

    private static func bootSeconds() -> Double {
        let line = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }

    private static func descriptorCount() -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Neither `.` nor `..`, nor the folder itself.
        return max(0, count - 3)
    }

    private static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while octets.count < 1 << 20 {
            let count = unsafe Glibc.read(descriptor, &buffer, 4096)
            guard count > 0 else { break }
            octets += buffer[..<count]
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
