// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "Instruments.h"

enum {
    socket_buffer_octets = 4 << 20,
    drops_index = 8,  // linux/sock_diag.h: SK_MEMINFO_DROPS, the last of nine counters of SO_MEMINFO
    memory_counters = 9,
};

static socklen_t parse_address(struct sockaddr_storage *storage, const char *address, int port) {
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        return sizeof *four;
    }
    if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        return sizeof *six;
    }
    return 0;
}

int udp_connect(const char *address, int port) {
    struct sockaddr_storage server;
    socklen_t length = parse_address(&server, address, port);
    if (length == 0) {
        fprintf(stderr, "%s: no IP address\n", address);
        return -1;
    }
    int descriptor = socket(server.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int size = socket_buffer_octets;
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&server, length) != 0) {
        perror("UDP socket");
        return -1;
    }
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return descriptor;
}

int tcp_connect(const char *address, int port) {
    struct sockaddr_storage server;
    socklen_t length = parse_address(&server, address, port);
    if (length == 0) return -1;
    int descriptor = socket(server.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    if (descriptor < 0) return -1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(descriptor, (struct sockaddr *)&server, length) == 0) return descriptor;
    close(descriptor);
    return -1;
}

uint64_t socket_drops(int descriptor) {
    uint32_t counters[memory_counters] = {0};
    socklen_t length = sizeof counters;
    if (getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, counters, &length) != 0) return 0;
    return counters[drops_index];
}

static uint64_t drops_in(const char *path, int port) {
    FILE *file = fopen(path, "r");
    char line[512];
    uint64_t drops = 0;
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        // "  12: 0100007F:14B4 00000000:0000 07 ... DROPS": local address and port first, drops last.
        unsigned local_port;
        if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x", &local_port) != 1 || (int)local_port != port) continue;
        line[strcspn(line, "\n")] = 0;
        size_t end = strlen(line);
        while (end > 0 && line[end - 1] == ' ') line[--end] = 0;
        const char *last = strrchr(line, ' ');
        unsigned long long count;
        if (last != NULL && sscanf(last, "%llu", &count) == 1) drops += count;
    }
    fclose(file);
    return drops;
}

uint64_t port_drops(int port) { return drops_in("/proc/net/udp", port) + drops_in("/proc/net/udp6", port); }

uint64_t resident_octets(int process) {
    char path[64];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", process);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1) pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
