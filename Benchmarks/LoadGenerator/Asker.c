// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#define _GNU_SOURCE
#include "Asker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { answer_octets_limit = 4096 };

bool asker_open(Asker *asker, const Options *options, Random *random) {
    asker->descriptor = udp_connect(options->address, options->port);
    asker->next_id = (uint16_t)random_next(random);
    asker->in_flight = 0;
    asker->last_progress = nanoseconds_now();
    asker->slots = calloc(id_count, sizeof(Slot));
    return asker->descriptor >= 0 && asker->slots != NULL;
}

int asker_send(Asker *asker, const QuestionList *questions, size_t first, int count, const uint64_t *due, Tally *tally) {
    static uint8_t octets[batch_limit][question_octets_limit];
    static struct iovec vectors[batch_limit];
    static struct mmsghdr messages[batch_limit];
    for (int i = 0; i < count; i++) {
        const Question *question = &questions->items[(first + (size_t)i) % questions->count];
        memcpy(octets[i], question->octets, question->length);
        write16(octets[i], (uint16_t)(asker->next_id + i));
        vectors[i] = (struct iovec){octets[i], question->length};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
        // Noted before the call: on loopback the answer can be here before it returns.
        asker->slots[(uint16_t)(asker->next_id + i)] =
            (Slot){due[i], (uint32_t)((first + (size_t)i) % questions->count), slot_waiting};
    }
    int sent = sendmmsg(asker->descriptor, messages, (unsigned)count, MSG_DONTWAIT);
    if (sent < 0) sent = 0;
    for (int i = sent; i < count; i++) asker->slots[(uint16_t)(asker->next_id + i)].state = slot_free;
    asker->next_id = (uint16_t)(asker->next_id + sent);
    asker->in_flight += sent;
    tally->sent += (uint64_t)sent;
    return sent;
}

static void judge(Asker *asker, const uint8_t *answer, size_t length, uint64_t now, const QuestionList *questions,
                  const Options *options, Tally *tally) {
    if (length < header_octets || (answer[2] & 0x80) == 0) {
        tally->malformed++;
        return;
    }
    Slot *slot = &asker->slots[read16(answer)];
    if (slot->state != slot_waiting) {
        if (slot->state == slot_answered)
            tally->duplicates++;
        else
            tally->unexpected++;
        return;
    }
    const Question *question = &questions->items[slot->question];
    int code = answer[3] & 15;
    slot->state = slot_answered;
    asker->in_flight -= asker->in_flight > 0;
    tally->answered++;
    tally->octets += length;
    if (code == 0)
        tally->no_error++;
    else if (code == 3)
        tally->name_error++;
    else
        tally->other_code++;
    latency_add(&tally->latency, now > slot->due ? now - slot->due : 0);
    if (options->verify && !repeats_question(question, answer, length)) tally->wrong_question++;
    if (!options->judge) return;
    tally->wrong_code += question->expected_code < 0 ? code != 0 && code != 3 : code != question->expected_code;
    tally->wrong_answers += question->expected_answers >= 0 && read16(answer + 6) != question->expected_answers;
}

int asker_receive(Asker *asker, const QuestionList *questions, const Options *options, Tally *tally) {
    static uint8_t octets[batch_limit][answer_octets_limit];
    static struct iovec vectors[batch_limit];
    static struct mmsghdr messages[batch_limit];
    if (vectors[0].iov_base == NULL) {
        for (int i = 0; i < batch_limit; i++) {
            vectors[i] = (struct iovec){octets[i], answer_octets_limit};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
        }
    }
    int received = recvmmsg(asker->descriptor, messages, batch_limit, MSG_DONTWAIT, NULL);
    if (received <= 0) return 0;
    uint64_t now = nanoseconds_now();
    for (int i = 0; i < received; i++)
        judge(asker, octets[i], messages[i].msg_len, now, questions, options, tally);
    asker->last_progress = now;
    return received;
}

void drain(Asker *askers, const QuestionList *questions, const Options *options, Tally *tally) {
    uint64_t end = nanoseconds_now() + options->patience;
    while (tally->answered < tally->sent && nanoseconds_now() < end)
        for (int i = 0; i < options->sockets; i++) asker_receive(&askers[i], questions, options, tally);
    for (int i = 0; i < options->sockets; i++) tally->own_drops += socket_drops(askers[i].descriptor);
}
