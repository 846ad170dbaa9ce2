// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#ifndef PACKETS_H
#define PACKETS_H

#include "Instruments.h"

enum { packet_octets_limit = 1472 };

typedef struct {
    uint8_t octets[packet_octets_limit];
    size_t length;
    size_t question_length;  // of a well-formed query: what its answer repeats; 0: its opcode leaves that open
} Packet;

/// A query that every server owes exactly one reply: any name, type and class, with or without EDNS, any opcode.
void make_well_formed(Packet *packet, const QuestionList *questions, Random *random);

/// A well-formed query with up to eight faults: octets changed, cut, appended, counts that lie.
void make_mutated(Packet *packet, const QuestionList *questions, Random *random);

/// Random octets, from none to a full datagram.
void make_noise(Packet *packet, Random *random);

/// A message with the QR bit set, well-formed or not: nothing may come back.
void make_response(Packet *packet, const QuestionList *questions, Random *random);

/// True for what must get no reply: shorter than a header, or a response.
static inline bool must_stay_unanswered(const Packet *packet) {
    return packet->length < header_octets || (packet->octets[2] & 0x80) != 0;
}

#endif
