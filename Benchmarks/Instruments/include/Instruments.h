// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// What the C instruments share: clock, questions, latency histogram, random numbers and the kernel's own counters.
// Everything here is single threaded and bounded; nothing allocates after the questions are loaded.

#ifndef INSTRUMENTS_H
#define INSTRUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    header_octets = 12,
    question_octets_limit = 300,  // header, a name of 255 octets, type, class and an OPT record of 11
    received_octets_limit = 65535,
};

/// Nanoseconds of the monotonic clock.
static inline uint64_t nanoseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint16_t read16(const uint8_t *octets) { return (uint16_t)(octets[0] << 8 | octets[1]); }

static inline void write16(uint8_t *octets, uint16_t value) {
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

// --- Questions ---

/// One query in wire format, message id 0, and what its answer must look like.
typedef struct {
    uint8_t octets[question_octets_limit];
    uint16_t length;           // of the whole query
    uint16_t question_length;  // name, type and class, which start behind the header
    int16_t expected_code;     // RCODE, or -1: NOERROR and NXDOMAIN are both right
    int16_t expected_answers;  // ANCOUNT, or -1: any
} Question;

typedef struct {
    Question *items;
    size_t count;
} QuestionList;

/// Writes a query for `name` (presentation format without escapes) into `question`; false when the name is no name.
bool question_make(Question *question, const char *name, uint16_t type, bool edns);

/// The number of a type's mnemonic or of `TYPE123`; 0 when unknown.
uint16_t type_number(const char *mnemonic);

/// Reads lines `name type [NOERROR|NXDOMAIN [answers]]`. Prints what is wrong and returns false on a bad file.
bool questions_load(QuestionList *list, const char *path, bool edns);

/// True when the answer repeats the question octet for octet, spelling included.
static inline bool repeats_question(const Question *question, const uint8_t *answer, size_t length) {
    if (length < header_octets + (size_t)question->question_length || read16(answer + 4) != 1) return false;
    return __builtin_memcmp(answer + header_octets, question->octets + header_octets, question->question_length) == 0;
}

// --- Latency ---

enum {
    latency_steps = 64,  // per power of two: a resolution of 1.6 %
    latency_buckets = latency_steps * 34,
};

/// A histogram of nanoseconds, logarithmic in steps of 1.6 %, from 0 to 2^39 ns.
typedef struct {
    uint64_t counts[latency_buckets];
    uint64_t total;
    uint64_t largest;
} Latency;

void latency_add(Latency *latency, uint64_t nanoseconds);

/// The upper edge of the bucket that holds the given share (0...1) in microseconds; 0 when empty.
double latency_microseconds(const Latency *latency, double share);

// --- Random numbers (splitmix64: a seed replays a run) ---

typedef struct {
    uint64_t state;
} Random;

static inline uint64_t random_next(Random *random) {
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t random_below(Random *random, uint32_t bound) {
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

/// Uniform in (0, 1].
static inline double random_unit(Random *random) { return (double)((random_next(random) >> 11) + 1) / 9007199254740992.0; }

// --- The kernel's counters ---

/// A non-blocking UDP socket with large buffers, connected to ADDRESS:PORT (IPv4 or IPv6 in text); -1 with a message.
int udp_connect(const char *address, int port);

/// A blocking TCP connection without Nagle's delay; -1 with errno set.
int tcp_connect(const char *address, int port);

/// Datagrams the kernel dropped for want of space in this socket's receive buffer.
uint64_t socket_drops(int descriptor);

/// Datagrams dropped at all UDP sockets of this host bound to the port (/proc/net/udp and udp6).
uint64_t port_drops(int port);

/// Resident octets of a process, or 0 when it is gone.
uint64_t resident_octets(int process);

#endif
