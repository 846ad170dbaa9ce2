// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import FabDNSQuery

QueryProgram.main(CommandLine.arguments, version: "0.1.0")
