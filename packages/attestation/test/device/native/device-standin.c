/*
 * Stands in for Occlum's /dev/sgx, by LD_PRELOAD: whatever opens STANDIN_PATH (a character device) gets a descriptor
 * whose ioctls are answered here. Written from occlum-contract §4.1 alone, independently of the code under test: sizes
 * and directions are those of Linux's _IOR/_IOW/_IOWR on the C structures below.
 * STANDIN_LOG: a file that gets a line for each thing that happens. STANDIN_ERRNO_<nr>: the errno of that request.
 * STANDIN_QUOTE_SIZE, STANDIN_QUOTE_LENGTH: what is said of the quotes' size before, and of one that is made.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct { uint8_t bytes[512]; } target_info;
typedef struct { uint8_t bytes[432]; } report_t;
typedef struct { const uint8_t *target, *data; uint8_t *report; } create_report;
typedef struct { const uint8_t *data; uint32_t *size; uint8_t *quote; } quote_request;
typedef struct { const uint8_t *request; uint8_t *key; } get_key;

static int device = -1;

static void say(const char *format, ...) {
  char line[256];
  const char *path = getenv("STANDIN_LOG");
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  int fd = path ? (int)syscall(257 /* openat */, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
  if (fd < 0 || write(fd, line, (size_t)length) != length) abort();
  syscall(3 /* close */, fd);
}

static long number(const char *name, long otherwise) {
  const char *value = getenv(name);
  return value ? strtol(value, NULL, 0) : otherwise;
}

/* Is the memory there, and aligned as the processor wants it? */
static int wrong(const char *what, const void *address, size_t length, size_t alignment) {
  uintptr_t from = (uintptr_t)address & ~(uintptr_t)4095, to = (uintptr_t)address + length;
  const char *why = address == NULL                            ? "is NULL"
                    : (uintptr_t)address % alignment           ? "is not aligned"
                    : msync((void *)from, to - from, MS_ASYNC) ? "is not mapped"
                                                               : NULL;
  if (why) say("violation %s %s\n", what, why);
  return why != NULL;
}

static int answer(unsigned long request, void *argument) {
  char name[32];
  snprintf(name, sizeof name, "STANDIN_ERRNO_%lu", request & 0xff);
  if (number(name, 0)) return (int)number(name, 0);
  uint32_t size = (uint32_t)number("STANDIN_QUOTE_SIZE", 600);
  if (request == _IOR('s', 0, int)) return *(int *)argument = 1, 0;
  if (request == _IOR('s', 3, target_info)) return memset(argument, 0x33, sizeof(target_info)), 0;
  if (request == _IOWR('s', 4, create_report)) {
    create_report *a = argument;
    if (wrong("report", a->report, 432, 512)) return EFAULT;
    if (a->target && wrong("target info", a->target, 512, 512)) return EFAULT;
    if (a->data && wrong("report data", a->data, 64, 128)) return EFAULT;
    say("report for %s with %s\n", a->target ? "a target" : "nobody", a->data ? "data" : "no data");
    memset(a->report, 0x44, 432);
    if (a->data) memcpy(a->report + 320, a->data, 64);
    else memset(a->report + 320, 0, 64);
    return 0;
  }
  if (request == _IOW('s', 5, report_t)) return ((uint8_t *)argument)[431] == 0x44 ? 0 : EINVAL;
  if (request == _IOR('s', 6, int)) return *(int *)argument = (int)number("STANDIN_DCAP", 1), 0;
  if (request == _IOR('s', 7, uint32_t)) return *(uint32_t *)argument = size, 0;
  if (request == _IOWR('s', 8, quote_request)) {
    quote_request *a = argument;
    if (wrong("report data", a->data, 64, 128) || wrong("quote size", a->size, 4, 4)) return EFAULT;
    uint32_t room = *a->size, length = (uint32_t)number("STANDIN_QUOTE_LENGTH", size);
    if (wrong("quote", a->quote, room, 8)) return EFAULT;
    if (room < size) return EINVAL;
    usleep((useconds_t)number("STANDIN_QUOTE_MICROSECONDS", 0));
    memset(a->quote, 0x88, room);
    memcpy(a->quote + 368, a->data, 64);
    *a->size = length;
    return 0;
  }
  if (request == _IOWR('s', 11, get_key)) {
    get_key *a = argument;
    if (wrong("key request", a->request, 512, 512) || wrong("key", a->key, 16, 16)) return EFAULT;
    memset(a->key, 0, 16);
    for (int i = 0; i < 512; i++) a->key[i % 16] ^= (uint8_t)(a->request[i] + i / 16);
    return 0;
  }
  say("violation request 0x%lx is unknown\n", request);
  return ENOTTY;
}

static int seen(const char *path, int flags, int fd) {
  const char *wanted = getenv("STANDIN_PATH");
  if (fd >= 0 && wanted && strcmp(path, wanted) == 0) {
    device = fd;
    say("open %s\n", (flags & O_ACCMODE) == O_RDONLY ? "read-only" : "for writing");
  }
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = va_arg(list, mode_t);
  va_end(list);
  return seen(path, flags, (int)syscall(257, AT_FDCWD, path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = va_arg(list, mode_t);
  va_end(list);
  return seen(path, flags, (int)syscall(257, AT_FDCWD, path, flags, mode));
}

int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (device < 0 || fd != device) return (int)syscall(16, fd, request, argument);
  say("ioctl 0x%lx\n", request);
  int error = wrong("argument", argument, _IOC_SIZE(request), 8) ? EFAULT : answer(request, argument);
  if (error == 0) return 0;
  errno = error;
  return -1;
}
