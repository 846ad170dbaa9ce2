// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Instruments.h"

enum { line_limit = 1024, question_count_limit = 10000000 };

uint16_t type_number(const char *mnemonic) {
    static const struct {
        const char *mnemonic;
        uint16_t number;
    } known[] = {
        {"A", 1},    {"NS", 2},    {"CNAME", 5}, {"SOA", 6},    {"PTR", 12},   {"HINFO", 13}, {"MX", 15},
        {"TXT", 16}, {"AAAA", 28}, {"SRV", 33},  {"SVCB", 64}, {"HTTPS", 65}, {"AXFR", 252}, {"ANY", 255},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(mnemonic, known[i].mnemonic) == 0) return known[i].number;
    if (strncmp(mnemonic, "TYPE", 4) != 0) return 0;
    long number = strtol(mnemonic + 4, NULL, 10);
    return number > 0 && number <= 65535 ? (uint16_t)number : 0;
}

bool question_make(Question *question, const char *name, uint16_t type, bool edns) {
    memset(question, 0, sizeof *question);
    question->expected_code = question->expected_answers = -1;
    uint8_t *write = question->octets + header_octets;
    const uint8_t *name_limit = write + 254;
    write16(question->octets + 4, 1);
    while (*name != 0 && strcmp(name, ".") != 0) {
        size_t length = strcspn(name, ".");
        if (length == 0 || length > 63 || write + length + 1 > name_limit) return false;
        *write++ = (uint8_t)length;
        memcpy(write, name, length);
        write += length;
        name += length;
        if (*name == '.') name++;
    }
    *write++ = 0;
    write16(write, type);
    write16(write + 2, 1);
    write += 4;
    question->question_length = (uint16_t)(write - question->octets - header_octets);
    if (edns) {
        // RFC 6891 §6.1.2: root name, OPT, payload size 1232, version 0, no flags, no options.
        static const uint8_t opt[11] = {0, 0, 41, 1232 >> 8, 1232 & 255};
        memcpy(write, opt, sizeof opt);
        write += sizeof opt;
        write16(question->octets + 10, 1);
    }
    question->length = (uint16_t)(write - question->octets);
    return true;
}

static bool parse_line(Question *question, char *line, bool edns) {
    char *rest = NULL;
    const char *name = strtok_r(line, " \t\r\n", &rest);
    const char *type = strtok_r(NULL, " \t\r\n", &rest);
    const char *code = strtok_r(NULL, " \t\r\n", &rest);
    const char *answers = code == NULL ? NULL : strtok_r(NULL, " \t\r\n", &rest);
    if (type == NULL || type_number(type) == 0) return false;
    if (!question_make(question, name, type_number(type), edns)) return false;
    if (code != NULL) {
        if (strcmp(code, "NOERROR") == 0)
            question->expected_code = 0;
        else if (strcmp(code, "NXDOMAIN") == 0)
            question->expected_code = 3;
        else
            return false;
    }
    if (answers != NULL) question->expected_answers = (int16_t)atoi(answers);
    return true;
}

bool questions_load(QuestionList *list, const char *path, bool edns) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    char line[line_limit];
    size_t capacity = 0, number = 0;
    bool good = true;
    *list = (QuestionList){0};
    while (good && fgets(line, sizeof line, file) != NULL && list->count < question_count_limit) {
        number++;
        if (line[strspn(line, " \t\r\n")] == 0) continue;
        if (list->count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            Question *grown = realloc(list->items, capacity * sizeof *grown);
            if (grown == NULL) abort();
            list->items = grown;
        }
        good = parse_line(&list->items[list->count], line, edns);
        if (good) list->count++;
    }
    fclose(file);
    if (!good) fprintf(stderr, "%s:%zu: expected `name type [NOERROR|NXDOMAIN [answers]]`\n", path, number);
    if (good && list->count == 0) fprintf(stderr, "%s: no questions\n", path);
    return good && list->count > 0;
}
