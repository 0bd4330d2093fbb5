// SPDX-License-Identifier: Apache-2.0
//
// Which hosts requests may name. A page in a browser can have its own name resolved to a loopback address (DNS rebinding) and
// then counts as of the same origin as the daemon there; what gives it away is the Host that it asks for. Thread-safe.
#pragma once

#include "http/problem.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::http {

// From where clients can connect to a listener.
enum class Reach { unix_socket, loopback, network };

// The host in "name", "name:port", "192.0.2.1:port" or "[v6]:port", in the one spelling of each: lower case, no brackets, no
// final dot. None: it is not one of these.
std::optional<std::string> host_of(std::string_view authority);

class AllowedHosts {
  public:
    explicit AllowedHosts(const std::vector<std::string> &names = {}) { replace(names); }

    // names: hosts without a port, which host_of() takes; they are allowed beside those that mean this machine.
    void replace(const std::vector<std::string> &names);

    // A 421 problem unless a request for host (the value of Host; empty: HTTP/1.0 without one) may be answered. Loopback
    // listeners ask always, others in the network only when there are names, Unix sockets never: no browser reaches them.
    std::optional<Problem> refuse(std::string_view host, Reach reach) const;

  private:
    using Names = std::vector<std::string>;
    std::shared_ptr<const Names> names() const;

    mutable std::mutex mutex_;
    std::shared_ptr<const Names> names_; // guarded by mutex_
};

} // namespace rsf::http
