// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#include <math.h>

#include "Asker.h"

static bool is_over(const Options *options, const Tally *tally, uint64_t start, uint64_t now) {
    if (is_stopped) return true;
    if (options->count > 0 && tally->sent >= options->count) return true;
    return options->seconds > 0 && (double)(now - start) >= options->seconds * 1e9;
}

static int at_most(int count, const Options *options, const Tally *tally) {
    if (options->count == 0 || options->count - tally->sent >= (uint64_t)count) return count;
    return (int)(options->count - tally->sent);
}

/// Every socket keeps `window` queries in flight and asks again, a batch at a time, as answers come in. The server is
/// never idle, and the queue in front of it is never longer than all the windows together.
void closed_loop(Asker *askers, const QuestionList *questions, const Options *options, Tally *tally) {
    uint64_t start = nanoseconds_now(), now = start, due[batch_limit];
    size_t next = 0;
    while (!is_over(options, tally, start, now)) {
        for (int i = 0; i < options->sockets; i++) {
            Asker *asker = &askers[i];
            asker_receive(asker, questions, options, tally);
            now = nanoseconds_now();
            // What was dropped on the way must not close the window for ever.
            if (asker->in_flight > 0 && now - asker->last_progress > options->stall) {
                asker->in_flight = 0;
                asker->last_progress = now;
            }
            while (options->window - asker->in_flight >= options->batch) {
                for (int k = 0; k < options->batch; k++) due[k] = now;
                int wanted = at_most(options->batch, options, tally);
                int sent = wanted == 0 ? 0 : asker_send(asker, questions, next, wanted, due, tally);
                next = (next + (size_t)sent) % questions->count;
                if (sent < options->batch) break;
            }
        }
    }
    tally->seconds = (double)(now - start) / 1e9;
    tally->answered_in_time = tally->answered;
    drain(askers, questions, options, tally);
}

/// Queries leave at the instants of a Poisson process, whatever the server does. Latency counts from the instant a
/// query was due, so a late generator or a stalled server cannot hide.
void open_loop(Asker *askers, const QuestionList *questions, const Options *options, Random *random, Tally *tally) {
    uint64_t start = nanoseconds_now(), now = start, due[batch_limit];
    double next_due = (double)start, gap = 1e9 / options->rate;
    size_t next = 0;
    int turn = 0;
    while (!is_over(options, tally, start, now)) {
        int ready = 0, wanted = at_most(options->batch, options, tally);
        while (ready < wanted && next_due <= (double)now) {
            due[ready++] = (uint64_t)next_due;
            next_due -= log(random_unit(random)) * gap;
        }
        // A query the kernel does not take (a full send buffer) is asked again at once: its due instant stays.
        for (int taken = 0; taken < ready;) {
            int sent = asker_send(&askers[turn], questions, next, ready - taken, due + taken, tally);
            next = (next + (size_t)sent) % questions->count;
            taken += sent;
            turn = (turn + 1) % options->sockets;
        }
        for (int i = 0; i < options->sockets; i++) asker_receive(&askers[i], questions, options, tally);
        now = nanoseconds_now();
    }
    tally->seconds = (double)(now - start) / 1e9;
    tally->answered_in_time = tally->answered;
    drain(askers, questions, options, tally);
}
