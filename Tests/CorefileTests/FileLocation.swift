// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Corefile

/// The location of the Corefile's target: Swift Testing has a type of the same name.
typealias FileLocation = SourceLocation
