/*
 * The preload library of `mtlscope run`: in a program that is dynamically linked, it leads TCP connections to the tap, and the secrets of OpenSSL
 * to a key log.
 *
 * What it takes over:
 *   connect      a TCP socket goes to the tap, which has already connected to the true destination, or tells why it cannot
 *   getpeername  names the true destination
 *   SSL_new      a context of OpenSSL that has no key-log callback gets one
 *
 * Whatever does not go as it should, it steps aside: the program then does what it would have done without us. It prints nothing, keeps
 * nothing open and starts no thread. How it talks with the tap is told in docs/run.md.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define OURS __attribute__((visibility("default")))

/* How long a program that does not want to wait has to wait for the tap all the same. Halved, down to the least, each time it was for nothing, so
   that who calls a thousand hosts that are gone is not held up by each. */
#define PATIENCE_MS 1000
#define LEAST_PATIENCE_MS 30

/* ---- What `mtlscope run` says in the environment ---- */

static struct {
  /* Whether connections are led to the tap. */
  int leads;
  struct sockaddr_un control;
  /* The tap's ports in network order; 0: it does not listen there. */
  in_port_t port4, port6;
  /* The port of its proxy, to which programs go by themselves. */
  in_port_t proxy;
  /* The key log; empty: none. */
  char key_log[sizeof(((struct sockaddr_un *)0)->sun_path)];
} told;

static in_port_t port_in(const char *variable) {
  const char *text = getenv(variable);
  long port = text ? strtol(text, NULL, 10) : 0;
  return port > 0 && port < 65536 ? htons((uint16_t)port) : 0;
}

/* In another network namespace than the tap's, the tap would connect to another network than the program means. */
static int in_network_of_the_tap(void) {
  const char *expected = getenv("MTLSCOPE_RUN_NETWORK");
  char here[64];
  ssize_t length = readlink("/proc/self/ns/net", here, sizeof here - 1);
  if (!expected || length < 0) return 1;
  here[length] = '\0';
  return strcmp(expected, here) == 0;
}

/* Leaves word in the private directory that this program could be reached. */
static void leave_word(const char *path) {
  char line[64] = "";
  int length = 0;
  char digits[12];
  int count = 0;
  for (unsigned pid = (unsigned)getpid(); pid && count < 10; pid /= 10) digits[count++] = (char)('0' + pid % 10);
  while (count) line[length++] = digits[--count];
  line[length++] = ' ';
  for (const char *name = program_invocation_short_name; *name && length < 60; name++)
    line[length++] = *name > ' ' && *name < 127 ? *name : '?';
  line[length++] = '\n';
  int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, line, (size_t)length) < 0) { /* Then it is not known; that is all. */
  }
  close(file);
}

__attribute__((constructor)) static void listen_to_run(void) {
  int before = errno;
  const char *directory = getenv("MTLSCOPE_RUN_DIRECTORY");
  size_t length = directory ? strlen(directory) : 0;
  if (length && length + sizeof "/openssl.keys" <= sizeof told.key_log) {
    memcpy(told.key_log, directory, length);
    strcpy(told.key_log + length, "/loaded");
    leave_word(told.key_log);
    strcpy(told.key_log + length, "/openssl.keys");
    told.control.sun_family = AF_UNIX;
    memcpy(told.control.sun_path, directory, length);
    strcpy(told.control.sun_path + length, "/control");
    told.port4 = port_in("MTLSCOPE_RUN_PORT4");
    told.port6 = port_in("MTLSCOPE_RUN_PORT6");
    told.proxy = port_in("MTLSCOPE_RUN_PROXY");
    told.leads = told.port4 && in_network_of_the_tap();
  }
  errno = before;
}

/* ---- Where redirected connections truly go ---- */

/* An address as the tap is told it. */
struct destination {
  uint8_t family; /* 4 or 6; 0: none */
  in_port_t port;
  uint32_t scope;
  uint8_t address[16];
};

/* By family and local port, which also a duplicate of the socket has, and a child after fork. */
static struct destination redirected[2][65536];

/* The family is written last and read first: nobody asks for a connection while it is being made, and a lock could be held by a thread that fork
   does not copy. */
static void remember(int family, in_port_t local, const struct destination *to) {
  struct destination *place = &redirected[family == 6][ntohs(local)];
  struct destination whole = *to;
  whole.family = 0;
  *place = whole;
  __atomic_store_n(&place->family, to->family, __ATOMIC_RELEASE);
}

