// SPDX-License-Identifier: Apache-2.0
#include "metrics/process.hpp"

#include "metrics/family.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace rsf::metrics {

namespace {

namespace fs = std::filesystem;

// The fields of a process's stat file (proc(5)) from the third on, its state: the second, its name, may hold anything.
class Stat {
  public:
    static std::optional<Stat> read(const fs::path &process) {
        std::ifstream file(process / "stat");
        std::string line;
        std::getline(file, line);
        const std::size_t end_of_name = line.rfind(')');
        if (end_of_name == line.npos) return std::nullopt;
        return Stat(line.substr(end_of_name + 1));
    }

    char state = 0;
    pid_t parent = 0;
    double cpu_ticks = 0;
    double start_ticks = 0; // after the machine's start

  private:
    explicit Stat(const std::string &fields) {
        std::istringstream in(fields);
        std::string skipped;
        double user = 0, system = 0;
        in >> state >> parent;
        for (int field = 5; field < 14; ++field) in >> skipped;
        in >> user >> system;
        for (int field = 16; field < 22; ++field) in >> skipped;
        in >> start_ticks;
        cpu_ticks = user + system;
    }
};

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

double seconds_on(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::optional<double> resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double size = 0, resident = 0;
    if (!(file >> size >> resident)) return std::nullopt;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// Less the one that reading them takes.
std::optional<double> open_descriptors() {
    std::error_code failed;
    double count = -1;
    for (fs::directory_iterator entry("/proc/self/fd", failed), end; !failed && entry != end; entry.increment(failed)) ++count;
    return failed ? std::nullopt : std::optional(count);
}

std::optional<double> most_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

} // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
    std::vector<prometheus::MetricFamily> families;
    const auto add = [&](const char *name, const char *help, prometheus::MetricType type, std::optional<double> value) {
        if (value) add_sample(families.emplace_back(family(name, help, type)), {}, *value);
    };
    using enum prometheus::MetricType;
    add("process_resident_memory_bytes", "Resident memory size in bytes.", Gauge, resident_bytes());
    add("process_open_fds", "Number of open file descriptors.", Gauge, open_descriptors());
    add("process_max_fds", "Maximum number of open file descriptors.", Gauge, most_descriptors());
    if (const std::optional<Stat> stat = Stat::read("/proc/self")) {
        // Read once: setting the clock must not look like a restart.
        static const double machine_started = seconds_on(CLOCK_REALTIME) - seconds_on(CLOCK_BOOTTIME);
        add("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", Counter,
            stat->cpu_ticks / ticks_per_second());
        add("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", Gauge,
            machine_started + stat->start_ticks / ticks_per_second());
    }
    return families;
}

std::unordered_map<pid_t, std::size_t> count_children() {
    std::unordered_map<pid_t, std::size_t> children;
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end; entry.increment(failed)) {
        const std::string name = entry->path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
        const std::optional<Stat> stat = Stat::read(entry->path()); // none: it ended meanwhile
        if (stat && stat->state != 'Z') ++children[stat->parent];
    }
    return children;
}

} // namespace rsf::metrics
