// SPDX-License-Identifier: Apache-2.0
//
// A flag that threads wait for with poll(2), together with other descriptors (eventfd(2)). Thread-safe.
#pragma once

#include "kubectl/process/file_descriptor.hpp"

namespace rsf::kubectl::process {

class Event {
  public:
    // Throws std::system_error when the system has no descriptor left.
    Event();

    void set() const;
    void reset() const;
    bool is_set() const;
    int descriptor() const { return eventfd_.get(); } // readable while it is set

  private:
    const FileDescriptor eventfd_;
};

} // namespace rsf::kubectl::process
