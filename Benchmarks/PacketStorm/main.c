// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// packet-storm: a million random packets at a measured pace. Every well-formed query among them must be answered exactly
// once, no response may be answered, and the server must be alive afterwards with the memory it had before.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "Packets.h"

enum {
    sockets = 4,
    slots_per_socket = 1024,  // the low ten bits of the message id are the slot, the rest counts its uses
    slot_bits = 10,
    tries_limit = 4,
    packets_per_step = 64,
    shown_failures = 5,
};

static const uint64_t second = 1000000000, millisecond = 1000000, step_nanoseconds = 500000;

/// A well-formed query and what became of it.
typedef struct {
    Packet packet;
    uint64_t sent_at;
    uint16_t id;
    uint8_t tries, answers;
    bool is_waiting;
} Slot;

typedef struct {
    int descriptor;
    Slot slots[slots_per_socket];
} Asker;

typedef struct {
    const char *address, *questions;
    int port, process;
    uint64_t packets, seed;
    double rate, growth_limit_mebibytes;
} Options;

typedef struct {
    uint64_t packets, well_formed, mutated, noise, responses, answered, retried, unanswered, duplicates, unexpected;
    uint64_t wrong_question, failures, loose_sent, loose_answers, answers_to_silence, send_errors;
} Tally;

static Asker askers[sockets];
static Tally tally;
static QuestionList questions;
static Random random_source;
static int loose, silent;  // sockets for packets that may, and that must not, be answered

static void transmit(int descriptor, const Packet *packet) {
    if (send(descriptor, packet->octets, packet->length, 0) < 0) tally.send_errors++;
}

static void ask(Asker *asker, Slot *slot, uint64_t now) {
    slot->tries++;
    slot->is_waiting = true;
    slot->sent_at = now;
    transmit(asker->descriptor, &slot->packet);
}

/// Takes the next free slot of a random socket; false while the thousand slots after it all wait.
static bool send_well_formed(uint64_t now) {
    static unsigned cursor;
    Asker *asker = &askers[random_below(&random_source, sockets)];
    for (unsigned i = 0; i < slots_per_socket; i++) {
        unsigned index = cursor++ % slots_per_socket;
        Slot *slot = &asker->slots[index];
        if (slot->is_waiting) continue;
        make_well_formed(&slot->packet, &questions, &random_source);
        slot->id = (uint16_t)((slot->id & ~(slots_per_socket - 1u)) + slots_per_socket + index);
        write16(slot->packet.octets, slot->id);
        slot->tries = slot->answers = 0;
        ask(asker, slot, now);
        tally.well_formed++;
        return true;
    }
    return false;
}

static void send_one(uint64_t now) {
    Packet packet;
    uint32_t kind = random_below(&random_source, 10);
    tally.packets++;
    if (kind < 4 && send_well_formed(now)) return;
    if (kind < 7) {
        make_mutated(&packet, &questions, &random_source);
        tally.mutated++;
    } else if (kind < 9) {
        make_noise(&packet, &random_source);
        tally.noise++;
    } else {
        make_response(&packet, &questions, &random_source);
        tally.responses++;
    }
    bool is_silent = must_stay_unanswered(&packet);
    tally.loose_sent += !is_silent;
    transmit(is_silent ? silent : loose, &packet);
}

/// Counts a well-formed query that got FORMERR (1) or SERVFAIL (2), and shows the first ones in hexadecimal.
static void fail(const Packet *query, int code) {
    if (tally.failures++ >= shown_failures) return;
    printf("response code %d for ", code);
    for (size_t i = 0; i < query->length; i++) printf("%02x", query->octets[i]);
    putchar('\n');
}

static void take_answer(Asker *asker, const uint8_t *answer, size_t length) {
    Slot *slot = &asker->slots[read16(answer) & (slots_per_socket - 1)];
    if (length < header_octets || (answer[2] & 0x80) == 0 || read16(answer) != slot->id || slot->tries == 0) {
        tally.unexpected++;
        return;
    }
    slot->answers++;
    tally.answered += slot->answers == 1;
    tally.duplicates += slot->answers > slot->tries;
    slot->is_waiting = false;
    if ((answer[3] & 15) == 1 || (answer[3] & 15) == 2) fail(&slot->packet, answer[3] & 15);
    size_t compared = header_octets + slot->packet.question_length;
    if (slot->packet.question_length > 0 &&
        (length < compared || memcmp(answer + header_octets, slot->packet.octets + header_octets,
                                     slot->packet.question_length) != 0))
        tally.wrong_question++;
}

static void receive_all(void) {
    static uint8_t answer[received_octets_limit];
    ssize_t length;
    for (int i = 0; i < sockets; i++)
        while ((length = recv(askers[i].descriptor, answer, sizeof answer, MSG_DONTWAIT)) >= 0)
            take_answer(&askers[i], answer, (size_t)length);
    while (recv(loose, answer, sizeof answer, MSG_DONTWAIT) >= 0) tally.loose_answers++;
    while (recv(silent, answer, sizeof answer, MSG_DONTWAIT) >= 0) tally.answers_to_silence++;
}

/// Asks again what has waited for a second, up to three times; returns how many still wait.
static unsigned retry_silent_ones(uint64_t now) {
    unsigned waiting = 0;
    for (int i = 0; i < sockets; i++) {
        for (unsigned k = 0; k < slots_per_socket; k++) {
            Slot *slot = &askers[i].slots[k];
            if (!slot->is_waiting) continue;
            waiting++;
            if (now - slot->sent_at < second) continue;
            tally.retried += slot->tries == 1;
            if (slot->tries < tries_limit) {
                ask(&askers[i], slot, now);
            } else {
                slot->is_waiting = false;
                tally.unanswered++;
            }
        }
    }
    return waiting;
}

