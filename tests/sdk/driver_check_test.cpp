// SPDX-License-Identifier: Apache-2.0
//
// resourcifier-driver-check as its user has it: every bad driver fails the check that is meant for it, and no other.
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;

struct Checked {
    int code = -1;
    std::string output;
    std::vector<std::string> failed, skipped; // names
    std::size_t count = 0;
};

// Drivers are taken from folders that nobody else may write: a copy is.
class Folder {
  public:
    std::string file(const std::string &name) const { return (folder_ / name).string(); }
    std::string write(const std::string &name, const std::string &text) const { return folder_.write(name, text).string(); }
    std::string copy(const fs::path &driver) const {
        const fs::path copied = folder_.copy(driver);
        ::chmod(copied.c_str(), 0755);
        return copied.string();
    }

  private:
    const rsf::test::TempFolder folder_;
};

Checked checked(const std::string &arguments) {
    Checked result;
    std::FILE *pipe = ::popen((DRIVER_CHECK " " + arguments + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) result.output.append(buffer, size);
    const int status = ::pclose(pipe);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);) {
        const bool bad = line.starts_with("not ok ");
        if (!bad && !line.starts_with("ok ")) continue;
        ++result.count;
        const std::size_t dash = line.find(" - ") + 3;
        const std::string name = line.substr(dash, line.find(':') - dash);
        if (bad) result.failed.push_back(name);
        if (line.find(" # SKIP ") != line.npos) result.skipped.push_back(name);
    }
    return result;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("every bad driver fails the check that is meant for it, and no other") {
    // None: a driver that does nothing wrong, however odd.
    std::map<std::string, Names> expected{
        {"answers_another", {"agrees"}},
        {"answers_invalid_json", {"answers"}},
        {"answers_late", {"answers"}},
        {"answers_never", {"answers"}},
        {"answers_nothing", {"answers"}},
        {"answers_twice", {"answers"}},
        {"bad_magic", {"entry"}},
        {"bad_name", {"descriptor"}},
        {"bad_schema", {"descriptor"}},
        {"bare_descriptor", {"descriptor"}},
        {"batch_beyond", {"batch"}},
        {"batch_good", {"batch"}}, // good manners, but it refuses the second call of each
        {"batch_late", {"batch"}},
        {"batch_nonsense", {"batch"}},
        {"batch_null", {"extensions"}},
        {"batch_silent", {"batch"}},
        {"batch_twice", {"batch"}},
        {"breaks_code", {"unknown", "absent", "objects"}},
        {"breaks_delete", {"answers"}},
        {"breaks_message", {"answers"}},
        {"breaks_outcome", {"answers"}},
        {"breaks_selflink", {"answers"}},
        {"breaks_thread", {"answers"}},
        {"changes_alarm", {"surroundings"}},
        {"changes_environment", {"surroundings"}},
        {"changes_folder", {"surroundings"}},
        {"changes_limit", {"surroundings"}},
        {"changes_locale", {"surroundings"}},
        {"changes_nice", {"surroundings"}},
        {"changes_output", {"surroundings"}},
        {"changes_signals", {"surroundings"}},
        {"changes_umask", {"surroundings"}},
        {"constructor", {}},
        {"constructor_no_note", {"note"}},
        {"constructor_other_major", {"version"}},
        {"create_fails", {"create"}},
        {"create_fails_and_returns", {"create"}},
        {"create_fails_without_message", {"create"}},
        {"create_says_nothing", {"create"}},
        {"create_succeeds", {"create"}},
        {"creates_otherwise", {"agrees"}},
        {"foretells_wrong", {"foretells"}},
        {"good_c", {}},
        {"health_fails", {"health"}},
        {"health_never", {"health"}},
        {"health_not_json", {"health"}},
        {"health_null", {"extensions"}},
        {"health_twice", {"health"}},
        {"health_without_ok", {"health"}},
        {"health_without_reason", {"health"}},
        {"kind_null", {"extensions"}},
        {"leaks_descriptor", {"calls"}},
        {"leaks_mapping", {"calls"}},
        {"leaks_memory", {"calls"}},
        {"leaks_process", {"calls"}},
        {"leaks_shared", {"calls"}},
        {"leaks_thread", {"calls"}},
        {"lists_all_types", {"lists"}},
        {"long_functions", {}},
        {"missing_symbol", {"library"}},
        {"newer_minor", {"version"}},
        {"no_descriptor", {"descriptor"}},
        {"no_entry", {"entry"}},
        {"no_functions", {"functions"}},
        {"no_note", {"note"}},
        {"no_version", {"descriptor"}},
        {"note_disagrees", {"entry"}},
        {"null_create", {"functions"}},
        {"null_destroy", {"functions"}},
        {"null_get_extension", {"functions"}},
        {"null_perform", {"functions"}},
        {"odd_size", {"descriptor"}},
        {"older_minor", {"unknown", "absent"}}, // written before there were such checks, and never to be changed
        {"order_beyond", {"order"}},
        {"order_endless", {"order"}},
        {"order_itself", {"order"}},
        {"order_null", {"extensions"}},
        {"order_short", {"extensions"}},
        {"other_major", {"version"}},
        {"released_1.0", {}},
        {"replaces_in_part", {"replaces"}},
        {"replaces_nothing", {"replaces"}},
        {"schema_not_json", {"descriptor"}},
        {"secret_text", {"extensions"}},
        {"settles_wrongly", {"settle"}},
        {"short_answers", {"answers"}},
        {"short_descriptor", {}},
        {"short_entry", {"entry"}},
        {"short_functions", {"functions"}},
        {"speaks_1_1", {}},
        {"summary_not_utf8", {"descriptor"}},
        {"text_without_data", {"descriptor"}},
        {"throws_123", {"absent"}},     // behind its barrier each verb fails, if properly
        {"throws_123_raw", {"create"}}, // its end throws too
        {"two_notes", {"note"}},
    };
#if defined(__SANITIZE_ADDRESS__)
    for (const char *name : {"leaks_mapping", "leaks_memory", "leaks_shared"})
        expected[name] = {}; // the sanitizer's own allocator tells nothing of what is in use
#endif
    const Folder folder;
    std::set<std::string> there;
    for (const auto &entry : fs::directory_iterator(BAD_DRIVERS)) {
        if (entry.path().extension() != ".so") continue;
        const std::string name = entry.path().stem();
        there.insert(name);
        INFO(name);
        const auto row = expected.find(name);
        REQUIRE(row != expected.end());
        const Checked result = checked(folder.copy(entry.path()) + " --patience 1");
        INFO(result.output);
        CHECK(result.failed == row->second);
        CHECK(result.code == (row->second.empty() ? 0 : 1));
        CHECK(result.output.find("TAP version 13\n1.." + std::to_string(result.count) + "\n") != std::string::npos);
    }
    for (const auto &[name, failed] : expected) {
        INFO(name);
        CHECK(there.count(name) == 1);
    }
}

