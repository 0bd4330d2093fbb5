// SPDX-License-Identifier: Apache-2.0
#include "store/operation_id.hpp"

#include "shared/mutex.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace rsf::store {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t time_length = 10, random_length = 16; // of five bits each
using Digits = std::array<std::uint8_t, random_length>;

Digits random_digits() {
    Digits digits{};
    ssize_t got;
    do got = ::getrandom(digits.data(), digits.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(digits.size())) throw std::system_error(errno, std::generic_category(), "getrandom");
    for (std::uint8_t &digit : digits) digit &= 31U;
    return digits;
}

// The next one after the last of the same millisecond. False: there is none.
bool increment(Digits &digits) {
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        if (*digit != 31) return ++*digit, true;
        *digit = 0;
    }
    return false;
}

std::string digits_of(std::int64_t time) {
    std::string text(time_length, '0');
    auto rest = static_cast<std::uint64_t>(time);
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, rest >>= 5U) *digit = alphabet[rest & 31U];
    return text;
}

struct Last {
    shared::Mutex mutex;
    std::int64_t time GUARDED_BY(mutex) = 0;
    Digits digits GUARDED_BY(mutex){};
};

} // namespace

std::string new_operation_id(Time at) {
    static Last last;
    const shared::Lock lock(last.mutex);
    const std::int64_t time = at.time_since_epoch().count();
    if (time > last.time) {
        last.time = time;
        last.digits = random_digits();
    } else if (!increment(last.digits)) {
        ++last.time;
        last.digits = random_digits();
    }
    std::string id = digits_of(last.time);
    for (const std::uint8_t digit : last.digits) id += alphabet[digit];
    return id;
}

std::string least_operation_id(Time at) { return digits_of(std::max<std::int64_t>(at.time_since_epoch().count(), 0)); }

bool is_operation_id(std::string_view text) {
    return text.size() == time_length + random_length && text.find_first_not_of(alphabet) == text.npos;
}

} // namespace rsf::store
