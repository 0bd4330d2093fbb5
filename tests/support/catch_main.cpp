// SPDX-License-Identifier: Apache-2.0
//
// main() of every test: Catch2's, which gives each case the tag of its folder in tests/, such as
// [api], and knows two more options:
//   --case NAME  run the one case of exactly this name, in which no character is special
//   --cases      write a line of CMake for each case, for ctest_cases.cmake
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace {

// The cases as they will run, and a tag more for one of them: the two releases of Catch2 differ in both.
#if CATCH_VERSION_MAJOR >= 3
std::vector<Catch::TestCaseInfo *> all_cases(Catch::Session &) {
    return Catch::getRegistryHub().getTestCaseRegistry().getAllInfos();
}

void add_tag(Catch::TestCaseInfo &info, const std::string &tag) {
    static std::set<std::string> texts; // a tag refers to its text
    info.tags.emplace_back(Catch::StringRef(*texts.insert(tag).first));
}

void let_unknown_names_fail(Catch::ConfigData &) {} // they do
#else
std::vector<Catch::TestCaseInfo *> all_cases(Catch::Session &session) {
    std::vector<Catch::TestCaseInfo *> infos;
    // Catch2 itself changes tags so, for --filenames-as-tags.
    for (auto &test : const_cast<std::vector<Catch::TestCase> &>(Catch::getAllTestCasesSorted(session.config())))
        infos.push_back(&test);
    return infos;
}

void add_tag(Catch::TestCaseInfo &info, const std::string &tag) {
    std::vector<std::string> tags = info.tags;
    tags.push_back(tag);
    setTags(info, tags);
}

void let_unknown_names_fail(Catch::ConfigData &data) {
    data.warnings = static_cast<Catch::WarnAbout::What>(data.warnings | Catch::WarnAbout::NoTests);
}
#endif

// "api" for .../tests/api/resources/plans_test.cpp.
std::string folder_of(const char *file) {
    std::string folder;
    bool is_next = false;
    for (const std::filesystem::path &part : std::filesystem::path(file).lexically_normal()) {
        if (is_next) folder = part.string();
        is_next = part == "tests";
    }
    return folder;
}

// As a bracket argument, which no character of the text ends.
std::string cmake_argument(const std::string &text) {
    std::string equals;
    while (text.find(']' + equals) != text.npos) equals += '=';
    return '[' + equals + '[' + text + ']' + equals + ']';
}

int run(std::vector<char *> arguments) {
    bool lists = false;
    const char *name = nullptr;
    for (auto it = arguments.begin() + 1; it != arguments.end();) {
        const bool names = std::strcmp(*it, "--case") == 0 && it + 1 != arguments.end();
        const bool listing = std::strcmp(*it, "--cases") == 0;
        if (names) name = it[1];
        lists = lists || listing;
        it = names || listing ? arguments.erase(it, it + (names ? 2 : 1)) : it + 1;
    }

    Catch::Session session;
    if (const int code = session.applyCommandLine(static_cast<int>(arguments.size()), arguments.data()); code != 0) return code;
    let_unknown_names_fail(session.configData());
    bool found = false;
    for (Catch::TestCaseInfo *info : all_cases(session)) {
        add_tag(*info, folder_of(info->lineInfo.file));
        if (lists && !info->isHidden()) std::cout << "resourcifier_case(" << cmake_argument(info->name) << ")\n";
        if (!name || info->name != name) continue;
        add_tag(*info, "the named case");
        found = true;
    }
    if (lists) return 0;
    if (name && !found) {
        std::cerr << "There is no case '" << name << "'.\n";
        return 2;
    }
    Catch::ConfigData data = session.configData();
    if (name) data.testsOrTags = {"[the named case]"};
    session.useConfigData(data);
    return session.run();
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run({argv, argv + argc});
    } catch (const std::exception &e) {
        std::cerr << e.what() << '\n';
        return 255;
    }
}
