// SPDX-License-Identifier: Apache-2.0
//
// What a process of its own adds to a call: the same calls to two instances of the dryrun driver, one in this process and one in
// a process of its own, in turns. Nothing of HTTP or of targets is in it.
#include "isolation/isolation.hpp"
#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace rsf::bench {

namespace {

using namespace rsf::daemon;
using Clock = std::chrono::steady_clock;

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
        took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
    }
    return took;
}

double percentile(std::vector<double> values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace

} // namespace rsf::bench

int main(int, char **argv) {
    using namespace rsf::bench;
    const std::filesystem::path build = std::filesystem::canonical(argv[0]).parent_path().parent_path();
    const auto kind = taken(describe_here(taken(DriverFile::open(build / "drivers" / "dryrun.so"))));
    Residence residence;
    residence.target = "bench";
    residence.program = (build / "bin" / "resourcifierd").native();
    residence.isolation = Isolation::none;
    const auto here = taken(create_driver(kind, residence, {}, silent_log()));
    residence.isolation = Isolation::process;
    const auto apart = taken(create_driver(kind, residence, {}, silent_log()));
    for (Driver *driver : {here.get(), apart.get()})
        if (const Answer made = driver->perform(call(Verb::create)); !made) throw std::runtime_error(made.error().message);
    for (int round = 0; round < 5; ++round) {
        const auto a = times(*here, 5000), b = times(*apart, 5000);
        std::cout << percentile(a, .5) << " " << percentile(b, .5) << " " << percentile(b, .99) << "\n";
    }
}
