// SPDX-License-Identifier: Apache-2.0
#include "crash/watch.hpp"

#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>

extern char **environ;

namespace rsf::test::crash {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto patience_for_a_mark = 60s;

std::string text_of(const json::value &object, std::string_view above, std::string_view key) {
    const json::value *part = object.is_object() ? object.get_object().if_contains(above) : nullptr;
    const json::value *text = part && part->is_object() ? part->get_object().if_contains(key) : nullptr;
    return text && text->is_string() ? std::string(text->get_string()) : std::string();
}

} // namespace

Watch::Watch(const Clusters &clusters, const Target &target) : clusters_(clusters), target_(target) {
    std::vector<std::string> get = clusters_.kubectl(target_);
    get.insert(get.end(), {"get", "configmaps", "-o", "json"});
    revision_ = text_of(json::parse(run_program(get).out), "metadata", "resourceVersion");
    thread_ = std::thread([this] { follow(); });
}

Watch::~Watch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (kubectl_ > 0) ::kill(kubectl_, SIGKILL);
    }
    changed_.notify_all();
    thread_.join();
}

// One kubectl after another: each ends with the API server.
void Watch::follow() {
    for (;;) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
        std::vector<std::string> words = clusters_.kubectl(target_);
        {
            std::unique_lock lock(mutex_);
            if (stopping_) return;
            words.insert(words.end(), {"get", "--raw=/api/v1/namespaces/" + target_.name +
                                                  "/configmaps?watch=1&resourceVersion=" + revision_});
            std::vector<char *> argv;
            for (std::string &word : words) argv.push_back(word.data());
            argv.push_back(nullptr);
            posix_spawn_file_actions_t actions;
            ::posix_spawn_file_actions_init(&actions);
            ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
            ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
            if (::posix_spawnp(&kubectl_, argv[0], &actions, nullptr, argv.data(), environ) != 0) kubectl_ = -1;
            ::posix_spawn_file_actions_destroy(&actions);
        }
        ::close(ends[1]);
        read_lines(ends[0]);
        ::close(ends[0]);
        std::unique_lock lock(mutex_);
        if (kubectl_ > 0) ::waitpid(kubectl_, nullptr, 0);
        kubectl_ = -1;
        changed_.wait_for(lock, 200ms, [&] { return stopping_; }); // the API server may be down
    }
}

void Watch::read_lines(int descriptor) {
    std::string rest;
    std::array<char, 65536> buffer{};
    for (ssize_t got; (got = ::read(descriptor, buffer.data(), buffer.size())) > 0;) {
        rest.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t from = 0;
        for (std::size_t end; (end = rest.find('\n', from)) != rest.npos; from = end + 1) heed(rest.substr(from, end - from));
        rest.erase(0, from);
    }
}

void Watch::heed(const std::string &line) {
    boost::system::error_code failed;
    const json::value event = json::parse(line, failed);
    if (failed || !event.is_object()) return; // it was cut off, and comes again
    const std::string_view type = event.at("type").as_string();
    const json::value &object = event.at("object");
    const std::lock_guard lock(mutex_);
    if (type == "ERROR") { // its history is older than what etcd keeps
        has_gap_ = true;
        revision_ = "";
        return;
    }
    revision_ = text_of(object, "metadata", "resourceVersion");
    const std::string name = text_of(object, "metadata", "name");
    if (name.starts_with("mark-")) {
        if (type == "ADDED") mark_ = name;
        changed_.notify_all();
    } else if (name.starts_with("o")) {
        events_[name].push_back({type == "ADDED"      ? Event::Kind::added
                                 : type == "MODIFIED" ? Event::Kind::modified
                                                      : Event::Kind::deleted,
                                 text_of(object, "data", "marker")});
    }
}

std::optional<std::map<std::string, std::vector<Event>>> Watch::take() {
    const std::string mark = "mark-" + std::to_string(++marks_);
    const bool is_marked = clusters_.create(target_, mark, mark);
    std::unique_lock lock(mutex_);
    const bool is_seen = is_marked && changed_.wait_for(lock, patience_for_a_mark, [&] { return mark_ == mark; });
    std::map<std::string, std::vector<Event>> taken;
    taken.swap(events_);
    if (has_gap_ || !is_seen) return std::nullopt;
    return taken;
}

} // namespace rsf::test::crash
