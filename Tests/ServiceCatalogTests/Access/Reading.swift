// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Dispatch
import EventLoop
import Testing

@testable import ServiceCatalog

/// A reader on a loop that the tests share.
struct Reading {
    private static let loop: EventLoop? = {
        let loop = try? EventLoop(label: "access")
        loop?.start()
        return loop
    }()

    let loop: EventLoop
    let reader: AccessReader

    init(
        _ origin: AccessOrigin, masterURL: String? = nil, environment: [String: String] = [:],
        deadlineMilliseconds: Int = 60_000
    ) throws {
        loop = try #require(Self.loop)
        reader = AccessReader(
            origin: origin, masterURL: masterURL, loop: loop,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(environment) { $1 },
            deadlineMilliseconds: deadlineMilliseconds)
    }

    func result() async -> Result<APIAccess, AccessError> {
        await withCheckedContinuation { continuation in
            loop.enqueue {
                reader.read {
                    dispatchPrecondition(condition: .onQueue(loop.queue))
                    continuation.resume(returning: $0)
                }
            }
        }
    }

    func access() async throws -> APIAccess { try await result().get() }

    /// The error's words; nil where the reading succeeded.
    func error() async -> String? {
        guard case .failure(let error) = await result() else { return nil }
        return error.description
    }

    func refuse(_ access: APIAccess? = nil) async {
        await withCheckedContinuation { continuation in
            loop.enqueue {
                reader.refuse(access)
                continuation.resume()
            }
        }
    }
}
