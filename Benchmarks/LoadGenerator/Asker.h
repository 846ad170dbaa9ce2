// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// One connected UDP socket that asks, and remembers per message id what it asked, so that every answer is judged.

#ifndef ASKER_H
#define ASKER_H

#include <signal.h>

#include "Instruments.h"

enum { batch_limit = 64, socket_limit = 64, id_count = 65536 };

typedef struct {
    const char *address;
    int port;
    int sockets;
    int window;          // closed loop: queries in flight per socket
    int batch;           // queries per sendmmsg
    double seconds;      // 0: until `count` queries are sent
    uint64_t count;      // 0: until `seconds` are over
    double rate;         // queries per second; 0: closed loop
    uint64_t stall;      // closed loop: nanoseconds without an answer after which a window counts as lost
    uint64_t patience;   // nanoseconds to wait for the last answers
    uint64_t seed;
    bool verify;         // compare the question of every answer
    bool judge;          // compare RCODE and ANCOUNT with what the question file says
} Options;

typedef struct {
    uint64_t sent, answered, duplicates, unexpected, malformed, wrong_question, wrong_code, wrong_answers;
    uint64_t no_error, name_error, other_code, octets, answered_in_time, own_drops;
    double seconds;
    Latency latency;
} Tally;

typedef enum { slot_free, slot_waiting, slot_answered } SlotState;

typedef struct {
    uint64_t due;       // when the query should have left (open loop) or left
    uint32_t question;  // index in the list
    uint32_t state;     // SlotState
} Slot;

typedef struct {
    int descriptor;
    uint16_t next_id;
    int in_flight;
    uint64_t last_progress;
    Slot *slots;  // one per message id
} Asker;

/// Set by SIGTERM and SIGINT: the run ends early, with its result.
extern volatile sig_atomic_t is_stopped;

bool asker_open(Asker *asker, const Options *options, Random *random);

/// Sends questions `first`, `first + 1`, ... (modulo the list), at most `count`; returns how many the kernel took.
int asker_send(Asker *asker, const QuestionList *questions, size_t first, int count, const uint64_t *due, Tally *tally);

/// Takes and judges what has arrived, at most one batch; returns how many datagrams.
int asker_receive(Asker *asker, const QuestionList *questions, const Options *options, Tally *tally);

void closed_loop(Asker *askers, const QuestionList *questions, const Options *options, Tally *tally);
void open_loop(Asker *askers, const QuestionList *questions, const Options *options, Random *random, Tally *tally);

/// Waits for answers that are still under way.
void drain(Asker *askers, const QuestionList *questions, const Options *options, Tally *tally);

#endif
