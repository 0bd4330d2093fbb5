// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "kubectl/fakes/fake_kubectl.hpp"
#include "kubectl/process/child_process.hpp"
#include "kubectl/process/sealed_file.hpp"

#include <fcntl.h>
#include <signal.h>

#include <atomic>
#include <sstream>
#include <thread>

namespace {

using namespace rsf::kubectl;
using namespace rsf::kubectl::process;
using How = Ending::How;

Bounds within(std::chrono::milliseconds time) { return {std::chrono::steady_clock::now() + time, {}}; }

Ending run_script(const Folder &folder, const std::string &text, Bounds bounds = within(std::chrono::seconds(60))) {
    return run({folder.script(text), {"kubectl"}, {"PATH=/usr/bin:/bin"}}, bounds);
}

} // namespace

TEST_CASE("what a program says and its exit code are kept apart") {
    const Folder folder;
    const Ending ending = run_script(folder, "echo out; echo err >&2; exit 7");
    CHECK(ending.how == How::exited);
    CHECK(ending.value == 7);
    CHECK(ending.output == "out\n");
    CHECK(ending.errors == "err\n");
}

TEST_CASE("a program reads its input to the end, however long it is") {
    const Folder folder;
    const std::string text(3'000'000, 'x');
    const FileDescriptor input = sealed_file("test", text);
    const Ending ending = run({"/bin/cat", {"cat"}, {}, input.get()}, within(std::chrono::seconds(60)));
    CHECK(ending.how == How::exited);
    CHECK(ending.output == text);
}

TEST_CASE("a program with no input reads nothing, not the host's input") {
    CHECK(run({"/bin/cat", {"cat"}, {}}, within(std::chrono::seconds(60))).output.empty());
}

TEST_CASE("a program that can't be run says why") {
    const Folder folder;
    Ending ending = run({folder.path() + "/none", {"x"}, {}}, within(std::chrono::seconds(60)));
    CHECK(ending.how == How::not_started);
    CHECK(ending.value == ENOENT);
    ending = run({folder.path(), {"x"}, {}}, within(std::chrono::seconds(60)));
    CHECK(ending.how == How::not_started);
    CHECK(ending.value == EACCES);
}

TEST_CASE("a program that a signal ends is told from one that exits") {
    const Folder folder;
    const Ending ending = run_script(folder, "kill -KILL $$");
    CHECK(ending.how == How::signalled);
    CHECK(ending.value == SIGKILL);
}

TEST_CASE("a program that ignores SIGTERM is ended before the deadline, with its children") {
    const Folder folder;
    const Bounds bounds = within(std::chrono::milliseconds(1500));
    const Ending ending = run_script(folder,
                                     "trap '' TERM\n(trap '' TERM; echo $$; while :; do sleep 1000; done) &\n"
                                     "echo $! $$\nwhile :; do sleep 1000; done",
                                     bounds);
    CHECK(ending.how == How::deadline);
    CHECK(std::chrono::steady_clock::now() < bounds.deadline);
    std::istringstream pids(ending.output);
    for (std::string pid; pids >> pid;) wait_until_gone(pid);
    CHECK(children().empty());
}

TEST_CASE("a program whose call is cancelled is ended soon") {
    const Folder folder;
    Bounds bounds = within(std::chrono::hours(1));
    int asked = 0;
    bounds.cancelled = [&] { return ++asked > 2; };
    CHECK(run_script(folder, "while :; do sleep 1000; done", bounds).how == How::cancelled);
    CHECK(children().empty());
}

// Nothing asks again and again here, and the deadline is far away: only the event can end the wait.
TEST_CASE("an event that is set ends a program at once, and one that was set before ends it as well") {
    const Folder folder;
    const Event stop;
    Bounds bounds = within(std::chrono::hours(1));
    bounds.stop = &stop;
    std::thread other([&] {
        while (folder.read("started").empty()) std::this_thread::yield();
        stop.set();
    });
    CHECK(run_script(folder, "echo yes > \"$HERE/started\"; while :; do sleep 1000; done", bounds).how == How::cancelled);
    other.join();
    CHECK(run_script(folder, "while :; do sleep 1000; done", bounds).how == How::cancelled);
    CHECK(children().empty());
}

TEST_CASE("a child of the program that holds a pipe open does not hold up the answer, and is ended") {
    const Folder folder;
    const Ending ending = run_script(folder, "sleep 100000 &\necho $!");
    CHECK(ending.how == How::exited);
    CHECK(ending.value == 0);
    wait_until_gone(ending.output.substr(0, ending.output.find('\n')));
}

TEST_CASE("a child that left the program's process group does not hold up the answer") {
    const Folder folder;
    const Ending ending = run_script(folder, "setsid sh -c 'echo $$ > \"$0/pid\"; exec sleep 100000' \"$HERE\" &\n"
                                             "while ! [ -s \"$HERE/pid\" ]; do :; done\necho done");
    const std::string pid = folder.read("pid");
    CHECK(ending.how == How::exited);
    CHECK(ending.output == "done\n");
    ::kill(std::stoi(pid), SIGKILL);
    wait_until_gone(std::to_string(std::stoi(pid)));
}

TEST_CASE("a flood of output ends the program and is not kept") {
    Bounds bounds = within(std::chrono::seconds(60));
    bounds.output = 1 << 20;
    const Ending ending = run({"/usr/bin/head", {"head", "-c", "1000000000", "/dev/zero"}, {}}, bounds);
    CHECK(ending.how == How::too_much_output);
    CHECK(ending.output.size() == bounds.output);
}

