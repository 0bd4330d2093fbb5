// SPDX-License-Identifier: Apache-2.0
//
// CustomResourceDefinitions that were written a short time ago. For some seconds /openapi/v2, by which kubectl validates fields,
// lacks them or still has an earlier definition of the same name. Thread-safe.
#pragma once

#include "kubectl/text/json_parts.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::kubectl::api {

class RecentDefinitions {
  public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    explicit RecentDefinitions(Clock clock = std::chrono::steady_clock::now) : clock_(std::move(clock)) {}

    // definition: as it was posted; one that does not say what it defines is ignored.
    void note(const json::object &definition);

    // The plural ("widgets") of a kind whose definition was noted less than a minute ago; or empty.
    std::string plural_of(std::string_view api_version, std::string_view kind) const;

  private:
    struct Noted {
        std::string plural;
        std::chrono::steady_clock::time_point at;
    };

    const Clock clock_;
    mutable shared::Mutex mutex_;
    std::map<std::string, Noted> noted_ GUARDED_BY(mutex_); // by "example.com Widget"
};

} // namespace rsf::kubectl::api
