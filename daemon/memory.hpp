// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace rsf::daemon {

// Gives memory that this thread has had, and that is free by now, back to the system; allocators keep it for its next burst of
// work. Takes up to some milliseconds: for a thread that has come to rest.
void give_memory_back();

} // namespace rsf::daemon
