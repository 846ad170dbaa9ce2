// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#include "Instruments.h"

// Values below 64 have a bucket each; above, a power of two is divided into 64 steps.
static unsigned bucket_of(uint64_t value) {
    if (value < latency_steps) return (unsigned)value;
    unsigned exponent = 63u - (unsigned)__builtin_clzll(value) - 6u;
    unsigned bucket = (exponent + 1u) * latency_steps + (unsigned)((value >> exponent) - latency_steps);
    return bucket < latency_buckets ? bucket : latency_buckets - 1;
}

static uint64_t upper_edge(unsigned bucket) {
    if (bucket < latency_steps) return bucket;
    unsigned exponent = bucket / latency_steps - 1;
    return ((uint64_t)(bucket % latency_steps + latency_steps + 1) << exponent) - 1;
}

void latency_add(Latency *latency, uint64_t nanoseconds) {
    latency->counts[bucket_of(nanoseconds)]++;
    latency->total++;
    if (nanoseconds > latency->largest) latency->largest = nanoseconds;
}

double latency_microseconds(const Latency *latency, double share) {
    uint64_t wanted = (uint64_t)(share * (double)latency->total), seen = 0;
    if (latency->total == 0) return 0;
    for (unsigned bucket = 0; bucket < latency_buckets; bucket++) {
        seen += latency->counts[bucket];
        if (seen > wanted) return (double)upper_edge(bucket) / 1000.0;
    }
    return (double)latency->largest / 1000.0;
}