TEST_CASE("drivers that ship pass") {
    const Folder folder;
    const Checked dryrun = checked(folder.copy(DRYRUN));
    INFO(dryrun.output);
    CHECK(dryrun.code == 0);
    CHECK_THAT(dryrun.output,
               ContainsSubstring("\n# driver ABI 1.1, offers list, get, create, replace, delete, apply, revisions, "
                                 "rsf.order/1, rsf.dry_run/1, rsf.settle/1, rsf.kind/1\n"));
    CHECK(dryrun.skipped == Names{"batch", "health", "secrets"}); // what it does not have
    const Checked stamp = checked(folder.copy(STAMP));
    INFO(stamp.output);
    CHECK(stamp.code == 0);
}

TEST_CASE("what a failed check leaves untold is skipped, with the reason") {
    const Folder folder;
    const Checked result = checked(folder.copy(fs::path(BAD_DRIVERS) / "create_fails.so"));
    CHECK(result.failed == Names{"create"});
    CHECK_THAT(result.output,
               ContainsSubstring("message: \"no instance can be created with these settings (--settings gives others): the token "
                                 "is too old; get a new one\""));
    CHECK_THAT(result.output, ContainsSubstring("ok 11 - answers: each call is answered once, with what its verb requires "
                                                "# SKIP not run, since create failed"));
}

TEST_CASE("settings are checked by the schema, and their secrets looked for") {
    const Folder folder;
    const std::string driver = folder.copy(fs::path(BAD_DRIVERS) / "good_c.so");
    Checked result = checked(driver + " --settings " + folder.write("bad.yaml", "tokn: x\n"));
    CHECK(result.failed == Names{"settings"});
    CHECK_THAT(result.output, ContainsSubstring("did you mean 'token'?"));
    // Its health says the token, if it has one.
    result = checked(driver + " --settings " + folder.write("good.yaml", "token: s3cr3t-token\n"));
    INFO(result.output);
    CHECK(result.failed == Names{});
    CHECK(result.skipped == Names{"several", "dry-run", "foretells", "batch", "revisions", "settle", "kind"});
    // The name of a log's object is written to the log.
    result = checked(driver + " --settings " + folder.write("told.yaml", "token: rsf-check-secrets\n") + " --sample " +
                     folder.write("sample.yaml", "resources: [{name: x, type: log, properties: {a: 1}}]\n"));
    CHECK(result.failed == Names{"secrets"});
    CHECK_THAT(result.output, ContainsSubstring("a secret of the settings is in a line of the log"));
}

TEST_CASE("a file that others may write, or that is no library, is told in the first checks") {
    const Folder folder;
    const std::string driver = folder.copy(fs::path(BAD_DRIVERS) / "good_c.so");
    ::chmod(driver.c_str(), 0777);
    CHECK(checked(driver).failed == Names{"file"});
    CHECK(checked(folder.file("absent.so")).failed == Names{"file"});
    const std::string text = folder.write("text.so", "this is text");
    ::chmod(text.c_str(), 0755);
    CHECK(checked(text).failed == Names{"note"});
}

