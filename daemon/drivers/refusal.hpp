// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace rsf::drivers {

// Why a driver is not taken.
inline Error invalid(std::string message) { return {Code::invalid, std::move(message), {}, {}}; }

// error, which is about that file.
inline Error at(const std::filesystem::path &file, Error error) {
    error.place.file = file.native();
    return error;
}

} // namespace rsf::drivers
