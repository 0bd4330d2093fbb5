// SPDX-License-Identifier: Apache-2.0
//
// A driver for tests of what a bad one costs: what a call asks for by its type, it does to the process that it is in. Anything
// else is answered as it should be.
#include <resourcifier/driver.hpp>
#include <resourcifier/other_target.hpp>

#include <boost/json/parse.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern char **environ;

namespace {

namespace json = boost::json;

constexpr int first_line = 3, last_line = 40; // descriptors among which the lines to the daemon are

[[noreturn]] void hang() {
    for (;;) ::pause();
}

[[noreturn]] void spin() {
    for (volatile std::uint64_t turns = 0;;) turns = turns + 1;
}

int recurse(int depth) {
    volatile char room[4096];
    for (volatile char &byte : room) byte = static_cast<char>(depth);
    return recurse(depth + 1) + room[0];
}

// More than there is. Nobody catches what that ends in.
void use_memory() noexcept {
    std::vector<std::vector<char>> kept;
    for (;;) kept.emplace_back(std::size_t{1} << 20, 'x');
}

void print(std::size_t bytes) {
    const std::string line = std::string(99, '.') + "\n";
    while (bytes >= line.size()) bytes -= static_cast<std::size_t>(::write(STDERR_FILENO, line.data(), line.size()));
}

void scribble(std::string_view text) {
    for (int line = first_line; line < last_line; ++line)
        if (::fcntl(line, F_GETFL) >= 0) static_cast<void>(!::write(line, text.data(), text.size()));
}

// To the daemon, on the control line.
void say(std::string_view hexadecimal) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hexadecimal.size(); at += 2)
        bytes += static_cast<char>(std::stoi(std::string(hexadecimal.substr(at, 2)), nullptr, 16));
    static_cast<void>(!::write(first_line, bytes.data(), bytes.size()));
}

void close_all() {
    for (int line = first_line; line < last_line; ++line) ::close(line);
}

std::string link_at(const std::string &path) {
    char buffer[4096];
    const ssize_t size = ::readlink(path.c_str(), buffer, sizeof buffer);
    return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
}

// What the driver finds around itself.
json::object surroundings() {
    json::object descriptors;
    if (DIR *const folder = ::opendir("/proc/self/fd")) {
        while (const dirent *entry = ::readdir(folder))
            if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != ::dirfd(folder))
                descriptors[entry->d_name] = link_at(std::string("/proc/self/fd/") + entry->d_name);
        ::closedir(folder);
    }
    json::array environment;
    for (char **entry = environ; *entry; ++entry) environment.emplace_back(*entry);
    rlimit data{};
    ::getrlimit(RLIMIT_DATA, &data);
    return {{"pid", ::getpid()},
            {"parent", ::getppid()},
            {"user", ::geteuid()},
            {"group", ::getegid()},
            {"data", data.rlim_cur},
            {"descriptors", std::move(descriptors)},
            {"environment", std::move(environment)}};
}

class Saboteur : public rsf::Driver {
  public:
    static constexpr rsf::Description description{"saboteur",
                                                  "1.0.0",
                                                  "resourcifier",
                                                  "https://example.org",
                                                  "does what it should not",
                                                  R"({"type": "object", "properties": {
                                                      "create": {"type": "string", "description": "What to do in create."},
                                                      "say": {"type": "string", "description": "Bytes, in hexadecimal, to say to the daemon."},
                                                      "destroy": {"type": "string", "description": "What to do in destroy."}}})",
                                                  true};

    Saboteur(rsf::Host host, const json::object &settings) : host_(host) {
        if (const json::value *word = settings.if_contains("destroy")) at_end_ = word->get_string();
        if (const json::value *bytes = settings.if_contains("say")) say(bytes->get_string());
        if (const json::value *word = settings.if_contains("create")) sabotage(std::string(word->get_string()), nullptr);
    }
    ~Saboteur() override { sabotage(at_end_, nullptr); }

    rsf::Result get(const rsf::Call &call) override {
        if (call.type() == "surroundings") return surroundings();
        sabotage(std::string(call.type()), &call);
        return json::object{{"name", call.name()}};
    }
    rsf::Result create(const rsf::Call &call) override { return get(call); }

  private:
    void sabotage(const std::string &what, const rsf::Call *call) {
        if (what == "segv") ::raise(SIGSEGV);
        if (what == "abort") std::abort();
        if (what == "exit") std::exit(3);
        if (what == "_exit") ::_exit(4);
        if (what == "traced") {
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::_exit(5);
        }
        if (what == "traced crash") {
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSEGV);
        }
        if (what == "kill") ::kill(::getpid(), SIGKILL);
        if (what == "stack") recurse(0);
        if (what == "memory") use_memory();
        if (what == "hang") hang();
        if (what == "spin") spin();
        if (what == "print") print(64u << 20);
        if (what == "scribble") scribble(std::string(64, '\xFF'));
        if (what == "whisper") scribble("abc"); // too little to be a frame
        if (what == "close") close_all();
        if (what == "leave-behind") {
            // A grandchild that keeps every descriptor open.
            const pid_t left = ::fork();
            if (left == 0) hang();
            host_.log(rsf::LogLevel::info, "left behind: " + std::to_string(left), call);
            std::abort();
        }
        if (what == "child" && ::fork() == 0) hang(); // ended with its group
        if (what == "later") std::thread([] { std::abort(); }).detach();
        if (what == "announced hang") {
            host_.log(rsf::LogLevel::info, "about to hang", call);
            hang();
        }
        if (what == "greet") {
            std::printf("hello on standard output\n");
            std::fprintf(stderr, "hello on standard error\n");
        }
        if (what == "unavailable") throw rsf::Error(rsf::Code::unavailable, "the cluster is down");
        if (what == "conflict") throw rsf::Error(rsf::Code::conflict, "somebody else has it");
        if (what == "ask") rsf::OtherTarget(host_, "elsewhere").perform(*call, {});
        if (what == "leave-group") {
            ::setpgid(0, ::getpgid(::getppid()));
            hang();
        }
        if (what == "mute") {
            const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
            for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, stream);
            ::close(nowhere);
            hang();
        }
        if (what == "broken-pipe") {
            int ends[2];
            if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
            ::close(ends[0]);
            static_cast<void>(!::write(ends[1], "x", 1));
            ::close(ends[1]);
        }
        if (what == "log")
            for (int i = 0; i < 10'000; ++i) host_.log(rsf::LogLevel::info, "a line among many", call);
        if (what == "shout")
            for (;;) host_.log(rsf::LogLevel::info, "a line without end", call);
    }

    rsf::Host host_;
    std::string at_end_;
};

} // namespace

RSF_CPP_DRIVER(Saboteur)
