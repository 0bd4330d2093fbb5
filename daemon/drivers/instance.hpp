// SPDX-License-Identifier: Apache-2.0
//
// One driver instance: what it answers comes back unchecked (answer.hpp checks it). It is in this process (loaded_instance.hpp)
// or in a driver process (process/remote_instance.hpp). Thread-safe where the driver says so; health() always is.
#pragma once

#include "drivers/abi/answer_sink.hpp"
#include "drivers/call.hpp"

#include <boost/json/array.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace rsf::drivers {

// The optional abilities of an instance, of those that this daemon knows. The same for as long as the instance lives.
struct Offered {
    std::vector<std::string> names;
    std::size_t batch_limit = 1; // how many calls it takes as one
    boost::json::array secret;   // as rsf_secret describes it; empty: not offered

    bool offers(std::string_view extension) const;
};

// The order that it asks for with rsf.order/1.
struct Orderings {
    std::vector<Before> edges;
    std::string fault; // the first thing that it did wrong, or empty
};

// A plan that it began, by the instance's number for it; 0: it began none.
struct Begun {
    std::uint64_t planning = 0;
    RawAnswer raw;
};

// What an instance replied, or why there is no reply: a sentence for people.
template <class T> using Reply = boost::system::result<T, Failure>;

class Instance {
  public:
    Instance() = default;
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;
    virtual ~Instance() = default;

    virtual const Offered &offered() const = 0;

    // Its driver process; 0: there is none, or none now.
    virtual pid_t process() { return 0; }
    // Why no call can reach it at this moment, in words; none: calls can. Returns at once.
    virtual std::optional<std::string> down() { return std::nullopt; }

    // From now on its driver process is not started again when it ends: the daemon goes down. Returns at once; also during calls.
    virtual void stop_restarting() {}

    // Each blocks until the instance returns, or the call is given up. For the abilities of offered() only.
    virtual Reply<RawAnswer> perform(const Call &call) = 0;
    virtual Reply<std::vector<RawAnswer>> perform_all(const std::vector<Call> &calls) = 0; // one for each
    virtual Reply<Orderings> order(std::string_view ns, const std::vector<Orderable> &resources) = 0;
    virtual Reply<RawAnswer> health() = 0;
    virtual Reply<RawAnswer> settle(const Call &call) = 0;
    virtual Reply<RawAnswer> kind(const Call &call) = 0;

    virtual Reply<Begun> begin_plan(Verb verb, std::string_view ns, const std::vector<Orderable> &resources) = 0;
    // unknown: a JSON array of pointers, see rsf_plan.
    virtual Reply<RawAnswer> step_plan(std::uint64_t planning, std::size_t resource, const Call &call,
                                       std::string_view unknown) = 0;
    // How the driver broke the ABI in it, or empty.
    virtual Reply<std::string> end_plan(std::uint64_t planning) = 0;
};

} // namespace rsf::drivers
