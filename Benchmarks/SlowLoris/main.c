// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// slow-loris: many TCP clients that drip one octet of a query at a time. Another client asks over its own connections,
// long-lived and new, before and during that; its latency must stay what it was.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "Instruments.h"

enum { slow_clients_limit = 1024, answer_timeout_milliseconds = 2000 };

static const uint64_t drip_nanoseconds = 100000000, probe_nanoseconds = 2000000;

typedef struct {
    const char *address;
    const char *questions;
    int port, clients;
    double seconds;
} Options;

typedef struct {
    int descriptor;  // -1: not connected
    uint16_t position;
    uint64_t next_drip;
} SlowClient;

static SlowClient slow[slow_clients_limit];
static uint64_t closed_by_server, octets_dripped;

/// The query with its two octets of length in front (RFC 1035 §4.2.2); returns the number of octets.
static size_t frame(uint8_t *framed, const Question *question, uint16_t id) {
    write16(framed, question->length);
    memcpy(framed + 2, question->octets, question->length);
    write16(framed + 2, id);
    return question->length + 2u;
}

/// Each slow client whose time has come sends one octet; one the server has closed comes back.
static void drip(const Options *options, const Question *question, uint64_t now) {
    uint8_t framed[question_octets_limit + 2], discarded[512];
    size_t length = frame(framed, question, 7);
    for (int i = 0; i < options->clients; i++) {
        SlowClient *client = &slow[i];
        if (now < client->next_drip) continue;
        client->next_drip = now + drip_nanoseconds;
        if (client->descriptor < 0) {
            client->descriptor = tcp_connect(options->address, options->port);
            client->position = 0;
            if (client->descriptor < 0) continue;
        }
        ssize_t read = recv(client->descriptor, discarded, sizeof discarded, MSG_DONTWAIT);
        bool is_closed = read == 0 || (read < 0 && errno != EAGAIN);
        if (is_closed || send(client->descriptor, framed + client->position, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            close(client->descriptor);
            client->descriptor = -1;
            closed_by_server++;
            continue;
        }
        octets_dripped++;
        client->position = (uint16_t)((client->position + 1u) % length);
    }
}

static bool receive(int descriptor, uint8_t *octets, size_t length) {
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    for (size_t have = 0; have < length;) {
        if (poll(&ready, 1, answer_timeout_milliseconds) != 1) return false;
        ssize_t read = recv(descriptor, octets + have, length - have, 0);
        if (read <= 0) return false;
        have += (size_t)read;
    }
    return true;
}

/// One question and its answer over an open connection; false when it fails or answers something else.
static bool exchange(int descriptor, const Question *question, uint16_t id) {
    static uint8_t answer[received_octets_limit];
    uint8_t framed[question_octets_limit + 2], prefix[2];
    size_t length = frame(framed, question, id);
    if (send(descriptor, framed, length, MSG_NOSIGNAL) != (ssize_t)length) return false;
    if (!receive(descriptor, prefix, 2) || !receive(descriptor, answer, read16(prefix))) return false;
    return read16(answer) == id && repeats_question(question, answer, read16(prefix));
}

typedef struct {
    Latency kept, fresh;  // over one long-lived connection, and connecting for every question
    uint64_t failures;
} Probe;

static void probe(const Options *options, const QuestionList *questions, bool with_slow_clients, Probe *result) {
    int kept = -1;
    uint64_t start = nanoseconds_now(), end = start + (uint64_t)(options->seconds * 1e9), next = start;
    for (uint16_t id = 0; nanoseconds_now() < end; id++) {
        const Question *question = &questions->items[id % questions->count];
        if (with_slow_clients) drip(options, question, nanoseconds_now());
        if (kept < 0) kept = tcp_connect(options->address, options->port);
        uint64_t asked = nanoseconds_now();
        if (kept >= 0 && exchange(kept, question, id)) {
            latency_add(&result->kept, nanoseconds_now() - asked);
        } else {
            result->failures++;
            if (kept >= 0) close(kept);
            kept = -1;
        }
        asked = nanoseconds_now();
        int fresh = tcp_connect(options->address, options->port);
        if (fresh >= 0 && exchange(fresh, question, id))
            latency_add(&result->fresh, nanoseconds_now() - asked);
        else
            result->failures++;
        if (fresh >= 0) close(fresh);
        next += probe_nanoseconds;
        uint64_t now = nanoseconds_now();
        if (next < now) next = now;
        struct timespec pause = {0, (long)(next - now)};
        nanosleep(&pause, NULL);
    }
    if (kept >= 0) close(kept);
}

static void print(const char *title, const Probe *probe) {
    printf("%-6s kept connection p50 %7.1f p99 %7.1f max %8.1f us; new ones p50 %7.1f p99 %7.1f max %8.1f us; %lu failed\n",
           title, latency_microseconds(&probe->kept, 0.5), latency_microseconds(&probe->kept, 0.99),
           (double)probe->kept.largest / 1000, latency_microseconds(&probe->fresh, 0.5),
           latency_microseconds(&probe->fresh, 0.99), (double)probe->fresh.largest / 1000, probe->failures);
}

/// Normal: the 99th percentile has not tripled, or is below ten milliseconds all the same.
static bool is_normal(const Latency *before, const Latency *during) {
    double then = latency_microseconds(before, 0.99), now = latency_microseconds(during, 0.99);
    return during->total > 0 && (now <= 3 * then || now <= 10000);
}

int main(int count, char **arguments) {
    Options options = {.address = "127.0.0.1", .port = 53, .clients = 60, .seconds = 10};
    int option;
    while ((option = getopt(count, arguments, "a:p:f:c:d:")) != -1) {
        switch (option) {
        case 'a': options.address = optarg; break;
        case 'p': options.port = atoi(optarg); break;
        case 'f': options.questions = optarg; break;
        case 'c': options.clients = atoi(optarg); break;
        case 'd': options.seconds = atof(optarg); break;
        default: options.questions = NULL; optind = count + 1;
        }
    }
    if (options.questions == NULL || optind != count || options.clients < 1 || options.clients > slow_clients_limit) {
        fputs("usage: slow-loris -f QUESTIONS [-a ADDRESS] [-p PORT] [-c SLOW-CLIENTS] [-d SECONDS]\n", stderr);
        return 2;
    }
    static Probe before, during;
    QuestionList questions;
    if (!questions_load(&questions, options.questions, false)) return 2;
    signal(SIGPIPE, SIG_IGN);

    probe(&options, &questions, false, &before);
    uint64_t start = nanoseconds_now();
    for (int i = 0; i < options.clients; i++)  // their octets come evenly spread
        slow[i] = (SlowClient){-1, 0, start + drip_nanoseconds * (uint64_t)i / (uint64_t)options.clients};
    probe(&options, &questions, true, &during);

    print("before", &before);
    print("during", &during);
    printf("%d slow clients dripped %lu octets; the server closed %lu connections\n", options.clients, octets_dripped,
           closed_by_server);
    bool good = before.failures == 0 && during.failures == 0 && is_normal(&before.kept, &during.kept) &&
                is_normal(&before.fresh, &during.fresh);
    if (!good) puts("FAILED: slow clients slow the others");
    return good ? 0 : 1;
}
