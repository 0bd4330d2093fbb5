// SPDX-License-Identifier: Apache-2.0
//
// Runs a command as a unit would have systemd run it, as far as that can be without systemd (confinement.hpp):
//   confined UNIT USER FOLDER COMMAND ARGUMENT...
// The command finds FOLDER at /opt, and may write to state, cache and run in it, which stand for /var/lib/resourcifier and so on.
// Whoever is not root runs it as himself, with FOLDER where it is and the whole file system in sight.
#include "confinement.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Directory {
    const char *name, *unit_key, *variable;
};
constexpr Directory directories[] = {{"state", "StateDirectory", "STATE_DIRECTORY"},
                                     {"cache", "CacheDirectory", "CACHE_DIRECTORY"},
                                     {"run", "RuntimeDirectory", "RUNTIME_DIRECTORY"}};

// place: where the command will find folder.
std::vector<fs::path> make_directories(const rsf::test::UnitFile &unit, const fs::path &folder, const fs::path &place,
                                       const passwd &user) {
    std::vector<fs::path> made;
    for (const auto &[name, key, variable] : directories) {
        const fs::path path = folder / name;
        fs::create_directories(path);
        const auto mode = static_cast<mode_t>(std::stoul(unit.value(std::string(key) + "Mode"), nullptr, 8));
        if (::chmod(path.c_str(), mode) != 0 || (::getuid() == 0 && ::chown(path.c_str(), user.pw_uid, user.pw_gid) != 0))
            throw std::runtime_error(path.string() + ": " + std::strerror(errno));
        made.push_back(place / name);
        ::setenv(variable, made.back().c_str(), 1);
    }
    ::setenv("HOME", (place / "state").c_str(), 1);
    ::unsetenv("KUBECONFIG"); // systemd's services have nothing of anybody's session
    ::unsetenv("TMPDIR");
    return made;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 5) {
        std::cerr << "usage: confined UNIT USER FOLDER COMMAND ARGUMENT...\n";
        return 2;
    }
    try {
        const rsf::test::UnitFile unit(argv[1], "Service");
        rsf::test::check_directives(unit);
        const passwd *const user = ::getpwnam(argv[2]);
        if (!user) throw std::runtime_error(std::string("there is no user ") + argv[2]);
        const passwd who = *user;
        const bool is_root = ::getuid() == 0;
        const fs::path folder = argv[3], place = is_root ? "/opt" : folder;
        const std::vector<fs::path> writable = make_directories(unit, folder, place, who);
        if (is_root) rsf::test::confine_view(unit, folder, place, writable);
        rsf::test::confine(unit, who.pw_uid, who.pw_gid);
    } catch (const std::exception &problem) {
        std::cerr << "confined: " << problem.what() << "\n";
        return 1;
    }
    ::execv(argv[4], argv + 4);
    std::cerr << "confined: " << argv[4] << ": " << std::strerror(errno) << "\n";
    return 1;
}