static void rest(void) {
    struct timespec pause = {0, (long)step_nanoseconds};
    nanosleep(&pause, NULL);
}

/// Sends everything at the pace asked for; returns the server's memory when a tenth was sent.
static uint64_t storm(const Options *options) {
    uint64_t start = nanoseconds_now(), last_retry = start, memory = 0;
    while (tally.packets < options->packets) {
        uint64_t now = nanoseconds_now();
        uint64_t due = (uint64_t)((double)(now - start) / 1e9 * options->rate);
        for (int i = 0; i < packets_per_step && tally.packets < due && tally.packets < options->packets; i++) send_one(now);
        receive_all();
        if (now - last_retry > 100 * millisecond) {
            retry_silent_ones(now);
            last_retry = now;
        }
        if (memory == 0 && tally.packets > options->packets / 10) memory = resident_octets(options->process);
        if (tally.packets >= due) rest();
    }
    while (retry_silent_ones(nanoseconds_now()) > 0) {
        receive_all();
        rest();
    }
    for (int i = 0; i < 200; i++) {  // what comes late must still be counted: duplicates, answers to responses
        receive_all();
        rest();
    }
    return memory;
}

static bool parse(Options *options, int count, char **arguments) {
    int option;
    while ((option = getopt(count, arguments, "a:p:f:P:n:r:S:g:")) != -1) {
        switch (option) {
        case 'a': options->address = optarg; break;
        case 'p': options->port = atoi(optarg); break;
        case 'f': options->questions = optarg; break;
        case 'P': options->process = atoi(optarg); break;
        case 'n': options->packets = strtoull(optarg, NULL, 10); break;
        case 'r': options->rate = atof(optarg); break;
        case 'S': options->seed = strtoull(optarg, NULL, 10); break;
        case 'g': options->growth_limit_mebibytes = atof(optarg); break;
        default: return false;
        }
    }
    return optind == count && options->questions != NULL && options->process > 0 && options->rate > 0;
}

static bool open_sockets(const Options *options) {
    bool good = (loose = udp_connect(options->address, options->port)) >= 0 &&
                (silent = udp_connect(options->address, options->port)) >= 0;
    for (int i = 0; good && i < sockets; i++)
        good = (askers[i].descriptor = udp_connect(options->address, options->port)) >= 0;
    return good;
}

static uint64_t own_drops(void) {
    uint64_t drops = socket_drops(loose) + socket_drops(silent);
    for (int i = 0; i < sockets; i++) drops += socket_drops(askers[i].descriptor);
    return drops;
}

static bool check(bool holds, const char *rule) {
    if (!holds) printf("FAILED: %s\n", rule);
    return holds;
}

int main(int count, char **arguments) {
    Options options = {.address = "127.0.0.1", .port = 53, .packets = 1000000, .rate = 50000, .growth_limit_mebibytes = 4,
                       .seed = nanoseconds_now()};
    if (!parse(&options, count, arguments)) {
        fputs("usage: packet-storm -f QUESTIONS -P SERVER-PID [-a ADDRESS] [-p PORT] [-n PACKETS] [-r PACKETS-PER-SECOND]\n"
              "                    [-S SEED] [-g GROWTH-LIMIT-MIB]\n", stderr);
        return 2;
    }
    if (!questions_load(&questions, options.questions, false) || !open_sockets(&options)) return 2;
    random_source.state = options.seed;
    printf("seed %lu\n", options.seed);

    uint64_t drops_before = port_drops(options.port);
    uint64_t before = storm(&options), after = resident_octets(options.process);
    uint64_t server_drops = port_drops(options.port) - drops_before, drops = server_drops + own_drops();
    double growth = ((double)after - (double)before) / 1048576;

    printf("%lu packets at %.0f/s: %lu well-formed, %lu mutated, %lu noise, %lu responses\n", tally.packets, options.rate,
           tally.well_formed, tally.mutated, tally.noise, tally.responses);
    printf("well-formed: %lu answered, %lu asked again, %lu never answered, %lu duplicates, %lu unexpected ids\n",
           tally.answered, tally.retried, tally.unanswered, tally.duplicates, tally.unexpected);
    printf("others: %lu answers to %lu that may be answered, %lu to those that may not\n", tally.loose_answers,
           tally.loose_sent, tally.answers_to_silence);
    printf("kernel drops %lu (server %lu), send errors %lu, memory %.1f -> %.1f MiB\n", drops, server_drops,
           tally.send_errors, (double)before / 1048576, (double)after / 1048576);

    bool good = check(after > 0, "the server is alive");
    good &= check(tally.unanswered == 0 && tally.answered == tally.well_formed, "every well-formed query is answered");
    good &= check(tally.retried <= drops, "none is lost but for kernel drops");
    good &= check(tally.duplicates == 0 && tally.unexpected == 0, "no query is answered twice");
    good &= check(tally.wrong_question == 0, "an answer repeats its question");
    good &= check(tally.failures == 0, "no well-formed query gets FORMERR or SERVFAIL");
    good &= check(tally.loose_answers <= tally.loose_sent, "no packet gets two answers");
    good &= check(tally.answers_to_silence == 0, "a response or a packet without header gets no answer");
    good &= check(growth <= options.growth_limit_mebibytes, "memory stays flat");
    return good ? 0 : 1;
}