static int recall(int family, in_port_t local, struct destination *out) {
  const struct destination *place = &redirected[family == 6][ntohs(local)];
  uint8_t known = __atomic_load_n(&place->family, __ATOMIC_ACQUIRE);
  *out = *place;
  return known != 0;
}

/* Reads where a program wants to go; whether that is anything we redirect. */
static int read_destination(const struct sockaddr *address, socklen_t length, struct destination *out) {
  memset(out, 0, sizeof *out);
  if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    const struct sockaddr_in *in = (const void *)address;
    out->family = 4;
    out->port = in->sin_port;
    memcpy(out->address, &in->sin_addr, 4);
  } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
    const struct sockaddr_in6 *in6 = (const void *)address;
    out->port = in6->sin6_port;
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
      out->family = 4;
      memcpy(out->address, &in6->sin6_addr.s6_addr[12], 4);
    } else {
      out->family = 6;
      out->scope = in6->sin6_scope_id;
      memcpy(out->address, &in6->sin6_addr, 16);
    }
  }
  return out->family && out->port;
}

static int is_the_tap(const struct destination *to) {
  static const uint8_t loopback6[16] = {[15] = 1};
  if (to->family == 4) return (to->port == told.port4 || to->port == told.proxy) && to->address[0] == 127;
  return to->port == told.port6 && memcmp(to->address, loopback6, 16) == 0;
}

/* ---- connect ---- */

typedef int connect_function(int, const struct sockaddr *, socklen_t);
typedef int getpeername_function(int, struct sockaddr *, socklen_t *);

/* The function that ours stands before. */
static void *next_function(void **found, const char *name) {
  void *next = __atomic_load_n(found, __ATOMIC_RELAXED);
  if (!next) {
    next = dlsym(RTLD_NEXT, name);
    __atomic_store_n(found, next, __ATOMIC_RELAXED);
  }
  return next;
}

static int true_connect(int fd, const struct sockaddr *address, socklen_t length) {
  static void *found;
  connect_function *next = (connect_function *)next_function(&found, "connect");
  if (next) return next(fd, address, length);
  errno = ENOSYS;
  return -1;
}

/* Whether fd is a TCP socket that may go anywhere. One that has an address or port is bound, and means to be seen from there, but the tap's own
   connection would come from another; or it is connected already, or about to be. */
static int can_be_led(int fd, sa_family_t domain) {
  int type = 0, protocol = 0, own = 0;
  socklen_t length = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) || type != SOCK_STREAM) return 0;
  length = sizeof protocol;
  if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) || protocol != IPPROTO_TCP) return 0;
  length = sizeof own;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &own, &length) || own != domain) return 0;
  struct sockaddr_storage bound;
  length = sizeof bound;
  if (getsockname(fd, (struct sockaddr *)&bound, &length)) return 0;
  if (bound.ss_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)&bound;
    return in->sin_port == 0 && in->sin_addr.s_addr == htonl(INADDR_ANY);
  }
  if (bound.ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const void *)&bound;
    return in6->sin6_port == 0 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
  }
  return 0;
}

/* Waits until fd is ready, for as long as it takes if patience is below 0. */
static int wait_for(int fd, short events, int patience) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t until = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + patience;
  struct pollfd waiting = {.fd = fd, .events = events};
  for (;;) {
    int left = -1;
    if (patience >= 0) {
      clock_gettime(CLOCK_MONOTONIC, &now);
      int64_t ms = until - (now.tv_sec * 1000LL + now.tv_nsec / 1000000);
      left = ms > 0 ? (int)ms : 0;
    }
    int ready = poll(&waiting, 1, left);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) return 0;
  }
}

/* How long a connect of this socket waits, in milliseconds: as long as it takes, unless it has a deadline for sending. */
static int patience_of(int fd) {
  struct timeval limit = {0};
  socklen_t length = sizeof limit;
  if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &length)) return -1;
  int64_t ms = (int64_t)limit.tv_sec * 1000 + limit.tv_usec / 1000;
  return ms == 0 ? -1 : ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/* What is left of the patience with which a program that does not want to wait is made to. */
static int patience_left = PATIENCE_MS;

static void learn_patience(int was_answered, int patience) {
  int next = was_answered ? PATIENCE_MS : patience / 2 > LEAST_PATIENCE_MS ? patience / 2 : LEAST_PATIENCE_MS;
  __atomic_store_n(&patience_left, next, __ATOMIC_RELAXED);
}

