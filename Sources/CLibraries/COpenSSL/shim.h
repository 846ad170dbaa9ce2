// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// libssl, and what of it Swift cannot import: macros with arguments, and callbacks. Inline functions and constants only; every
// symbol of ours begins with copenssl_.
#ifndef FABDNS_COPENSSL_H
#define FABDNS_COPENSSL_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

/// What every context of ours has: TLS 1.2 at least, writes that may be taken in part, no buffers for idle connections, neither
/// renegotiation nor a cache of sessions.
static inline void copenssl_harden(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

/// A resumed session would bring back a client that was verified against older authorities.
static inline void copenssl_forbid_resumption(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

static inline int copenssl_accept_any(int verified, X509_STORE_CTX *store) {
  (void)verified, (void)store;
  return 1;
}

/// Asks for a certificate and takes any.
static inline void copenssl_ask_for_certificate(SSL_CTX *context, int mode) {
  SSL_CTX_set_verify(context, mode, copenssl_accept_any);
}

// MARK: ALPN (RFC 7301): a protocol with its length before it; a client that offers others only is turned away

static const unsigned char copenssl_dot[] = "\x03" "dot";
static const unsigned char copenssl_http[] = "\x08" "http/1.1";

static inline int copenssl_select(SSL *session, const unsigned char **out, unsigned char *length, const unsigned char *offered,
                                  unsigned int offered_length, void *ours) {
  (void)session;
  const unsigned char *protocol = (const unsigned char *)ours;
  int result = SSL_select_next_proto((unsigned char **)out, length, protocol, protocol[0] + 1u, offered, offered_length);
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void copenssl_speak_dot(SSL_CTX *context) {
  SSL_CTX_set_alpn_select_cb(context, copenssl_select, (void *)copenssl_dot);
}

static inline void copenssl_speak_http(SSL_CTX *context) {
  SSL_CTX_set_alpn_select_cb(context, copenssl_select, (void *)copenssl_http);
}

// MARK: Clients

/// Which server is meant (RFC 6066 §3), and what is spoken inside.
static inline int copenssl_ask_for_dot(SSL *session, const char *host) {
  if (host && SSL_set_tlsext_host_name(session, host) != 1) return 0;
  return SSL_set_alpn_protos(session, copenssl_dot, sizeof copenssl_dot - 1) == 0;
}

#endif
