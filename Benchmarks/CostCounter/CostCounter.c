// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

// The Swift runtime calls retain, release and allocObject through function pointers while one byte of its is set (made
// for Instruments). malloc and the locks are interposed: a program's own definition comes before the library's.

#define _GNU_SOURCE
#include "CostCounter.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

static CostCounts counts;
// Other threads run through the hooks too, uncounted.
static _Thread_local bool is_counting;

// --- Hooks of the runtime ---

// The runtime's callers expect that a hook of theirs keeps nearly all registers (preserve_most); a hook that does is right
// for callers of the plain convention too. The originals are called by the plain convention, which trusts them least.
#define HOOK __attribute__((preserve_most))

typedef void *(*Retain)(void *);
typedef void *(*RetainMany)(void *, uint32_t);
typedef void (*Release)(void *);
typedef void (*ReleaseMany)(void *, uint32_t);
typedef void *(*AllocateObject)(const void *, size_t, size_t);

static Retain original_retain, original_try_retain;
static RetainMany original_retain_many;
static Release original_release;
static ReleaseMany original_release_many;
static AllocateObject original_allocate_object;

/// The runtime ignores null and the immediate values (small strings) that pass for references.
static inline bool counts_for(const void *object) { return is_counting && (intptr_t)object > 0; }

HOOK static void *retain(void *object) {
    counts.retains += counts_for(object);
    return original_retain(object);
}

HOOK static void *try_retain(void *object) {
    counts.retains += counts_for(object);
    return original_try_retain(object);
}

HOOK static void *retain_many(void *object, uint32_t number) {
    counts.retains += counts_for(object) ? number : 0;
    return original_retain_many(object, number);
}

HOOK static void release(void *object) {
    counts.releases += counts_for(object);
    original_release(object);
}

HOOK static void release_many(void *object, uint32_t number) {
    counts.releases += counts_for(object) ? number : 0;
    original_release_many(object, number);
}

static void *allocate_object(const void *metadata, size_t size, size_t alignment_mask) {
    counts.objects += is_counting;
    return original_allocate_object(metadata, size, alignment_mask);
}

typedef struct {
    const char *symbol;
    void *hook;
    void *original;  // where ours keeps the runtime's function
} Hook;

static const Hook hooks[] = {
    {"_swift_retain", (void *)retain, &original_retain},
    {"_swift_tryRetain", (void *)try_retain, &original_try_retain},
    {"_swift_retain_n", (void *)retain_many, &original_retain_many},
    {"_swift_release", (void *)release, &original_release},
    {"_swift_release_n", (void *)release_many, &original_release_many},
    {"_swift_allocObject", (void *)allocate_object, &original_allocate_object},
};
enum { hook_count = sizeof hooks / sizeof *hooks };

static _Atomic bool *hooks_enabled(void) {
    return dlsym(RTLD_DEFAULT, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly");
}

bool cost_counter_is_available(void) {
    for (size_t i = 0; i < hook_count; i++)
        if (dlsym(RTLD_DEFAULT, hooks[i].symbol) == NULL) return false;
    return hooks_enabled() != NULL;
}

void cost_counter_start(void) {
    for (size_t i = 0; i < hook_count; i++) {
        void **function = dlsym(RTLD_DEFAULT, hooks[i].symbol);
        *(void **)hooks[i].original = *function;
        *function = hooks[i].hook;
    }
    *hooks_enabled() = true;
    counts = (CostCounts){0};
    is_counting = true;
}

CostCounts cost_counter_stop(void) {
    is_counting = false;
    CostCounts result = counts;
    *hooks_enabled() = false;
    for (size_t i = 0; i < hook_count; i++)
        *(void **)dlsym(RTLD_DEFAULT, hooks[i].symbol) = *(void **)hooks[i].original;
    return result;
}

// --- malloc ---

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
    counts.mallocs += is_counting;
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    counts.mallocs += is_counting;
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    counts.mallocs += is_counting;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    counts.mallocs += is_counting;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *memory = memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

void free(void *memory) {
    counts.frees += is_counting && memory != NULL;
    __libc_free(memory);
}

// --- Locks ---

#define INTERPOSE_LOCK(function, lock_type)                                              \
    int function(lock_type *lock) {                                                      \
        static int (*original)(lock_type *);                                             \
        if (original == NULL) original = (int (*)(lock_type *))dlsym(RTLD_NEXT, #function); \
        counts.locks += is_counting;                                                     \
        return original(lock);                                                           \
    }

INTERPOSE_LOCK(pthread_mutex_lock, pthread_mutex_t)
INTERPOSE_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
INTERPOSE_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)

void cost_counter_lock_once(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}
