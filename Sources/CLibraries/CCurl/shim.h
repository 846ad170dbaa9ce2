// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// libcurl, and what of it Swift cannot import: functions with a variable number of arguments, a union, and macros that are casts.
// Inline functions only; every symbol of ours begins with ccurl_.
#ifndef FABDNS_CCURL_H
#define FABDNS_CCURL_H

// The types are checked by the functions below; libcurl's own check is a macro of its own kind.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

// MARK: curl_easy_setopt

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

/// The text is copied.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *pointer) {
  return curl_easy_setopt(easy, option, pointer);
}

/// The list must outlive the transfer.
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
  return curl_easy_setopt(easy, option, list);
}

/// The octets are copied.
static inline CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *octets, size_t count) {
  struct curl_blob blob = {.data = (void *)octets, .len = count, .flags = CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

/// The octets are copied.
static inline CURLcode ccurl_set_content(CURL *easy, const void *octets, size_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, octets);
  return code;
}

typedef size_t (*ccurl_octets_function)(char *octets, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_content_function(CURL *easy, ccurl_octets_function function) {
  return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
}

static inline CURLcode ccurl_set_head_function(CURL *easy, ccurl_octets_function function) {
  return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
}

/// libcurl opens its sockets without CLOEXEC, and leaves unacknowledged data to the kernel's patience of a quarter of an hour.
static inline int ccurl_prepare_socket(void *context, curl_socket_t socket, curlsocktype purpose) {
  unsigned milliseconds = (unsigned)(size_t)context;
  (void)purpose;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
  (void)fcntl(socket, F_SETFD, FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

static inline CURLcode ccurl_set_user_timeout(CURL *easy, unsigned milliseconds) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, (void *)(size_t)milliseconds);
  return code ? code : curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, ccurl_prepare_socket);
}

// MARK: curl_easy_getinfo: what cannot be told is 0 or null

static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline const char *ccurl_get_text(CURL *easy, CURLINFO info) {
  const char *text = (void *)0;
  return curl_easy_getinfo(easy, info, &text) == CURLE_OK ? text : (void *)0;
}

// MARK: curl_multi_setopt and what comes of it

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

typedef int (*ccurl_socket_function)(CURL *easy, curl_socket_t socket, int what, void *context, void *ours);
typedef int (*ccurl_timer_function)(CURLM *multi, long milliseconds, void *context);

static inline void ccurl_multi_call(CURLM *multi, void *context, ccurl_socket_function socket, ccurl_timer_function timer) {
  (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
}

static inline CURLcode ccurl_message_result(const CURLMsg *message) { return message->data.result; }

static inline size_t ccurl_refused(void) { return CURL_WRITEFUNC_ERROR; }
static inline curl_socket_t ccurl_no_socket(void) { return CURL_SOCKET_TIMEOUT; }

#endif
