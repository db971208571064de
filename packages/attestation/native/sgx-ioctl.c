/*
 * ioctl(2) for Node: the one system call that reaches Occlum's /dev/sgx and that Node does not have.
 * Exports ioctl(fd, request, argument: Uint8Array, pointers: [offset, Uint8Array][], done: (errno) => void).
 *
 * It knows nothing of SGX. What it guarantees: the kernel sees only copies in memory of its own, aligned to 512 bytes
 * (EREPORT and EGETKEY want up to that), whose addresses it writes into the argument itself; so no number from
 * JavaScript is ever used as an address. The copies are written back only after the call succeeded, then wiped.
 * The call runs on a thread of libuv's pool: one that makes a quote takes seconds and must not stop the event loop.
 *
 * Node-API version 8 has the same binary interface in Node 18, 20 and later. Its few functions are declared here, as
 * in node_api.h, so that a C compiler alone builds this: gcc -shared -fPIC -O2 -o sgx-ioctl.node sgx-ioctl.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_ref__ *napi_ref;
typedef struct napi_async_work__ *napi_async_work;
typedef struct napi_callback_info__ *napi_callback_info;
typedef int napi_status;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

extern napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern napi_status napi_get_value_int32(napi_env, napi_value, int32_t *);
extern napi_status napi_get_value_uint32(napi_env, napi_value, uint32_t *);
extern napi_status napi_get_array_length(napi_env, napi_value, uint32_t *);
extern napi_status napi_get_element(napi_env, napi_value, uint32_t, napi_value *);
extern napi_status napi_get_typedarray_info(napi_env, napi_value, int *, size_t *, void **, napi_value *, size_t *);
extern napi_status napi_create_reference(napi_env, napi_value, uint32_t, napi_ref *);
extern napi_status napi_get_reference_value(napi_env, napi_ref, napi_value *);
extern napi_status napi_delete_reference(napi_env, napi_ref);
extern napi_status napi_create_async_work(napi_env, napi_value, napi_value, void (*)(napi_env, void *),
                                          void (*)(napi_env, napi_status, void *), void *, napi_async_work *);
extern napi_status napi_queue_async_work(napi_env, napi_async_work);
extern napi_status napi_delete_async_work(napi_env, napi_async_work);
extern napi_status napi_create_string_utf8(napi_env, const char *, size_t, napi_value *);
extern napi_status napi_create_int32(napi_env, int32_t, napi_value *);
extern napi_status napi_get_global(napi_env, napi_value *);
extern napi_status napi_call_function(napi_env, napi_value, napi_value, size_t, const napi_value *, napi_value *);
extern napi_status napi_throw_type_error(napi_env, const char *, const char *);
extern napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern napi_status napi_set_named_property(napi_env, napi_value, const char *, napi_value);

enum { MOST = 8, UINT8_ARRAY = 1, ALIGNMENT = 512, LONGEST = 1 << 20 };

/* One buffer: JavaScript's, and the copy that the kernel sees. Number 0 is the argument. */
typedef struct {
  napi_ref array;
  uint8_t *copy;
  size_t length;
} buffer;

typedef struct {
  int fd;
  uint32_t request;
  int error;
  uint32_t count;
  buffer buffers[MOST];
  napi_ref done;
  napi_async_work work;
} call;

static bool bytes_of(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  int type;
  void *address;
  if (napi_get_typedarray_info(env, value, &type, length, &address, NULL, NULL) != 0) return false;
  *data = address;
  return type == UINT8_ARRAY && *length <= LONGEST;
}

static bool take(napi_env env, call *c, napi_value value) {
  uint8_t *data;
  size_t length;
  if (c->count == MOST || !bytes_of(env, value, &data, &length)) return false;
  buffer *b = &c->buffers[c->count];
  size_t room = (length / ALIGNMENT + 1) * ALIGNMENT;
  if ((b->copy = aligned_alloc(ALIGNMENT, room)) == NULL) return false;
  memset(b->copy, 0, room);
  if (length > 0) memcpy(b->copy, data, length);
  b->length = length;
  c->count++;
  return napi_create_reference(env, value, 1, &b->array) == 0;
}

