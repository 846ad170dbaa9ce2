// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// Preloaded into a program, lets a test set the wall clock of that program alone while it runs. The
// file that FABDNS_SKEWED_CLOCK names holds the seconds that the clock is ahead, in eight octets;
// clocks that nobody can set stay as they are. Compiled by Tests/KubernetesTests/SkewedClock.swift.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t none;
static const int64_t *offset = &none;

__attribute__((constructor)) static void open_offset(void) {
  const char *path = getenv("FABDNS_SKEWED_CLOCK");
  int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (descriptor < 0) return;
  void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, descriptor, 0);
  if (page != MAP_FAILED) offset = page;
  close(descriptor);
}

// The system call, because what the libraries call is this function.
int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += __atomic_load_n(offset, __ATOMIC_RELAXED);
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *time) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0) return -1;
  if (time) *time = now.tv_sec;
  return now.tv_sec;
}
