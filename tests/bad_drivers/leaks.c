/* SPDX-License-Identifier: Apache-2.0 */
/* leaks.c: leaves something behind with each call: LEAKS_descriptor, _thread, _process, _memory, _mapping or _shared. */
#define _GNU_SOURCE /* NOLINT: it is the system's */
#include "plain.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef LEAKS_thread
static void *wait_for_ever(void *nothing) {
    pause();
    return nothing;
}
#endif

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
#if defined LEAKS_descriptor
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) abort();
#elif defined LEAKS_thread
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 * 1024);
    if (pthread_create(&thread, &small, wait_for_ever, 0) == 0) pthread_detach(thread);
    pthread_attr_destroy(&small);
#elif defined LEAKS_process
    const pid_t child = fork();
    if (child == 0) _exit(0); /* nobody waits for it */
#elif defined LEAKS_memory
    static void **kept; /* all of it can still be reached */
    void **const more = calloc(25, sizeof *more);
    if (!more) abort();
    *more = kept;
    kept = more;
#elif defined LEAKS_mapping
    const size_t size = 64 * 1024;
    void *const pages = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) abort();
    memset(pages, 1, size);
#elif defined LEAKS_shared
    const size_t size = 64 * 1024;
    void *const pages = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) abort();
    memset(pages, 1, size);
#endif
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("leaks", plain_create, plain_destroy, perform, plain_get_extension);
