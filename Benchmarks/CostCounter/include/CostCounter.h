// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#ifndef COST_COUNTER_H
#define COST_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// What one thread did between `cost_counter_start` and `cost_counter_stop`, counted exactly.
typedef struct {
    uint64_t objects;   // class instances, closures' contexts, arrays: swift_allocObject
    uint64_t retains;
    uint64_t releases;
    uint64_t mallocs;   // malloc, calloc, realloc and the aligned ones, an object's own included
    uint64_t frees;
    uint64_t locks;     // pthread_mutex_lock and pthread_rwlock_*lock
} CostCounts;

/// False when the Swift runtime has no hooks (it is linked statically, or has changed): then nothing can be counted.
bool cost_counter_is_available(void);

/// Counts what the calling thread does from here on.
void cost_counter_start(void);

/// Ends the count and puts the runtime's own functions back.
CostCounts cost_counter_stop(void);

/// Takes and releases a lock: what the self-test counts.
void cost_counter_lock_once(void);

#endif
