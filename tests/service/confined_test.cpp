// SPDX-License-Identifier: Apache-2.0
//
// What the unit takes from the daemon is really taken, and what it needs is left. What this shows of the probe holds for the
// daemon in confined_daemon.sh, which is run in the same way.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>

using namespace rsf::test;
namespace fs = std::filesystem;

namespace {

const fs::path confining_unit = TEST_SOURCE_DIR "/../etc/systemd/resourcifierd.service";
const bool is_root = ::getuid() == 0;

class Sandbox {
  public:
    Sandbox() { fs::permissions(folder_.path(), fs::perms(0755)); }

    void put(const fs::path &program) const { fs::copy_file(program, folder_.path() / program.filename()); }
    Ended run(std::vector<std::string> command, const fs::path &by = confining_unit) const {
        command.insert(command.begin(), {TEST_BINARY_DIR "/tests/confined", by.string(), "nobody", folder_.path().string()});
        return run_program(command);
    }
    // Where the command finds what is put.
    fs::path place() const { return is_root ? fs::path("/opt") : folder_.path(); }
    const fs::path &folder() const { return folder_.path(); }

  private:
    TempFolder folder_;
};

std::map<std::string, std::string> probed(const Sandbox &sandbox, const fs::path &by = confining_unit) {
    sandbox.put(TEST_BINARY_DIR "/tests/probe");
    std::vector<std::string> command{(sandbox.place() / "probe").string(), (sandbox.place() / "state").string()};
    if (is_root) command.push_back("has a view of its own");
    const Ended ended = sandbox.run(command, by);
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
    std::map<std::string, std::string> results;
    std::istringstream lines(ended.out);
    for (std::string name, result; lines >> name >> result;) results[name] = result;
    return results;
}

} // namespace

TEST_CASE("what the unit takes from the daemon is refused with an error, and never ends the process") {
    const std::map<std::string, std::string> results = probed(Sandbox());
    std::map<std::string, std::string> expected{{"memory-to-write-and-execute", "EPERM"},
                                                {"memory-made-executable", "EPERM"},
                                                {"new-user-namespace", "EPERM"},
                                                {"new-mount-namespace", "EPERM"},
                                                {"mount", "EPERM"},
                                                {"become-root", "EPERM"},
                                                {"become-root-by-all-three", "EPERM"},
                                                {"chown", "EPERM"},
                                                {"netlink-socket", "EAFNOSUPPORT"},
                                                {"packet-socket", "EAFNOSUPPORT"},
                                                {"vsock-socket", "EAFNOSUPPORT"},
                                                {"personality", "EPERM"},
                                                {"ptrace", "EPERM"},
                                                {"realtime", "EPERM"},
                                                {"io-uring", "EPERM"},
                                                {"bpf", "EPERM"},
                                                {"keyring", "EPERM"},
                                                {"clone3", "ENOSYS"},
                                                {"core-dumps", "EPERM"},
                                                {"setuid-program", "EPERM"}};
    if (is_root)
        expected.insert({{"program-of-the-state", "EACCES"},
                         {"program-in-tmp", "EACCES"},
                         {"write-to-etc", "EROFS"},
                         {"look-into-root", "EACCES"}});
    for (const auto &[name, error] : expected) {
        INFO(name);
        REQUIRE(results.contains(name));
        CHECK(results.at(name) == error);
    }
}

TEST_CASE("what the daemon, its drivers and kubectl need is left to them") {
    const std::map<std::string, std::string> results = probed(Sandbox());
    for (const char *name : {"socketpair", "unix-socket", "ipv4-socket", "ipv6-socket", "memfd", "end-with-the-parent", "pidfd",
                             "program", "thread", "memory-limit", "write-to-the-state", "files-are-private"}) {
        INFO(name);
        REQUIRE(results.contains(name));
        CHECK(results.at(name) == "done");
    }
}

TEST_CASE("a confined process has no capability, gains no privilege, and is filtered") {
    const Sandbox sandbox;
    const Ended ended = sandbox.run({"/bin/cat", "/proc/self/status"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
    CHECK_THAT(ended.out, ContainsSubstring("NoNewPrivs:\t1\n"));
    CHECK_THAT(ended.out, ContainsSubstring("Seccomp:\t2\n"));
    CHECK_THAT(ended.out, ContainsSubstring("Umask:\t0077\n"));
    CHECK_THAT(ended.out, ContainsSubstring("CapEff:\t0000000000000000\n"));
    if (!is_root) return;
    CHECK_THAT(ended.out, ContainsSubstring("CapBnd:\t0000000000000000\n"));
    CHECK_THAT(ended.out, ContainsSubstring("CapAmb:\t0000000000000000\n"));
    CHECK_THAT(ended.out, !ContainsSubstring("Uid:\t0\t"));
}

TEST_CASE("it is the unit that takes: what another leaves can be had") {
    const Sandbox sandbox;
    const Ended without = run_program({"/bin/sed", "-e", "/^MemoryDenyWriteExecute=/d", "-e", "/^RestrictSUIDSGID=/d", "-e",
                                       "/^LockPersonality=/d", "-e", "s/ @keyring//", confining_unit.string()});
    REQUIRE(without.exit_code == 0);
    write_file(sandbox.folder() / "lenient.service", without.out);
    const std::map<std::string, std::string> results = probed(sandbox, sandbox.folder() / "lenient.service");
    CHECK(results.at("memory-to-write-and-execute") == "done");
    CHECK(results.at("memory-made-executable") == "done");
    CHECK(results.at("setuid-program") == "done");
    CHECK(results.at("personality") == "done");
    CHECK(results.at("keyring") != "EPERM");
    CHECK(results.at("new-user-namespace") == "EPERM");
}

TEST_CASE("a directive whose effect is not known here is an error, so that none is thought to be tested") {
    const Sandbox sandbox;
    const Ended with = run_program({"/bin/sed", "s/^LockPersonality=.*/ProtectEverything=yes/", confining_unit.string()});
    REQUIRE(with.exit_code == 0);
    write_file(sandbox.folder() / "odd.service", with.out);
    const Ended ended = sandbox.run({"/bin/true"}, sandbox.folder() / "odd.service");
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("ProtectEverything="));
}
