// SPDX-License-Identifier: Apache-2.0
//
// One driver instance, taken at its word: what it says comes back unjudged (answer.hpp judges). It lives in this process
// (loaded_instance.hpp) or in one of its own (isolation/). Thread-safe where the driver says so; health() always is.
#pragma once

#include "drivers/answer_sink.hpp"
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

// What it asks for with rsf.order/1.
struct Orderings {
    std::vector<Before> edges;
    std::string fault; // the first thing that it did wrong, or empty
};

// A plan that it began, by a number of its own; 0: it began none.
struct Begun {
    std::uint64_t planning = 0;
    Said said;
};

// What was heard of an instance, or why nothing was: a sentence for people.
template <class T> using Heard = boost::system::result<T, Failure>;

class Instance {
  public:
    Instance() = default;
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;
    virtual ~Instance() = default;

    virtual const Offered &offered() const = 0;

    // The process of its own that it lives in; 0: there is none, or none now.
    virtual pid_t process() { return 0; }
    // Why no call can reach it at this moment, in words; none: calls can. At once.
    virtual std::optional<std::string> down() { return std::nullopt; }

    // Each blocks until the instance returns, or until it is given up. For the abilities of offered() only.
    virtual Heard<Said> perform(const Call &call) = 0;
    virtual Heard<std::vector<Said>> perform_all(const std::vector<Call> &calls) = 0; // one for each
    virtual Heard<Orderings> order(std::string_view ns, const std::vector<Orderable> &resources) = 0;
    virtual Heard<Said> health() = 0;

    virtual Heard<Begun> begin_plan(Verb verb, std::string_view ns, const std::vector<Orderable> &resources) = 0;
    // unknown: a JSON array of pointers, see rsf_plan.
    virtual Heard<Said> step_plan(std::uint64_t planning, std::size_t resource, const Call &call, std::string_view unknown) = 0;
    // How it broke the ABI in it, or empty.
    virtual Heard<std::string> end_plan(std::uint64_t planning) = 0;
};

} // namespace rsf::drivers
