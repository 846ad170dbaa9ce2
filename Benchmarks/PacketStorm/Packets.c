// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#include "Packets.h"

#include <string.h>

enum { name_octets_limit = 255, label_octets_limit = 63 };

static bool one_in(Random *random, uint32_t number) { return random_below(random, number) == 0; }

static size_t name_length(const uint8_t *name) {
    size_t length = 0;
    while (name[length] != 0) length += 1u + name[length];
    return length + 1;
}

/// Puts a random label in front of the name as long as it fits, `count` times at most.
static size_t prepend_labels(uint8_t *name, size_t length, unsigned count, unsigned longest, Random *random) {
    uint8_t longer[name_octets_limit];
    while (count-- > 0) {
        size_t label = 1 + random_below(random, longest);
        if (length + label + 1 > name_octets_limit) break;
        longer[0] = (uint8_t)label;
        for (size_t i = 1; i <= label; i++) longer[i] = (uint8_t)random_next(random);
        memcpy(longer + 1 + label, name, length);
        length += label + 1;
        memcpy(name, longer, length);
    }
    return length;
}

/// Changes the case of letters at random, label by label, as resolvers do that hide entropy in the spelling.
static void mix_case(uint8_t *name, Random *random) {
    for (uint8_t *label = name; *label != 0; label += 1 + *label) {
        for (uint8_t i = 1; i <= *label; i++) {
            uint8_t lower = label[i] | 0x20;
            if (lower >= 'a' && lower <= 'z' && one_in(random, 2)) label[i] ^= 0x20;
        }
    }
}

static size_t make_name(uint8_t *name, const QuestionList *questions, Random *random) {
    const Question *question = &questions->items[random_below(random, (uint32_t)questions->count)];
    size_t length = name_length(question->octets + header_octets);
    memcpy(name, question->octets + header_octets, length);
    switch (random_below(random, 8)) {
    case 0:  // a name below
        length = prepend_labels(name, length, 1 + random_below(random, 3), label_octets_limit, random);
        break;
    case 1:  // the root, or a name of another zone, up to the longest and the deepest there is
        name[0] = 0;
        length = prepend_labels(name, 1, random_below(random, 128), one_in(random, 2) ? 1 : label_octets_limit, random);
        break;
    case 2:  // a name above: the first labels are left off
        for (uint32_t skip = random_below(random, 4); skip > 0 && name[0] != 0; skip--) {
            length -= 1u + name[0];
            memmove(name, name + 1 + name[0], length);
        }
        break;
    default: break;
    }
    if (one_in(random, 3)) mix_case(name, random);
    return length;
}

/// RFC 6891 §6.1.2, with up to three options; unknown ones are to be ignored.
static size_t make_opt(uint8_t *write, Random *random) {
    static const uint16_t codes[] = {3, 8, 10, 12, 15, 65001};
    uint8_t *start = write;
    memset(write, 0, 11);
    write16(write + 1, 41);
    write16(write + 3, (uint16_t)random_next(random));
    write[5] = 0;
    write[6] = 0;
    write[7] = one_in(random, 2) ? 0x80 : 0;  // DO
    write += 11;
    for (uint32_t count = random_below(random, 4); count > 0; count--) {
        uint16_t code = codes[random_below(random, sizeof codes / sizeof *codes)];
        // The options with a layout of their own get one that is right: NSID is empty, a client cookie has 8 octets,
        // a client subnet of no bits has 4, an extended error (code and text) is not for queries but ignored there.
        uint16_t length = code == 3 ? 0 : code == 8 ? 4 : code == 10 ? 8 : (uint16_t)(2 + random_below(random, 30));
        write16(write, code);
        write16(write + 2, length);
        for (uint16_t i = 0; i < length; i++) write[4 + i] = code == 8 || code == 12 ? 0 : (uint8_t)random_next(random);
        if (code == 8) write[5] = 1;
        write += 4 + length;
    }
    write16(start + 9, (uint16_t)(write - start - 11));
    return (size_t)(write - start);
}

void make_well_formed(Packet *packet, const QuestionList *questions, Random *random) {
    static const uint16_t types[] = {1, 28, 33, 16, 2, 6, 12, 5, 15, 43, 48, 64, 65, 251, 252, 255, 257, 65280};
    uint8_t *octets = packet->octets;
    memset(octets, 0, header_octets);
    bool is_query = !one_in(random, 20);
    octets[2] = (uint8_t)((is_query ? 0 : 1 + random_below(random, 15)) << 3 | random_below(random, 2));
    octets[3] = one_in(random, 4) ? (uint8_t)(random_next(random) & 0x30) : 0;  // AD and CD
    write16(octets + 4, 1);
    uint8_t *write = octets + header_octets;
    write += make_name(write, questions, random);
    bool is_known = !one_in(random, 4);
    write16(write, is_known ? (one_in(random, 2) ? 28 : 1) : types[random_below(random, sizeof types / sizeof *types)]);
    write16(write + 2, one_in(random, 20) ? 3 : 1);
    write += 4;
    packet->question_length = is_query ? (size_t)(write - octets - header_octets) : 0;
    if (one_in(random, 2)) {
        write += make_opt(write, random);
        write16(octets + 10, 1);
    }
    packet->length = (size_t)(write - octets);
}

void make_mutated(Packet *packet, const QuestionList *questions, Random *random) {
    make_well_formed(packet, questions, random);
    write16(packet->octets, (uint16_t)random_next(random));
    for (uint32_t faults = 1 + random_below(random, 8); faults > 0 && packet->length > 0; faults--) {
        uint32_t where = random_below(random, (uint32_t)packet->length);
        switch (random_below(random, 5)) {
        case 0: packet->octets[where] ^= (uint8_t)(1u << random_below(random, 8)); break;
        case 1: packet->octets[where] = (uint8_t)random_next(random); break;
        case 2: packet->length = where; break;
        case 3:  // a pointer, forwards, backwards or to itself
            if (where + 1 < packet->length)
                write16(packet->octets + where, (uint16_t)(0xc000 | random_below(random, (uint32_t)packet->length + 4)));
            break;
        default:  // more octets, or a count that lies
            if (one_in(random, 2) && packet->length >= header_octets) {
                packet->octets[4 + random_below(random, 8)] = (uint8_t)random_next(random);
            } else {
                for (uint32_t more = random_below(random, 40); more > 0 && packet->length < packet_octets_limit; more--)
                    packet->octets[packet->length++] = (uint8_t)random_next(random);
            }
        }
    }
}

void make_noise(Packet *packet, Random *random) {
    packet->length = random_below(random, one_in(random, 10) ? packet_octets_limit + 1 : 100);
    for (size_t i = 0; i < packet->length; i++) packet->octets[i] = (uint8_t)random_next(random);
}

void make_response(Packet *packet, const QuestionList *questions, Random *random) {
    if (one_in(random, 4)) {
        make_noise(packet, random);
    } else {
        make_well_formed(packet, questions, random);
        write16(packet->octets, (uint16_t)random_next(random));
    }
    if (packet->length > 2) packet->octets[2] |= 0x80;
}
