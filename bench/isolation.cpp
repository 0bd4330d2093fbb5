// SPDX-License-Identifier: Apache-2.0
//
// What a process of its own adds to a call: the same calls to two instances of the dryrun driver, one in this process and one in
// a process of its own, in turns. Nothing of HTTP or of targets is in it.
#include "process/isolation.hpp"
#include "measure.hpp"

#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rsf::bench {

namespace {

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::process;

template <class T> T taken(Result<T> result) {
    if (!result) throw std::runtime_error(to_string(result.error()));
    return std::move(*result);
}

Call call(Verb verb) {
    Call made;
    made.verb = verb;
    made.type = "ConfigMap";
    made.name = "a";
    made.deadline = Clock::now() + std::chrono::minutes(1);
    if (verb == Verb::create)
        made.object = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"greeting": "hello"}})";
    return made;
}

// Microseconds of each of so many calls, one after another.
std::vector<double> times(Driver &driver, std::size_t calls) {
    std::vector<double> took;
    for (std::size_t i = 0; i < calls; ++i) {
        const Call get = call(Verb::get);
        const Clock::time_point began = Clock::now();
        if (const Answer answer = driver.perform(get); !answer) throw std::runtime_error(answer.error().message);
        took.push_back(seconds_since(began) * 1e6);
    }
    return took;
}

std::unique_ptr<Driver> make(const std::filesystem::path &build, Isolation isolation) {
    const auto kind = taken(describe_here(taken(DriverFile::open(build / "drivers" / "dryrun.so"))));
    InstanceOptions options;
    options.target = "bench";
    options.program = (build / "bin" / "resourcifierd").native();
    options.isolation = isolation;
    std::unique_ptr<Driver> driver = taken(create_driver(kind, options, {}, silent_log()));
    if (const Answer made = driver->perform(call(Verb::create)); !made) throw std::runtime_error(made.error().message);
    return driver;
}

void measure(const std::filesystem::path &build) {
    constexpr int rounds = 5;
    constexpr std::size_t calls = 5000;
    const auto here = make(build, Isolation::none), apart = make(build, Isolation::process);
    for (const auto &[name, share] : {std::pair("p50", 0.5), std::pair("p99", 0.99)}) {
        std::vector<double> added, ours, other;
        for (int round = 0; round < rounds; ++round) {
            ours.push_back(quantile(times(*apart, calls), share));
            other.push_back(quantile(times(*here, calls), share));
            added.push_back(ours.back() - other.back());
        }
        row(std::string("GET of one object, ") + name + ": microseconds that a process of the driver's own adds",
            text(median(ours), "us", 1), text(median(other), "us in the daemon", 1), median(added), share == 0.5 ? "<= 60" : "");
    }
}

} // namespace

} // namespace rsf::bench

int main(int, char **argv) {
    try {
        rsf::bench::measure(std::filesystem::canonical(argv[0]).parent_path().parent_path());
        return 0;
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
