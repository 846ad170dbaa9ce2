// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// What Swift's Glibc leaves out or imports badly: epoll and eventfd (absent), the *mmsg calls (they need _GNU_SOURCE), socket constants
// (enumerations there), control messages (macros). Inline functions and constants only; every symbol begins with clinux_.
// It can go when Glibc's overlay has these.
#ifndef FABDNS_CLINUX_H
#define FABDNS_CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static inline int clinux_errno(void) { return errno; }
static inline void clinux_prefetch(const void *p) { __builtin_prefetch(p); }

// MARK: epoll, eventfd, timerfd

enum {
  CLINUX_READ = EPOLLIN,
  CLINUX_WRITE = EPOLLOUT,
  CLINUX_PEER_ENDED = EPOLLRDHUP,
  CLINUX_BROKEN = EPOLLERR | EPOLLHUP,
};

/// One ready descriptor: struct epoll_event is packed, which Swift cannot read in place.
struct clinux_event {
  uint64_t token;
  uint32_t readiness;
};

enum { CLINUX_EVENTS_PER_WAIT = 64 };

static inline int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int clinux_epoll_add(int epoll, int descriptor, uint32_t readiness, uint64_t token) {
  struct epoll_event event = {.events = readiness, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int clinux_epoll_change(int epoll, int descriptor, uint32_t readiness, uint64_t token) {
  struct epoll_event event = {.events = readiness, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

static inline int clinux_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, (void *)0);
}

/// At most CLINUX_EVENTS_PER_WAIT ready descriptors; 0 when none became ready in time or a signal came.
static inline int clinux_epoll_wait(int epoll, struct clinux_event *events, int milliseconds) {
  struct epoll_event ready[CLINUX_EVENTS_PER_WAIT];
  int count = epoll_wait(epoll, ready, CLINUX_EVENTS_PER_WAIT, milliseconds);
  for (int i = 0; i < count; i++) {
    events[i].token = ready[i].data.u64;
    events[i].readiness = ready[i].events;
  }
  return count < 0 ? 0 : count;
}

static inline int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int clinux_timerfd(void) {
  return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

/// Fires once after that many milliseconds; 0 disarms.
static inline int clinux_timerfd_set(int timer, int64_t milliseconds) {
  struct itimerspec when = {
      .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}};
  return timerfd_settime(timer, 0, &when, (void *)0);
}

/// Reads and forgets the counter of an eventfd or timerfd.
static inline void clinux_drain_counter(int descriptor) {
  uint64_t count;
  ssize_t got = read(descriptor, &count, sizeof count);
  (void)got;
}

static inline void clinux_ring(int eventfd) {
  uint64_t one = 1;
  ssize_t put = write(eventfd, &one, sizeof one);
  (void)put;
}

// MARK: inotify

static inline int clinux_inotify(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

/// Watches a folder for names that come, go or were written.
static inline int clinux_inotify_watch(int inotify, const char *folder) {
  return inotify_add_watch(inotify, folder,
                           IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR);
}

static inline void clinux_inotify_forget(int inotify, int watch) { inotify_rm_watch(inotify, watch); }

/// Reads and forgets all events: what matters is that something happened.
static inline void clinux_inotify_drain(int inotify) {
  char events[4096];
  while (read(inotify, events, sizeof events) > 0) {
  }
}

// MARK: Processes

/// The descriptor above those of standard input, output and errors that are another's to set.
static inline int clinux_above_standard(int descriptor) {
  if (descriptor > 2) return descriptor;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  int error = errno;
  close(descriptor);
  errno = error;
  return moved;
}

/// A pipe whose reading end does not block: programs do not expect EAGAIN of their output.
static inline int clinux_pipe(int *reading, int *writing) {
  int ends[2];
  if (syscall(SYS_pipe2, ends, O_CLOEXEC) < 0) return -1;
  *reading = clinux_above_standard(ends[0]);
  *writing = clinux_above_standard(ends[1]);
  if (*reading >= 0 && *writing >= 0 && fcntl(*reading, F_SETFL, O_NONBLOCK) == 0) return 0;
  int error = errno;
  if (*reading >= 0) close(*reading);
  if (*writing >= 0) close(*writing);
  errno = error;
  return -1;
}

/// Becomes readable when the process has ended; close-on-exec by itself.
static inline int clinux_pidfd_open(int process) {
  enum { PIDFD_OPEN = 434 };  // the same on every architecture
  return (int)syscall(PIDFD_OPEN, process, 0);
}

// <spawn.h> keeps it from modules.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

/// Has the child close every descriptor from that one on.
static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// MARK: Sockets

enum {
  CLINUX_SOCK_DGRAM = SOCK_DGRAM,
  CLINUX_SOCK_STREAM = SOCK_STREAM,
};

static inline int clinux_socket(int family, int type) {
  return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int clinux_accept(int listener, struct sockaddr_storage *peer) {
  socklen_t length = sizeof *peer;
  return (int)syscall(SYS_accept4, listener, peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline ssize_t clinux_send(int descriptor, const void *octets, size_t count) {
  return send(descriptor, octets, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static inline int clinux_set_option(int descriptor, int level, int option, int value) {
  return setsockopt(descriptor, level, option, &value, sizeof value);
}

static inline int clinux_get_option(int descriptor, int level, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(descriptor, level, option, &value, &length) < 0 ? -1 : value;
}

/// Datagrams that were dropped because the receive buffer was full; 0 where the kernel does not say.
static inline uint32_t clinux_socket_drops(int descriptor) {
  enum { MEMINFO = 55, COUNT = 9, DROPS = 8 };  // SO_MEMINFO and SK_MEMINFO_* of <linux/sock_diag.h>
  uint32_t figures[COUNT] = {0};
  socklen_t length = sizeof figures;
  return getsockopt(descriptor, SOL_SOCKET, MEMINFO, figures, &length) < 0 ? 0 : figures[DROPS];
}

/// The monotonic clock.
static inline uint64_t clinux_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// MARK: Datagrams in batches

/// struct mmsghdr, which needs _GNU_SOURCE.
struct clinux_mmsghdr {
  struct msghdr header;
  unsigned int length;
};

/// Room for one address of either family.
enum { CLINUX_CONTROL_OCTETS = 96 };

static inline int clinux_recvmmsg(int descriptor, struct clinux_mmsghdr *messages, unsigned count) {
  return (int)syscall(SYS_recvmmsg, descriptor, messages, count, MSG_DONTWAIT, (void *)0);
}

static inline int clinux_sendmmsg(int descriptor, struct clinux_mmsghdr *messages, unsigned count) {
  return (int)syscall(SYS_sendmmsg, descriptor, messages, count, MSG_DONTWAIT);
}

/// Whether the datagram was longer than its buffer.
static inline int clinux_is_cut(const struct clinux_mmsghdr *message) {
  return (message->header.msg_flags & MSG_TRUNC) != 0;
}

/// Asks for the address each datagram was sent to, so that the reply can come from it.
static inline int clinux_want_destination(int descriptor, int family) {
  return family == AF_INET6 ? clinux_set_option(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                            : clinux_set_option(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
}

// struct in6_pktinfo needs _GNU_SOURCE.
struct clinux_in6_pktinfo {
  struct in6_addr address;
  unsigned int interface;
};

/// Turns the control data of a received datagram into that of its reply: the address that was asked becomes the source, and the
/// interface is left to the routing table (but for link-local addresses, which need theirs). Without an address: none.
static inline void clinux_reply_from_destination(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      info.ipi_ifindex = 0;
      struct cmsghdr *first = CMSG_FIRSTHDR(message);
      first->cmsg_len = CMSG_LEN(sizeof info);
      first->cmsg_level = IPPROTO_IP;
      first->cmsg_type = IP_PKTINFO;
      memcpy(CMSG_DATA(first), &info, sizeof info);
      message->msg_controllen = CMSG_SPACE(sizeof info);
      return;
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct clinux_in6_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      if (!IN6_IS_ADDR_LINKLOCAL(&info.address)) info.interface = 0;
      struct cmsghdr *first = CMSG_FIRSTHDR(message);
      first->cmsg_len = CMSG_LEN(sizeof info);
      first->cmsg_level = IPPROTO_IPV6;
      first->cmsg_type = IPV6_PKTINFO;
      memcpy(CMSG_DATA(first), &info, sizeof info);
      message->msg_controllen = CMSG_SPACE(sizeof info);
      return;
    }
  }
  message->msg_controllen = 0;
}

#endif
