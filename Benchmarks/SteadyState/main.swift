// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// steady-state: the gate that a query costs no allocation, no retain and no lock once the server
// runs.

internal import CostCounter

#if canImport(Glibc)
    internal import Glibc
#endif

guard cost_counter_is_available() else {
    print("steady-state: the Swift runtime's hooks are missing; nothing can be counted")
    exit(2)
}
guard SelfTest.passes() else {
    print("steady-state: the counter counts wrongly; no result")
    exit(2)
}
guard try Gate.passes() else {
    print("steady-state: a query in the steady state must cost nothing of this")
    exit(1)
}
