// SPDX-License-Identifier: Apache-2.0
//
// ${credential:NAME} in the settings of drivers.
#include "credentials.hpp"
#include "settings.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <filesystem>

using namespace rsf::daemon;
using rsf::test::TemporaryFolder;
using rsf::test::write_file;

namespace {

class Folder {
  public:
    Folder() {
        write_file(path() / "token", "s3cr3t-token\n");
        write_file(path() / "pair", "two\nlines");
        write_file(path() / "empty", "");
        write_file(path() / "binary", std::string_view("a\0b", 3));
    }
    const std::filesystem::path &path() const { return folder_.path(); }

  private:
    TemporaryFolder folder_;
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
        {"a file", "${credential_file:binary}", (folder.path() / "binary").string()},
        {"none", "$(ref.a.b) ${HOME} $${HOME} $", "$(ref.a.b) ${HOME} $${HOME} $"},
        {"escaped", "$${credential:token} $${credential_file:token}", "${credential:token} ${credential_file:token}"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(Credentials(folder.path()).fill_in(row.text).value() == row.filled);
    }
}

TEST_CASE("what is wrong with a reference to a credential is said, and no secret with it") {
    const Folder folder;
    struct Row {
        const char *name;
        std::string text, says;
    };
    const Row rows[] = {
        {"an unknown one", "${credential:tokn}",
         "(did you mean 'token'?): write LoadCredential=tokn:/path/of/its/file into the unit"},
        {"an unknown file", "${credential_file:x}", "there is no credential 'x'"},
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

TEST_CASE("drivers' settings have their credentials filled in, wherever they stand, and nothing else has") {
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
    // Nor are they told in what is said of the settings.
    const Error located = settings.located({Code::invalid, "'s3cr3t-token' is not a URL", {}, {}}, settings.targets[0]);
    CHECK(to_string(located) == "s.yaml:4:5: target 'a': '(hidden)' is not a URL");
}

TEST_CASE("a credential that is not there is a mistake in the settings, with its place") {
    const auto settings =
        parse_settings("targets:\n  a:\n    driver: d\n    settings:\n      token: ${credential:none}\n", "s.yaml");
    CHECK_THAT(to_string(settings.error()), StartsWith("s.yaml:5:7: there is no credential 'none', since systemd passes none"));
}
