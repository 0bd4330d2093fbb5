// SPDX-License-Identifier: Apache-2.0
//
// fake_values.hpp: what goes into a FakeHost and comes out of it. Part of fake_host.hpp. C++17. Plain values.
#ifndef RESOURCIFIER_DETAIL_FAKE_VALUES_HPP
#define RESOURCIFIER_DETAIL_FAKE_VALUES_HPP

#include "../driver.hpp"

#include <dlfcn.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace rsf {

// How a call ended.
struct FakeAnswer {
    bool succeeded = false;

    json::value object; // null: none
    Outcome outcome = Outcome::done;
    std::string selflink;
    std::string revision;
    std::vector<std::string> warnings;

    Code code{}; // 0 when it succeeded
    std::string message;
    Retry retry = Retry::unknown;
    std::chrono::milliseconds retry_after{};
    json::value details; // null: none
    Effect effect = Effect::unsaid;

    // Which rule of the ABI the driver broke, or empty. When it is not empty, succeeded is false and code is internal.
    std::string fault;
};

// A whole call, for what FakeHost's short forms can't express.
struct FakeCall {
    std::uint32_t verb = RSF_GET;
    std::string type;
    std::string name;
    std::string object; // JSON
    std::string ns;
    std::string label_selector;
    std::string field_selector;
    std::uint32_t flags = 0;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::function<bool()> cancelled; // asked each time the driver asks; FakeHost::cancel and the deadline count as well
    std::string request_id = "test-request";
    std::string operation;
    std::uint32_t step = 0;
    std::string expected_revision;
    std::int64_t began_ms = 0;

    // As a host has it for a call that is accepted now.
    static std::int64_t now_ms() {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    }
};

struct FakeLine {
    LogLevel level;
    std::string message;
    std::string request_id; // of the call that it was written during, or empty
};

// A line that the driver said of a call that was under way.
struct FakeProgress {
    std::string line;
    std::string request_id;
};

struct FakeResource {
    std::string name;
    std::string type;
    json::value object;
};

struct FakeBefore {
    std::size_t first;
    std::size_t then;
    std::string why;
};

struct FakeHostOptions {
    std::string target = "test";
    bool keeps_log = true;                            // offers rsf.log/1
    bool hears_progress = true;                       // offers rsf.progress/1
    std::map<std::string, const void *> extensions{}; // further tables to offer, by id
};

// The entry of a driver's file. Throws std::runtime_error with the loader's text. The library stays loaded.
#if __has_cpp_attribute(gnu::no_dangling)
[[gnu::no_dangling]] // it is a reference into the library, not into the argument
#endif
inline const rsf_entry &
open_driver(const std::string &file) {
    void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const void *entry = library ? dlsym(library, "rsf_driver_entry") : nullptr;
    if (!entry) {
        const char *why = dlerror();
        throw std::runtime_error(why ? why : "rsf_driver_entry is null");
    }
    return *static_cast<const rsf_entry *>(entry);
}

// An entry for a C++ driver whose own one is not linked into the test: FakeHost host(driver_entry<MyDriver>).
template <class D>
inline constexpr rsf_entry driver_entry{sizeof(rsf_entry),      RSF_ENTRY_MAGIC,        RSF_ABI_MAJOR,
                                        detail::abi_minor<D>(), &detail::descriptor<D>, &detail::functions<D>};

} // namespace rsf

#endif
