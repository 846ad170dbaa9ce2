// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// load-generator: asks a DNS server over UDP as fast as it answers (closed loop) or at a fixed rate (open loop), judges
// every answer and prints one JSON object.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Asker.h"

static const char usage[] =
    "usage: load-generator -f QUESTIONS [options]\n"
    "  -a ADDRESS  server address (127.0.0.1)      -p PORT   server port (53)\n"
    "  -d SECONDS  duration (5)                    -n COUNT  stop after COUNT queries\n"
    "  -s SOCKETS  sockets, 1...64 (4)             -b BATCH  queries per system call, 1...64 (16)\n"
    "  -w WINDOW   in flight per socket (60)       -r RATE   open loop: queries per second\n"
    "  -e          with an EDNS OPT record         -t MS     a silent window is lost after MS (20)\n"
    "  -l MS       wait for the last answers (500) -S SEED   seed of ids and arrivals (1)\n"
    "  -j          judge RCODE and answer count by the question file\n"
    "  -v          verify: judge, compare questions, exit 1 unless every answer is right and none is missing\n";

volatile sig_atomic_t is_stopped = 0;

static void stop(int signal) {
    (void)signal;
    is_stopped = 1;
}

static bool parse(Options *options, const char **path, bool *edns, int count, char **arguments) {
    int option;
    while ((option = getopt(count, arguments, "a:p:f:d:n:s:b:w:r:t:l:S:ejv")) != -1) {
        switch (option) {
        case 'a': options->address = optarg; break;
        case 'p': options->port = atoi(optarg); break;
        case 'f': *path = optarg; break;
        case 'd': options->seconds = atof(optarg); break;
        case 'n': options->count = strtoull(optarg, NULL, 10); break;
        case 's': options->sockets = atoi(optarg); break;
        case 'b': options->batch = atoi(optarg); break;
        case 'w': options->window = atoi(optarg); break;
        case 'r': options->rate = atof(optarg); break;
        case 't': options->stall = (uint64_t)(atof(optarg) * 1e6); break;
        case 'l': options->patience = (uint64_t)(atof(optarg) * 1e6); break;
        case 'S': options->seed = strtoull(optarg, NULL, 10); break;
        case 'e': *edns = true; break;
        case 'j': options->judge = true; break;
        case 'v': options->judge = options->verify = true; break;
        default: return false;
        }
    }
    if (options->seconds <= 0 && options->count == 0) options->seconds = 5;
    return *path != NULL && optind == count && options->sockets >= 1 && options->sockets <= socket_limit &&
           options->batch >= 1 && options->batch <= batch_limit && options->window >= options->batch &&
           options->window < id_count && options->rate >= 0;
}

static void print(const Options *options, const Tally *tally) {
    const Latency *latency = &tally->latency;
    printf("{\"mode\":\"%s\",\"rate\":%.0f,\"seconds\":%.6f,\"sent\":%lu,\"answered\":%lu,\"lost\":%lu,\"qps\":%.0f,",
           options->rate > 0 ? "open" : "closed", options->rate, tally->seconds, tally->sent, tally->answered,
           tally->sent - tally->answered, (double)tally->answered_in_time / tally->seconds);
    printf("\"noerror\":%lu,\"nxdomain\":%lu,\"other_rcode\":%lu,\"wrong_rcode\":%lu,\"wrong_answer_count\":%lu,",
           tally->no_error, tally->name_error, tally->other_code, tally->wrong_code, tally->wrong_answers);
    printf("\"duplicates\":%lu,\"unexpected_ids\":%lu,\"malformed\":%lu,\"wrong_question\":%lu,\"own_drops\":%lu,",
           tally->duplicates, tally->unexpected, tally->malformed, tally->wrong_question, tally->own_drops);
    printf("\"average_octets\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}\n",
           tally->answered == 0 ? 0 : (double)tally->octets / (double)tally->answered,
           latency_microseconds(latency, 0.5), latency_microseconds(latency, 0.9), latency_microseconds(latency, 0.99),
           latency_microseconds(latency, 0.999), (double)latency->largest / 1000.0);
}

int main(int count, char **arguments) {
    Options options = {.address = "127.0.0.1", .port = 53, .sockets = 4, .window = 60, .batch = 16,
                       .stall = 20000000, .patience = 500000000, .seed = 1};
    static Asker askers[socket_limit];
    static Tally tally;
    const char *path = NULL;
    bool edns = false;
    if (!parse(&options, &path, &edns, count, arguments)) {
        fputs(usage, stderr);
        return 2;
    }
    Random random = {options.seed};
    QuestionList questions;
    if (!questions_load(&questions, path, edns)) return 2;
    for (int i = 0; i < options.sockets; i++)
        if (!asker_open(&askers[i], &options, &random)) return 2;

    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    if (options.rate > 0)
        open_loop(askers, &questions, &options, &random, &tally);
    else
        closed_loop(askers, &questions, &options, &tally);
    print(&options, &tally);

    uint64_t faults = tally.sent - tally.answered + tally.duplicates + tally.unexpected + tally.malformed +
                      tally.wrong_question + tally.wrong_code + tally.wrong_answers;
    return options.verify && faults > 0 ? 1 : 0;
}