TEST_CASE("output that just fits is kept") {
    Bounds bounds = within(std::chrono::seconds(60));
    bounds.output = 1 << 20;
    const Ending ending = run({"/usr/bin/head", {"head", "-c", "1048576", "/dev/zero"}, {}}, bounds);
    CHECK(ending.how == How::exited);
    CHECK(ending.output.size() == bounds.output);
}

TEST_CASE("a flood of errors is read to its end and its start is kept") {
    const Folder folder;
    const Ending ending = run_script(folder, "echo first >&2; head -c 100000000 /dev/zero >&2; echo out");
    CHECK(ending.how == How::exited);
    CHECK(ending.output == "out\n");
    CHECK(ending.errors.size() == Bounds{}.errors);
    CHECK(ending.errors.starts_with("first\n"));
}

TEST_CASE("a program gets no descriptor of the host but those that it is meant to have") {
    const FileDescriptor leaky(::open("/dev/null", O_RDONLY)); // not closed on exec
    REQUIRE(::fcntl(leaky.get(), F_GETFD) == 0);
    const FileDescriptor given = sealed_file("test", "for the child");
    const Folder folder;
    const Program plain{"/bin/ls", {"ls", "/proc/self/fd"}, {"LC_ALL=C"}};
    CHECK(run(plain, within(std::chrono::seconds(60))).output == "0\n1\n2\n3\n"); // 3 is ls reading the folder
    const Program one{"/bin/ls", {"ls", "/proc/self/fd"}, {"LC_ALL=C"}, -1, {given.get()}};
    CHECK(run(one, within(std::chrono::seconds(60))).output == "0\n1\n2\n3\n4\n");
    const Program reader{"/bin/cat", {"cat", "/proc/self/fd/3"}, {}, -1, {given.get()}};
    for (int i = 0; i < 2; ++i) CHECK(run(reader, within(std::chrono::seconds(60))).output == "for the child");

    // More than the host has open, so that each of them stands where another is to go.
    std::vector<FileDescriptor> files;
    Program many{"/bin/cat", {"cat"}, {}};
    std::string all;
    for (int i = 0; i < 150; ++i) {
        const std::string text = std::to_string(i) + "\n";
        many.inherited.push_back(files.emplace_back(sealed_file("test", text)).get());
        many.arguments.push_back("/proc/self/fd/" + std::to_string(Program::first_inherited + i));
        all += text;
    }
    CHECK(run(many, within(std::chrono::seconds(60))).output == all);
    std::reverse(many.inherited.begin(), many.inherited.end());
    std::reverse(many.arguments.begin() + 1, many.arguments.end());
    CHECK(run(many, within(std::chrono::seconds(60))).output == all);
}

TEST_CASE("a program starts with default signals, in a group and a folder of its own, with the given environment alone") {
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGPIPE);
    REQUIRE(::pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    const auto old = ::signal(SIGPIPE, SIG_IGN);
    const std::string status = run({"/bin/cat", {"cat", "/proc/self/status"}, {}}, within(std::chrono::seconds(60))).output;
    ::signal(SIGPIPE, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK_THAT(status, ContainsSubstring("SigBlk:\t0000000000000000"));
    const std::string ignored = status.substr(status.find("SigIgn:\t") + 8, 16);
    CHECK((std::stoull(ignored, nullptr, 16) & 0x7FFFFFFF) == 0); // the C library keeps two beyond for itself

    const Folder folder;
    const Ending ending =
        run({folder.script("cut -d' ' -f1,5 /proc/$$/stat; pwd; env | sort"), {"kubectl"}, {"A=b", "PATH=/bin:/usr/bin"}},
            within(std::chrono::seconds(60)));
    std::istringstream output(ending.output);
    std::string pid, group, cwd;
    output >> pid >> group >> cwd;
    CHECK(pid == group);
    CHECK(cwd == "/");
    CHECK_THAT(ending.output, ContainsSubstring("A=b\n"));
    CHECK_THAT(ending.output, !ContainsSubstring("HOME"));
}

TEST_CASE("the text of a sealed file can't be changed, and no child gets it by accident") {
    const FileDescriptor file = sealed_file("test", "text");
    CHECK(::pwrite(file.get(), "X", 1, 0) < 0);
    CHECK(::ftruncate(file.get(), 0) < 0);
    const FileDescriptor again(::open(("/proc/self/fd/" + std::to_string(file.get())).c_str(), O_RDWR));
    if (again) CHECK(::pwrite(again.get(), "X", 1, 0) < 0);
    CHECK((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a thousand programs, many at once, leave no descriptor and no process behind") {
    const Folder folder;
    const std::string script = folder.script("read line; echo \"$line\"; echo err >&2; [ \"$line\" != 13 ]");
    const std::size_t descriptors = open_descriptors();
    std::atomic<int> next{0}, wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i; (i = next++) < 1000;) {
                const std::string line = std::to_string(i % 20);
                const FileDescriptor input = sealed_file("test", line + "\n");
                const FileDescriptor given = sealed_file("test", line);
                const Ending ending = run({script, {"kubectl"}, {}, input.get(), {given.get()}}, within(std::chrono::minutes(5)));
                if (ending.how != How::exited || ending.output != line + "\n" || ending.value != (line == "13" ? 1 : 0)) ++wrong;
            }
        });
    for (std::thread &thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(open_descriptors() == descriptors);
    CHECK(children().empty());
}
