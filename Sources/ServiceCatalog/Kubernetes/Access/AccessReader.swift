// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import ChildProcess
import Dispatch
package import EventLoop

/// Reads an origin anew whenever it is asked, and runs the plugin that it names.
package final class AccessReader: @unchecked Sendable {
    // Premise of @unchecked Sendable: everything mutable is used on the loop's queue only, which
    // `read` and `refuse` check.

    /// A plugin that has not answered by then is ended.
    package static let pluginDeadlineMilliseconds = 60_000

    private let loop: EventLoop
    private let environment: [String: String]
    private let deadlineMilliseconds: Int
    private var assembly: AccessAssembly
    /// What the plugin answered, as long as it is good.
    private var credential: Kept?
    /// The last good answer.
    private var latest: APIAccess?
    private var waiting: [(Result<APIAccess, AccessError>) -> Void] = []

    /// A credential, and the question that it answers.
    private struct Kept {
        let plugin: ExecPlugin
        let information: String
        let value: ExecCredential
    }

    /// Plugins get the environment, with what the kubeconfig adds; `masterURL` replaces the server
    /// that the origin names.
    package convenience init(
        origin: AccessOrigin, masterURL: String? = nil, loop: EventLoop,
        environment: [String: String]
    ) {
        self.init(
            origin: origin, masterURL: masterURL, loop: loop, environment: environment,
            deadlineMilliseconds: Self.pluginDeadlineMilliseconds)
    }

    init(
        origin: AccessOrigin, masterURL: String?, loop: EventLoop, environment: [String: String],
        deadlineMilliseconds: Int
    ) {
        assembly = AccessAssembly(origin: origin, masterURL: masterURL)
        self.loop = loop
        self.environment = environment
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    /// Whether an origin can be read now: the kubeconfig and the files it names, not its plugin.
    package static func check(
        _ origin: AccessOrigin, masterURL: String? = nil
    ) throws(AccessError) {
        var assembly = AccessAssembly(origin: origin, masterURL: masterURL)
        _ = try assembly.assemble()
    }

    /// Answers on the loop's queue, never within the call; those who ask while the plugin runs get
    /// one answer.
    ///
    /// Files are read again when they have changed, a plugin runs again when what it answered has
    /// expired.
    package func read(_ then: @escaping (Result<APIAccess, AccessError>) -> Void) {
        dispatchPrecondition(condition: .onQueue(loop.queue))
        waiting.append(then)
        guard waiting.count == 1 else { return }
        loop.enqueue { self.proceed(answered: nil) }
    }

    /// The server did not know us (401): what the plugin answered, and files, are forgotten.
    ///
    /// With the access that was refused nothing is forgotten when there is a newer one already.
    package func refuse(_ access: APIAccess? = nil) {
        dispatchPrecondition(condition: .onQueue(loop.queue))
        guard access == nil || access == latest else { return }
        credential = nil
        assembly.forget()
    }

    /// Answers, or asks the plugin first; `answered` is what it has said just now, which counts
    /// even if it says that it has expired.
    private func proceed(answered: Kept?) {
        let assembled: AccessAssembly.Assembled
        do throws(AccessError) {
            assembled = try assembly.assemble()
        } catch {
            return finish(.failure(error))
        }
        guard let (plugin, place) = assembled.plugin else {
            credential = nil
            return finish(.success(assembled.access))
        }
        let information = plugin.information(on: assembled.access)
        for kept in [answered, good(credential)] {
            if let kept, kept.plugin == plugin, kept.information == information {
                credential = kept
                return finish(.success(assembled.access.with(kept.value)))
            }
        }
        credential = nil
        ask(plugin, at: place, information)
    }

    private func good(_ kept: Kept?) -> Kept? {
        guard let kept, kept.value.expiration.map({ AccessFiles.seconds() < $0 }) ?? true else {
            return nil
        }
        return kept
    }

    private func ask(_ plugin: ExecPlugin, at place: TextPlace, _ information: String) {
        var variables = environment.merging(plugin.environment) { $1 }
        variables["KUBERNETES_EXEC_INFO"] = information
        ChildProcess.run(
            [plugin.program(in: assembly.folder)] + plugin.arguments, environment: variables,
            deadlineMilliseconds: deadlineMilliseconds, on: loop
        ) { result in
            do throws(AccessError) {
                let value = try self.answer(in: result, of: plugin, at: place)
                self.proceed(
                    answered: Kept(plugin: plugin, information: information, value: value))
            } catch {
                self.finish(.failure(error))
            }
        }
    }

    private func answer(
        in result: Result<[UInt8], ChildFailure>, of plugin: ExecPlugin, at place: TextPlace
    ) throws(AccessError) -> ExecCredential {
        let file = assembly.origin.description
        let output: [UInt8]
        do throws(ChildFailure) {
            output = try result.get()
        } catch {
            let hint =
                error.reason == .notFound && !plugin.installHint.isEmpty
                ? "; \(ChildFailure.line(Array(plugin.installHint.utf8)))" : ""
            throw AccessError(file: file, place: place, problem: "\(error)\(hint)")
        }
        do throws(CatalogFault) {
            return try ExecReply(apiVersion: plugin.apiVersion).decode(output)
        } catch {
            let inside = error.path.isEmpty ? "" : "\(error.path): "
            throw AccessError(
                file: file, place: place,
                problem: "\(shown(plugin.command)): its answer, line \(error.line), column "
                    + "\(error.column): \(inside)\(error.problem)")
        }
    }

    private func finish(_ result: Result<APIAccess, AccessError>) {
        if case .success(let access) = result { latest = access }
        let waiting = waiting
        self.waiting = []
        for then in waiting { then(result) }
    }
}