/* Asks the tap to connect to this destination. Gives the control connection once it has answered; -1: it cannot be asked, or takes too long. */
static int ask_tap(const struct destination *to, int patience, uint32_t *answer) {
  int control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (control < 0) return -1;
  uint8_t wish[64] = "mtlscop1";
  wish[8] = to->family;
  memcpy(&wish[10], &to->port, 2);
  uint32_t scope = htonl(to->scope), pid = htonl((uint32_t)getpid());
  memcpy(&wish[12], &scope, 4);
  memcpy(&wish[16], to->address, 16);
  memcpy(&wish[32], &pid, 4);
  strncpy((char *)&wish[36], program_invocation_short_name, 27);
  if (true_connect(control, (const struct sockaddr *)&told.control, sizeof told.control) == 0 &&
      send(control, wish, sizeof wish, MSG_NOSIGNAL) == (ssize_t)sizeof wish && wait_for(control, POLLIN, patience) &&
      recv(control, answer, sizeof *answer, MSG_WAITALL) == (ssize_t)sizeof *answer) {
    *answer = ntohl(*answer);
    return control;
  }
  close(control);
  return -1;
}

/* Connects fd to the tap instead. 0: it is, or is about to be. */
static int go_to_tap(int fd, sa_family_t domain, const struct destination *to, int control) {
  struct sockaddr_storage tap;
  memset(&tap, 0, sizeof tap);
  socklen_t length;
  int family = 4;
  if (domain == AF_INET) {
    struct sockaddr_in *in = (void *)&tap;
    in->sin_family = AF_INET;
    in->sin_port = told.port4;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    length = sizeof *in;
  } else {
    struct sockaddr_in6 *in6 = (void *)&tap;
    in6->sin6_family = AF_INET6;
    length = sizeof *in6;
    if (to->family == 6 && told.port6) {
      family = 6;
      in6->sin6_port = told.port6;
      in6->sin6_addr = in6addr_loopback;
    } else {
      static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
      in6->sin6_port = told.port4;
      memcpy(&in6->sin6_addr, mapped, 16);
    }
  }
  if (true_connect(fd, (const struct sockaddr *)&tap, length) && errno != EINPROGRESS) return -1;

  struct sockaddr_storage own;
  length = sizeof own;
  if (getsockname(fd, (struct sockaddr *)&own, &length)) return -1;
  in_port_t local =
      own.ss_family == AF_INET ? ((const struct sockaddr_in *)&own)->sin_port : ((const struct sockaddr_in6 *)&own)->sin6_port;
  remember(family, local, to);

  uint8_t port[4] = {(uint8_t)family};
  memcpy(&port[2], &local, 2);
  return send(control, port, sizeof port, MSG_NOSIGNAL) == (ssize_t)sizeof port ? 0 : -1;
}

OURS int connect(int fd, const struct sockaddr *address, socklen_t length) {
  struct destination to;
  int before = errno;
  if (!told.leads || !address || length < sizeof address->sa_family || !read_destination(address, length, &to) || is_the_tap(&to) ||
      !can_be_led(fd, address->sa_family)) {
    errno = before;
    return true_connect(fd, address, length);
  }
  int flags = fcntl(fd, F_GETFL);
  int does_not_wait = flags >= 0 && (flags & O_NONBLOCK);
  uint32_t answer = 0;
  int patience = does_not_wait ? __atomic_load_n(&patience_left, __ATOMIC_RELAXED) : patience_of(fd);
  int control = ask_tap(&to, patience, &answer);
  if (does_not_wait) learn_patience(control >= 0, patience);
  if (control < 0) {
    errno = before;
    return true_connect(fd, address, length);
  }
  if (answer) {
    close(control);
    errno = (int)answer;
    return -1;
  }
  int went = go_to_tap(fd, address->sa_family, &to, control);
  close(control);
  if (went) {
    /* Not there (a sandbox?): on its own way, with the socket as it was. */
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    true_connect(fd, &nowhere, sizeof nowhere);
    errno = before;
    return true_connect(fd, address, length);
  }
  if (does_not_wait) {
    errno = EINPROGRESS;
    return -1;
  }
  errno = before;
  return 0;
}

/* ---- getpeername ---- */

