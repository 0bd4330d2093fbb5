// SPDX-License-Identifier: Apache-2.0
//
// The file by which a daemon and its drivers, built with failpoints, are told where to die, and by which they tell where they
// were. Thread-safe.
#pragma once

#include "shared/failpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace rsf::test::crash {

class FailpointFile {
  public:
    explicit FailpointFile(std::filesystem::path path);
    ~FailpointFile();
    FailpointFile(const FailpointFile &) = delete;
    FailpointFile &operator=(const FailpointFile &) = delete;

    // "NAME=VALUE", for the environment of a daemon.
    std::string variable() const;

    // The process that passes the point the nth time from now on is killed.
    void arm(std::size_t point, std::uint32_t nth) { slots_[point].left = nth; }
    // Lets one pass be the last, if none was yet.
    void hasten(std::size_t point);
    void disarm(std::size_t point) { slots_[point].left = 0; }

    std::uint32_t passes(std::size_t point) const { return slots_[point].passes; }
    std::uint32_t kills(std::size_t point) const { return slots_[point].kills; }
    std::uint32_t all_kills() const;

  private:
    const std::filesystem::path path_;
    shared::FailpointSlot *slots_ = nullptr;
};

} // namespace rsf::test::crash
