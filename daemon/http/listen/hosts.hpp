// SPDX-License-Identifier: Apache-2.0
//
// Which hosts requests may name. A web page can have its own name resolved to a loopback address (DNS rebinding), so that the
// browser takes the daemon there for the page's own origin; its Host header shows it. Thread-safe.
#pragma once

#include "http/peer.hpp"
#include "http/problem.hpp"
#include "shared/mutex.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::http {

// The host in "name", "name:port", "192.0.2.1:port" or "[v6]:port", in the one spelling of each: lower case, no brackets, no
// final dot. None: it is not one of these.
std::optional<std::string> host_of(std::string_view authority);

class AllowedHosts {
  public:
    explicit AllowedHosts(const std::vector<std::string> &names = {}) { replace(names); }

    // names: hosts without a port, which host_of() takes; they are allowed beside those that mean this machine.
    void replace(const std::vector<std::string> &names);

    // A 421 problem unless a request for host (the value of Host; empty: HTTP/1.0 without one) may be answered. Loopback
    // listeners always check, other TCP listeners only when there are names, Unix sockets never: no browser reaches them.
    std::optional<Problem> refuse(std::string_view host, Reach reach) const;

  private:
    using Names = std::vector<std::string>;
    std::shared_ptr<const Names> names() const;

    mutable shared::Mutex mutex_;
    std::shared_ptr<const Names> names_ GUARDED_BY(mutex_);
};

} // namespace rsf::http
