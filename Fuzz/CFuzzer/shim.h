// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#pragma once

#include <stddef.h>
#include <stdint.h>

// What libFuzzer offers to programs with a main of their own; compiler-rt has no header for it.
int LLVMFuzzerRunDriver(
    int *argument_count, char ***arguments, int (*run)(const uint8_t *octets, size_t count));
