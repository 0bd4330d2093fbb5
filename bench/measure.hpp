// SPDX-License-Identifier: Apache-2.0
//
// What the measuring programs share: time, medians, and rows for run.sh.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace rsf::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

// Processor time of this thread: what a thread that never waits takes on a machine of its own, also when others keep it busy.
template <class Work> double cpu_seconds_of(Work work) {
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    };
    const double begun = now();
    work();
    return now() - begun;
}

// The value that a share of all lie below; 0.5 is the median.
inline double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

inline std::string text(double number, const char *unit, int digits = 2) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f %s", digits, number, unit);
    return buffer;
}

// A line for run.sh: what, ours, what it is compared with, the figure that should reach something, and what it should reach.
inline void row(const std::string &what, const std::string &ours, const std::string &other, double figure,
                const std::string &reach = "") {
    std::printf("%s\t%s\t%s\t%.2f\t%s\n", what.c_str(), ours.c_str(), other.c_str(), figure, reach.c_str());
}

// Keeps the compiler from leaving out what makes a value.
template <class T> void use(const T &value) { asm volatile("" : : "r"(&value) : "memory"); }

} // namespace rsf::bench
