// SPDX-License-Identifier: Apache-2.0
//
// CustomResourceDefinitions that were written a short time ago. For some seconds /openapi/v2, by which kubectl judges fields,
// does not know them, or still says what a definition of the same name said before. Thread-safe.
#pragma once

#include "json_parts.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::kubectl {

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
    mutable std::mutex mutex_;
    std::map<std::string, Noted> noted_; // guarded by mutex_; by "example.com Widget"
};

} // namespace rsf::kubectl
