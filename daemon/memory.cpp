// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

// mimalloc's, where the program is linked with it.
extern "C" [[gnu::weak]] void mi_collect(bool force);

namespace rsf::daemon {

void give_memory_back() {
    if (mi_collect) mi_collect(true);
}

} // namespace rsf::daemon
