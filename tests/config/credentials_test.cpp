// SPDX-License-Identifier: Apache-2.0
//
// ${credential:NAME} in the settings of drivers.
#include "config/credentials.hpp"
#include "config/settings.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <filesystem>

using namespace rsf::base;
using namespace rsf::config;
using rsf::test::TempFolder;

namespace {

// Of credentials, good and bad ones.
struct Folder : TempFolder {
    Folder() {
        write("token", "s3cr3t-token\n");
        write("pair", "two\nlines");
        write("empty", "");
        write("binary", std::string_view("a\0b", 3));
        std::filesystem::create_directory(path() / "folder");
    }
};

} // namespace

TEST_CASE("references to credentials are filled in") {
    const Folder folder;
    struct Row {
        const char *name;
        std::string text, filled;
    };
    const Row rows[] = {
        {"the whole text", "${credential:token}", "s3cr3t-token"},
        {"within a text", "Bearer ${credential:token}!", "Bearer s3cr3t-token!"},
        {"several", "${credential:token}${credential:empty}${credential:pair}", "s3cr3t-tokentwo\nlines"},
        {"a file", "${credential_file:binary}", (folder / "binary").string()},
        {"none", "$(ref.a.b) ${HOME} $${HOME} $", "$(ref.a.b) ${HOME} $${HOME} $"},
        {"escaped", "$${credential:token} $${credential_file:token}", "${credential:token} ${credential_file:token}"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(Credentials(folder.path()).fill_in(row.text).value() == row.filled);
    }
}

TEST_CASE("a bad reference to a credential is reported without any secret") {
    const Folder folder;
    struct Row {
        const char *name;
        std::string text, says;
    };
    const Row rows[] = {
        {"an unknown one", "${credential:tokn}",
         "(did you mean 'token'?): write LoadCredential=tokn:/path/of/its/file into the unit"},
        {"an unknown file", "${credential_file:x}", "there is no credential 'x'"},
        {"a folder", "${credential:folder}", "the credential 'folder' is a folder, not a file"},
        {"no end", "a ${credential:token", "has no end: write ${credential:NAME}"},
        {"no name", "${credential:}", "'' is not a credential's name"},
        {"another folder", "${credential_file:../token}", "'../token' is not a credential's name"},
        {"the folder above", "${credential_file:..}", "'..' is not a credential's name"},
        {"no text", "${credential:binary}",
         "is not a text: a setting that takes a file's path can have it as ${credential_file:binary}"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK_THAT(to_string(Credentials(folder.path()).fill_in(row.text).error()), ContainsSubstring(row.says));
    }
    CHECK_THAT(to_string(Credentials({}).fill_in("${credential:token}").error()), ContainsSubstring("systemd passes none"));
}

TEST_CASE("credentials are filled in anywhere in drivers' settings, and in no other setting") {
    const Folder folder;
    const Settings settings =
        parse_settings("targets:\n"
                       "  a:\n"
                       "    driver: d\n"
                       "    settings: {token: \"${credential:token}\", deep: [{x: \"${credential:token}\"}], count: 1}\n"
                       "driver_path: [\"/${credential:token}\"]\n",
                       "s.yaml", Credentials(folder.path()))
            .value();
    CHECK(settings.targets[0].settings ==
          boost::json::object{{"token", "s3cr3t-token"}, {"deep", {{{"x", "s3cr3t-token"}}}}, {"count", 1}});
    CHECK(settings.driver_path[0] == "/${credential:token}");
    // Messages about the settings do not show them.
    const Error located = settings.located({Code::invalid, "'s3cr3t-token' is not a URL", {}, {}}, settings.targets[0]);
    CHECK(to_string(located) == "s.yaml:4:5: target 'a': '(hidden)' is not a URL");
}

TEST_CASE("the content of a credential is shown in no form when its setting is wrong") {
    TempFolder folder;
    struct Row {
        const char *name;
        std::string secret;
    };
    const Row rows[] = {
        {"longer than what is shown", std::string(100, 'S') + std::string(2000, 'T')},
        {"two lines", "line-one-secret\nline-two-secret"},
        {"what is escaped", "it\"s'a\\secret"},
        {"part of another", "tok-secret-1234"},
        {"one byte", "e"},
        {"nothing", ""},
    };
    folder.write("part", "tok-");
    const std::string file = (folder / "settings.yaml").string();
    // Alone, the setting is refused when the target is made; beside another mistake, before that.
    for (const char *other_mistake : {"", "threads: 0\n"})
        for (const Row &row : rows) {
            INFO(row.name << ", " << other_mistake);
            folder.write("secret", row.secret);
            folder.write("settings.yaml",
                         std::string(other_mistake) +
                             "driver_path: [" TEST_BINARY_DIR "/drivers]\n"
                             "targets: {a: {driver: kubectl, settings: {context: \"${credential:part}\", transport: "
                             "\"${credential:secret}\", server: [\"${credential:secret}\"]}}}\n");
            const rsf::test::Ended ended =
                rsf::test::run_program({"/usr/bin/env", "CREDENTIALS_DIRECTORY=" + folder.path().string(),
                                        TEST_BINARY_DIR "/bin/resourcifierd", "check", "--settings", file});
            CHECK(ended.exit_code == 1);
            CHECK_THAT(ended.err, ContainsSubstring("'transport' is not one of"));
            for (const char *piece : {"SSSS", "line-one", "line-two", "it\\\"s", "it\"s", "secret-1234", "\"e\""})
                CHECK_THAT(ended.err, !ContainsSubstring(piece));
            CHECK(ended.err.size() < 4000);
        }
}

TEST_CASE("a missing credential is a mistake in the settings, with its place") {
    const auto settings =
        parse_settings("targets:\n  a:\n    driver: d\n    settings:\n      token: ${credential:none}\n", "s.yaml");
    CHECK_THAT(to_string(settings.error()),
               StartsWith("s.yaml:5:7: target 'a': there is no credential 'none', since systemd passes none"));
}
