// SPDX-License-Identifier: Apache-2.0
//
// One driver instance: made whole or not at all, destroyed with this object; the only place that calls through the driver ABI.
// Thread-safe where the driver says so (is_concurrent); otherwise the caller makes one call at a time.
#pragma once

#include "drivers/driver_library.hpp"
#include "error.hpp"
#include "log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

// The driver ABI's verbs, with its numbers.
enum class Verb : std::uint32_t { list = 1, get = 2, create = 3, replace = 4, remove = 5 };

std::string_view to_string(Verb verb); // "list", …, "delete"

struct Call {
    Verb verb = Verb::get;
    bool all_namespaces = false;
    std::string type;
    std::string name;
    std::string ns;
    std::string label_selector;
    std::string field_selector;
    std::string object; // JSON, for writes
    std::string request_id;
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop; // asks the driver to end the call early
};

struct Success {
    boost::json::value object; // null: none
    std::uint32_t outcome = 0; // RSF_OUTCOME_...
    std::string selflink;
};

struct Failure {
    Code code = Code::internal;
    std::string message; // a sentence, never empty
    enum class Retry { unknown, never, later } retry = Retry::unknown;
    std::chrono::milliseconds retry_after{};
    boost::json::value details; // null: none
};

using Answer = boost::system::result<Success, Failure>;

[[noreturn]] void throw_exception_from_error(const Failure &failure, const boost::source_location &where);

// What a driver asks for with rsf.order/1.
struct Before {
    std::size_t first;
    std::size_t then;
    std::string why;
};

struct Orderable {
    std::string_view name;
    std::string_view type;
    std::string object; // JSON
};

class Driver {
  public:
    // Checks settings against the driver's schema, fills in defaults and creates the instance. target: what the settings file
    // calls it.
    static Result<std::unique_ptr<Driver>> create(std::shared_ptr<const DriverLibrary> library, std::string target,
                                                  const boost::json::object &settings, Log log);
    ~Driver();
    Driver(const Driver &) = delete;
    Driver &operator=(const Driver &) = delete;

    const Descriptor &descriptor() const;
    bool is_concurrent() const;

    // The extensions that it offers, of those that this daemon knows.
    std::vector<std::string> extensions() const;

    // Blocks until the driver returns, which a bad one never does. A driver that answers twice, not at all, or with what is not
    // JSON has failed, with a sentence that names it.
    Answer perform(const Call &call);

    // Empty without rsf.order/1. A driver that names what is not there has failed.
    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources);

  private:
    class Instance;
    explicit Driver(std::unique_ptr<Instance> instance);
    std::unique_ptr<Instance> instance_;
};

} // namespace rsf::daemon