TEST_CASE("checks can be named, chosen and left out") {
    const Folder folder;
    const std::string driver = folder.copy(fs::path(BAD_DRIVERS) / "replaces_nothing.so");
    Checked result = checked("--list");
    CHECK(result.code == 0);
    CHECK_THAT(result.output, ContainsSubstring("\nnote: the file has one well-formed ABI note (always run)\n") &&
                                  ContainsSubstring("\nreplaces: a replace with a changed object changes it\n"));
    result = checked(driver + " --only objects,agrees");
    CHECK(result.code == 0);
    CHECK(result.count == 10);
    CHECK_THAT(result.output, ContainsSubstring("TAP version 13\n1..10\n") && ContainsSubstring("ok 9 - objects: "));
    CHECK(checked(driver + " --only replaces").failed == Names{"replaces"});
    result = checked(driver + " --skip replaces,calls --skip instances");
    CHECK(result.code == 0);
    CHECK_THAT(result.output, !ContainsSubstring(" - calls: ") && ContainsSubstring(" - surroundings: "));
    result = checked(driver + " --skip replace");
    CHECK(result.code == 2);
    CHECK(result.output ==
          "--skip: there is no check 'replace' (did you mean 'replaces'?) that can be chosen: --list names them\n");
    CHECK(checked(driver + " --only note").code == 2); // always made
}

TEST_CASE("the changed object may be the author's own") {
    const Folder folder;
    const std::string sample = folder.write("sample.yaml", R"(resources:
- {name: one, type: Thing, properties: {size: 1, colour: [red]}}
- {name: other, type: Thing, properties: {size: 2, colour: [red]}}
)");
    Checked result = checked(folder.copy(fs::path(BAD_DRIVERS) / "good_c.so") + " --only replaces --sample " + sample);
    CHECK(result.code == 0);
    CHECK(result.skipped.empty());
    result = checked(folder.copy(fs::path(BAD_DRIVERS) / "replaces_nothing.so") + " --only replaces --sample " + sample);
    CHECK_THAT(result.output, ContainsSubstring("a replace with a changed object changes nothing at /size"));
    // Nothing that could be changed.
    result = checked(folder.file("good_c.so") + " --only replaces --sample " +
                     folder.write("bare.yaml", "resources: [{name: x, type: Thing, properties: {size: 1}}]\n"));
    CHECK(result.skipped == Names{"replaces"});
}

TEST_CASE("when the tool is ended, so is what it runs, and what the driver started") {
    const Folder folder;
    const std::string driver = folder.copy(HANGS);
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t tool = ::fork();
    if (tool == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execl(DRIVER_CHECK, DRIVER_CHECK, driver.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string said;
    char buffer[1024];
    // The driver prints a line once it hangs, in a process that it started as well.
    while (said.find("both hang") == std::string::npos) {
        const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
        REQUIRE(size > 0);
        said.append(buffer, static_cast<std::size_t>(size));
    }
    ::kill(tool, signal);
    int status = 0;
    REQUIRE(::waitpid(tool, &status, 0) == tool);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    // The pipe ends when nobody is left who could write to it.
    while (::read(ends[0], buffer, sizeof buffer) > 0) {
    }
    ::close(ends[0]);
}

TEST_CASE("JUnit's report says the same") {
    const Folder folder;
    const Checked result =
        checked(folder.copy(fs::path(BAD_DRIVERS) / "order_itself.so") + " --junit " + folder.file("report.xml"));
    CHECK(result.code == 1);
    const std::string report = rsf::test::read_file(folder.file("report.xml"));
    CHECK_THAT(report, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"order_itself.so\" tests=\"" +
                                  std::to_string(result.count) + "\" failures=\"1\" skipped=\""));
    CHECK_THAT(report, ContainsSubstring("<testcase name=\"order\" classname=\"order_itself.so\""));
    CHECK_THAT(report, ContainsSubstring("<failure message=\"The driver broke the ABI's rules: it ordered a resource that is "
                                         "not there, or before itself.\"/></testcase>\n"));
}

TEST_CASE("what can't be used is said, and is not a failed check") {
    const Folder folder;
    const std::string driver = folder.copy(STAMP);
    Checked result = checked(driver + " --settings " + folder.file("absent.yaml"));
    CHECK(result.code == 2);
    CHECK_THAT(result.output, ContainsSubstring("absent.yaml can't be read, or is empty"));
    result = checked(driver + " --settings " + folder.write("list.yaml", "[1]"));
    CHECK(result.code == 2);
    CHECK_THAT(result.output, ContainsSubstring("the settings of a driver are a mapping"));
    result = checked(driver + " --sample " + folder.write("sample.yaml", "resources: [{nam: x}]"));
    CHECK(result.code == 2);
    CHECK_THAT(result.output, ContainsSubstring("sample.yaml:1:"));
    CHECK(checked("").code == 2);
}
