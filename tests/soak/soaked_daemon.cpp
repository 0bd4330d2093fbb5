// SPDX-License-Identifier: Apache-2.0
#include "soak/soaked_daemon.hpp"

#include "soak/saboteurs.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace rsf::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t lines_kept = 40;

// Upgrades take turns: one of the settings, one of the file.
int mark_of(int upgrade) { return upgrade % 2 != 0 || upgrade == 0 ? upgrade : upgrade - 1; }
int version_of(int upgrade) { return 1 + upgrade / 2 % 2; }

std::size_t entries_in(const fs::path &folder) {
    std::error_code failed;
    fs::directory_iterator entries(folder, failed);
    return failed ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Of a file of /proc, whose process may end between the opening and the reading, which an iterator would throw for.
std::string text_of(const fs::path &file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

std::size_t resident_kib(pid_t pid) {
    std::istringstream pages(text_of("/proc/" + std::to_string(pid) + "/statm"));
    std::size_t all = 0, resident = 0;
    pages >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

struct Process {
    char state = 0; // 0: there is none
    pid_t parent = 0;
};

Process process(pid_t pid) {
    const std::string stat = text_of("/proc/" + std::to_string(pid) + "/stat"); // PID (NAME) STATE PARENT
    Process found;
    if (const std::size_t name_end = stat.rfind(')'); name_end != stat.npos)
        std::istringstream(stat.substr(name_end + 1)) >> found.state >> found.parent;
    return found;
}

std::set<pid_t> children_of(pid_t parent) {
    std::set<pid_t> found;
    for (const fs::directory_entry &entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const bool is_number = std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc();
        if (is_number && process(pid).parent == parent) found.insert(pid);
    }
    return found;
}

bool is_saboteur(pid_t pid) {
    return text_of("/proc/" + std::to_string(pid) + "/cmdline").find(saboteur_prefix) != std::string::npos;
}

} // namespace

bool is_running(pid_t pid) {
    const char state = process(pid).state;
    return state != 0 && state != 'Z' && state != 'X';
}

SoakedDaemon::SoakedDaemon(Ledger &ledger) : ledger_(ledger), address_("unix:" + (folder_.path() / "socket").string()) {
    place_driver(0);
    write_settings(0);
    start();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return listens_ || log_ended_; });
    if (listens_) return;
    lock.unlock();
    reader_.join();
    throw std::runtime_error("the daemon does not start:\n" + end_of_log());
}

SoakedDaemon::~SoakedDaemon() {
    if (pid_ > 0) {
        kill();
        ::waitpid(pid_, nullptr, 0);
    }
    if (reader_.joinable()) reader_.join();
}

void SoakedDaemon::start() {
    std::array<int, 2> log{};
    if (::pipe2(log.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    std::string program = TEST_BINARY_DIR "/bin/resourcifierd", option = "--settings", file = folder_.path() / "settings.yaml";
    std::array<char *, 4> arguments{program.data(), option.data(), file.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
    const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(log[1]);
    reader_ = std::thread([this, from = log[0]] { read_log(from); });
    if (failed != 0) pid_ = -1;
}

// Both files are there at any moment, old or new, as package managers have it.
void SoakedDaemon::place_driver(int upgrade) const {
    const fs::path file = folder_.path() / "steady.so", next = folder_.path() / "steady.so.next";
    fs::copy_file(TEST_BINARY_DIR "/tests/drivers/steady_" + std::to_string(version_of(upgrade)) + ".so", next);
    fs::rename(next, file);
}

void SoakedDaemon::write_settings(int upgrade) const {
    const fs::path file = folder_.path() / "settings.yaml", next = folder_.path() / "settings.yaml.next";
    write_file(next, "listen: [\"" + address_ +
                         "\"]\ndriver_path: [" TEST_BINARY_DIR "/drivers]\ndefault_target: scratch\n"
                         "history: {count: 500}\n" + // full before memory is first compared
                         "targets:\n  scratch: {driver: dryrun}\n  stored: {driver: dryrun, settings: {state: " +
                         (folder_.path() / "state").string() + "}}\n  here: {driver: dryrun, isolation: none}\n" +
                         "  upgraded: {driver: " + (folder_.path() / "steady.so").string() +
                         ", settings: {mark: " + std::to_string(mark_of(upgrade)) + "}}\n" + saboteur_targets());
    fs::rename(next, file);
}

int SoakedDaemon::upgrade_of(int version, int mark) {
    const int upgrade = version == version_of(mark) ? mark : mark + 1;
    return version == version_of(upgrade) && mark == mark_of(upgrade) ? upgrade : -1;
}

void SoakedDaemon::upgrade(std::chrono::seconds patience) {
    const int upgrade = ++begun_;
    if (upgrade % 2 != 0)
        write_settings(upgrade);
    else
        place_driver(upgrade);
    std::unique_lock lock(mutex_);
    const int reloads = reloads_, refusals = refusals_;
    ::kill(pid_, SIGHUP);
    const bool ended =
        changed_.wait_for(lock, patience, [&] { return reloads_ != reloads || refusals_ != refusals || log_ended_; });
    if (reloads_ != reloads + 1) {
        lock.unlock();
        throw std::runtime_error(std::string("an upgrade ") + (ended ? "failed" : "does not end") + ":\n" + end_of_log());
    }
    done_ = upgrade;
}

Footprint SoakedDaemon::footprint() const {
    const fs::path self = "/proc/" + std::to_string(pid_);
    Footprint taken{entries_in(self / "fd"), entries_in(self / "task"), children_of(pid_), resident_kib(pid_), 0};
    for (const pid_t child : taken.children)
        if (!is_saboteur(child)) taken.drivers_memory += resident_kib(child);
    return taken;
}

void SoakedDaemon::kill_drivers() {
    minds_errors_ = false;
    for (const pid_t child : children_of(pid_)) ::kill(child, SIGKILL);
}

void SoakedDaemon::kill() const { ::kill(pid_, SIGKILL); }

int SoakedDaemon::terminate() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    reader_.join();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string SoakedDaemon::end_of_log() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string &line : last_lines_) text += line + "\n";
    return text;
}

void SoakedDaemon::read_log(int descriptor) {
    std::string line;
    std::array<char, 64 * 1024> buffer{};
    for (ssize_t size = 0; (size = ::read(descriptor, buffer.data(), buffer.size())) > 0;)
        for (std::string_view text(buffer.data(), static_cast<std::size_t>(size)); !text.empty();) {
            const std::size_t end = text.find('\n');
            line += text.substr(0, end);
            if (end == text.npos) break;
            heed(line);
            line.clear();
            text.remove_prefix(end + 1);
        }
    ::close(descriptor);
    const std::lock_guard lock(mutex_);
    log_ended_ = true;
    changed_.notify_all();
}

// Of a log with a line for each request and with floods, only what matters is kept.
void SoakedDaemon::heed(const std::string &line) {
    const auto has = [&](std::string_view text) { return line.find(text) != line.npos; };
    if (has(saboteur_prefix)) return;
    const bool is_error = has(" error ") || has(" critical ") || has("Sanitizer") || has("runtime error");
    if (is_error && minds_errors_) ledger_.wrong("the log says: " + line);
    if (has(" method=") && has(" client=")) return;
    const std::lock_guard lock(mutex_);
    listens_ = listens_ || has("listening on");
    reloads_ += has("reloaded:");
    refusals_ += has("nothing is changed");
    last_lines_.push_back(line);
    if (last_lines_.size() > lines_kept) last_lines_.pop_front();
    changed_.notify_all();
}

} // namespace rsf::test
