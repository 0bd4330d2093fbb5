// SPDX-License-Identifier: Apache-2.0
//
// One driver instance, in the daemon or in a driver process. Thread-safe where the driver says so (is_concurrent); otherwise the
// caller makes one call at a time.
#pragma once

#include "base/error.hpp"
#include "drivers/abi/driver_library.hpp"
#include "drivers/call.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace rsf::drivers {

// A plan that a driver with rsf.plan/1 makes. Outlived by its driver.
class Planning {
  public:
    Planning() = default;
    Planning(const Planning &) = delete;
    Planning &operator=(const Planning &) = delete;
    virtual ~Planning() = default;

    // Blocks, as perform() does. call: the write that is not to happen. unknown: pointers into its object, see Step. The answer's
    // object is the step that rsf.plan/1 describes.
    virtual Answer step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) = 0;

    // Called once, after the last step ended; never while a step is lost.
    virtual void end() = 0;
};

class Driver {
  public:
    Driver() = default;
    Driver(const Driver &) = delete;
    Driver &operator=(const Driver &) = delete;
    virtual ~Driver() = default;

    virtual const Descriptor &descriptor() const = 0;
    bool is_concurrent() const { return descriptor().concurrent; }

    // The extensions that it offers, of those that this daemon knows.
    virtual std::vector<std::string> extensions() const = 0;
    bool offers(std::string_view extension) const;

    // Which values of its objects are secret, as rsf_secret says it.
    virtual boost::json::array secret() const { return {}; }

    // Its driver process; 0: there is none, or none now. Also during calls.
    virtual pid_t process() { return 0; }

    // From now on that process is not started again when it ends: the daemon goes down. Returns at once; also during calls.
    virtual void stop_restarting() const {}

    // Blocks until the driver returns, which a bad one never does. A driver that answers twice, not at all, or with what is not
    // JSON has failed, with a sentence that names it.
    virtual Answer perform(const Call &call) = 0;

    // How many calls it takes as one; 1 without rsf.batch/1. Not 0.
    virtual std::size_t batch_limit() const { return 1; }
    // As perform(), for at least one call, all of one verb, flags, deadline and request, and independent of each other. An
    // answer for each.
    virtual std::vector<Answer> perform_all(const std::vector<Call> &calls);

    // Whether this write, by its operation and step, was done before; it is not done now. call: as it was, with a new deadline.
    // Blocks as perform() does, and counts as a call. unsupported without rsf.settle/1; any other failure: it could not be found
    // out now.
    virtual Settled settle(const Call &call);

    // The one name of the type that call is about: a get, or a write whose object may say what it is; it is not made. Blocks
    // until its deadline at the latest, which should be short, and counts as a call. unsupported without rsf.kind/1; not_found:
    // there is no such type, and it has no other name.
    virtual Named kind(const Call &call);

    // Empty without rsf.order/1. A driver that names a resource that does not exist has failed.
    virtual Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) = 0;

    // The health that the driver reports with rsf.health/1; without it, ok if it can be called. The driver promises to answer at
    // once; also during other calls. An invalid answer is not ok.
    virtual DriverHealth health() { return {}; }

    // For drivers that offer rsf.plan/1: begins a plan of what verb would do.
    virtual Result<std::unique_ptr<Planning>> plan(Verb verb, std::string ns, std::vector<Orderable> resources);
};

} // namespace rsf::drivers
