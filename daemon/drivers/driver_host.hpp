// SPDX-License-Identifier: Apache-2.0
//
// What one driver instance may call: the driver ABI's rsf_host with rsf.log/1. Lives longer than the instance. Thread-safe.
#pragma once

#include "log.hpp"

#include <resourcifier/host.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

class DriverHost : public rsf_host {
  public:
    // secrets: texts that no line of the log may hold.
    DriverHost(std::string target_name, std::vector<std::string> secrets, Log log);
    DriverHost(const DriverHost &) = delete;
    DriverHost &operator=(const DriverHost &) = delete;

    // Between these two, log lines that name call carry its request id. Any other call is only compared, never looked into.
    void began(const rsf_call *call, std::string_view request_id);
    void ended(const rsf_call *call);

    // One line in the daemon's log, of at most 4 KiB: control characters escaped, secrets hidden.
    void write(const rsf_call *call, std::int32_t level, std::string_view message) const;

    const std::vector<std::string> &secrets() const { return secrets_; }

  private:
    std::string request_of(const rsf_call *call) const;

    // constant after construction
    std::string target_;
    std::vector<std::string> secrets_;
    Log log_;

    mutable std::mutex mutex_;
    std::map<const rsf_call *, std::string> under_way_; // guarded by mutex_
};

} // namespace rsf::daemon