/* Writes a destination as a socket of this family has it; the length it has. */
static socklen_t write_destination(const struct destination *to, sa_family_t domain, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (domain == AF_INET) {
    struct sockaddr_in *in = (void *)out;
    in->sin_family = AF_INET;
    in->sin_port = to->port;
    memcpy(&in->sin_addr, to->address, 4);
    return sizeof *in;
  }
  struct sockaddr_in6 *in6 = (void *)out;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = to->port;
  if (to->family == 6) {
    in6->sin6_scope_id = to->scope;
    memcpy(&in6->sin6_addr, to->address, 16);
  } else {
    in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
    memcpy(&in6->sin6_addr.s6_addr[12], to->address, 4);
  }
  return sizeof *in6;
}

OURS int getpeername(int fd, struct sockaddr *restrict address, socklen_t *restrict length) {
  static void *found;
  getpeername_function *next = (getpeername_function *)next_function(&found, "getpeername");
  if (!next) {
    errno = ENOSYS;
    return -1;
  }
  if (!told.leads || !address || !length) return next(fd, address, length);
  struct sockaddr_storage peer, own;
  socklen_t peer_length = sizeof peer, own_length = sizeof own;
  struct destination seen, to;
  if (next(fd, (struct sockaddr *)&peer, &peer_length)) return -1;
  if (!read_destination((const struct sockaddr *)&peer, peer_length, &seen) || !is_the_tap(&seen) ||
      getsockname(fd, (struct sockaddr *)&own, &own_length))
    return next(fd, address, length);
  in_port_t local =
      own.ss_family == AF_INET ? ((const struct sockaddr_in *)&own)->sin_port : ((const struct sockaddr_in6 *)&own)->sin6_port;
  if (!recall(seen.family, local, &to)) return next(fd, address, length);
  socklen_t whole = write_destination(&to, peer.ss_family, &peer);
  memcpy(address, &peer, *length < whole ? *length : whole);
  *length = whole;
  return 0;
}

/* ---- OpenSSL's secrets ---- */

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef void key_log_callback(const SSL *, const char *);

/* OpenSSL's key-log callback: one line, whole, at the end of the key log. */
static void write_key_log(const SSL *ssl, const char *line) {
  (void)ssl;
  int before = errno;
  char whole[1024];
  size_t length = strlen(line);
  int file = length < sizeof whole ? open(told.key_log, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  if (file >= 0) {
    memcpy(whole, line, length);
    whole[length] = '\n';
    if (write(file, whole, length + 1) < 0) { /* Its handshake stays sealed; the program goes on. */
    }
    close(file);
  }
  explicit_bzero(whole, sizeof whole);
  errno = before;
}

/* Whoever looks for a libssl, and what was found. */
struct search {
  const char *name;
  void *function;
};

static int look_in_libssl(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  struct search *search = data;
  if (!object->dlpi_name || !strstr(object->dlpi_name, "libssl")) return 0;
  void *handle = dlopen(object->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  if (!handle) return 0;
  search->function = dlsym(handle, search->name);
  dlclose(handle);
  return search->function != NULL;
}

/* The function of OpenSSL that the caller would have called without us. First in what the caller itself was linked with: Python loads
   libssl outside the global scope, and a process can hold several. */
static void *of_openssl(const char *name, const void *caller, const void *ours) {
  Dl_info object;
  void *function = NULL;
  if (dladdr(caller, &object) && object.dli_fname) {
    void *handle = dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (handle) {
      function = dlsym(handle, name);
      dlclose(handle);
    }
  }
  if (!function || function == ours) function = dlsym(RTLD_NEXT, name);
  if (!function || function == ours) {
    struct search search = {.name = name};
    dl_iterate_phdr(look_in_libssl, &search);
    function = search.function;
  }
  return function;
}

OURS SSL *SSL_new(SSL_CTX *context) {
  const void *caller = __builtin_return_address(0);
  SSL *(*next)(SSL_CTX *) = (SSL * (*)(SSL_CTX *)) of_openssl("SSL_new", caller, (void *)SSL_new);
  if (!next) return NULL;
  if (context && told.key_log[0]) {
    key_log_callback *(*get)(const SSL_CTX *) =
        (key_log_callback * (*)(const SSL_CTX *)) of_openssl("SSL_CTX_get_keylog_callback", caller, NULL);
    void (*set)(SSL_CTX *, key_log_callback *) =
        (void (*)(SSL_CTX *, key_log_callback *))of_openssl("SSL_CTX_set_keylog_callback", caller, NULL);
    /* A program that has a callback of its own keeps it: SSLKEYLOGFILE is set for it. */
    if (get && set && !get(context)) set(context, write_key_log);
  }
  return next(context);
}
