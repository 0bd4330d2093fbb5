// SPDX-License-Identifier: Apache-2.0
#include "base/memory.hpp"

#include <malloc.h>

// mimalloc's, where the program is linked with it.
extern "C" {
[[gnu::weak]] void mi_collect(bool force);
[[gnu::weak]] void mi_thread_done();
}

namespace rsf::base {

// With mimalloc each thread has a heap of its own. Blocks that another thread frees go back to that heap, which gives its pages
// back only when its own thread allocates or collects, and a thread that sleeps does neither. So an idle thread gives up its heap
// as if it ended: the thread that frees the last block of a page gives the page back when it next calls this. The next allocation
// makes a new heap.
void give_memory_back() {
    if (mi_collect == nullptr || mi_thread_done == nullptr) {
        ::malloc_trim(0);
        return;
    }
    mi_collect(true);
    mi_thread_done();
}

} // namespace rsf::base