static void discard(napi_env env, call *c) {
  for (uint32_t i = 0; i < c->count; i++) {
    explicit_bzero(c->buffers[i].copy, c->buffers[i].length);
    free(c->buffers[i].copy);
    if (c->buffers[i].array) napi_delete_reference(env, c->buffers[i].array);
  }
  if (c->done) napi_delete_reference(env, c->done);
  if (c->work) napi_delete_async_work(env, c->work);
  free(c);
}

static void execute(napi_env env, void *data) {
  call *c = data;
  (void)env;
  c->error = ioctl(c->fd, (unsigned long)c->request, c->buffers[0].copy) == -1 ? errno : 0;
}

static void complete(napi_env env, napi_status status, void *data) {
  call *c = data;
  napi_value done, global, error;
  if (status != 0) c->error = ECANCELED;
  /* Index 0 holds addresses when there are pointers: those stay here. */
  for (uint32_t i = c->count > 1 ? 1 : 0; c->error == 0 && i < c->count; i++) {
    napi_value value;
    uint8_t *target;
    size_t length;
    /* Looked up anew: while the call ran, JavaScript may have detached or resized the memory. */
    if (napi_get_reference_value(env, c->buffers[i].array, &value) != 0 || !bytes_of(env, value, &target, &length) ||
        length != c->buffers[i].length)
      c->error = EFAULT;
    else if (length > 0)
      memcpy(target, c->buffers[i].copy, length);
  }
  if (napi_get_reference_value(env, c->done, &done) == 0 && napi_get_global(env, &global) == 0 &&
      napi_create_int32(env, c->error, &error) == 0)
    napi_call_function(env, global, done, 1, &error, NULL);
  discard(env, c);
}

static bool read_pointers(napi_env env, call *c, napi_value list) {
  uint32_t count;
  if (napi_get_array_length(env, list, &count) != 0) return false;
  for (uint32_t i = 0; i < count; i++) {
    napi_value pair, offset_value, array;
    uint32_t offset;
    if (napi_get_element(env, list, i, &pair) != 0 || napi_get_element(env, pair, 0, &offset_value) != 0 ||
        napi_get_element(env, pair, 1, &array) != 0 || napi_get_value_uint32(env, offset_value, &offset) != 0)
      return false;
    size_t length = c->buffers[0].length;
    if (offset % 8 != 0 || length < 8 || offset > length - 8 || !take(env, c, array)) return false;
    uint64_t address = (uint64_t)(uintptr_t)c->buffers[c->count - 1].copy;
    memcpy(c->buffers[0].copy + offset, &address, 8);
  }
  return true;
}

static napi_value start(napi_env env, napi_callback_info info) {
  size_t argc = 5;
  napi_value argv[5], name;
  call *c = calloc(1, sizeof *c);
  /* The size in the request number must be that of the argument: the kernel copies that many bytes. */
  if (c != NULL && napi_get_cb_info(env, info, &argc, argv, NULL, NULL) == 0 && argc == 5 &&
      napi_get_value_int32(env, argv[0], &c->fd) == 0 && napi_get_value_uint32(env, argv[1], &c->request) == 0 &&
      take(env, c, argv[2]) && c->buffers[0].length == _IOC_SIZE(c->request) && read_pointers(env, c, argv[3]) &&
      napi_create_reference(env, argv[4], 1, &c->done) == 0 &&
      napi_create_string_utf8(env, "ioctl", 5, &name) == 0 &&
      napi_create_async_work(env, NULL, name, execute, complete, c, &c->work) == 0 &&
      napi_queue_async_work(env, c->work) == 0)
    return NULL;
  if (c != NULL) discard(env, c);
  napi_throw_type_error(env, NULL, "ioctl(fd, request, argument, [offset, bytes][], done): wrong arguments");
  return NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  if (napi_create_function(env, "ioctl", 5, start, NULL, &function) == 0)
    napi_set_named_property(env, exports, "ioctl", function);
  return exports;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }
