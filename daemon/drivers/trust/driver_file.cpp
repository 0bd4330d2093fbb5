// SPDX-License-Identifier: Apache-2.0
#include "drivers/trust/driver_file.hpp"

#include <resourcifier/abi.h>

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace rsf::drivers {

namespace {

namespace fs = std::filesystem;

Result<void> check_version(AbiVersion driver, AbiVersion spoken) {
    const std::string both = "the driver speaks driver ABI " + to_string(driver) + " and this daemon " + to_string(spoken) + ": ";
    if (driver.major != spoken.major)
        return unsupported(both + "another major version can't be loaded; get a build of the driver for driver ABI " +
                           std::to_string(spoken.major));
    if (driver.minor > spoken.minor) return unsupported(both + "update the daemon, or get an older build of the driver");
    return {};
}

} // namespace

AbiVersion own_abi() { return {RSF_ABI_MAJOR, RSF_ABI_MINOR}; }

Result<std::shared_ptr<const DriverFile>> DriverFile::open(const fs::path &path, AbiVersion spoken,
                                                           const std::function<void(Rung)> &on) {
    const auto told = [&](Rung rung) {
        if (on) on(rung);
    };
    told(Rung::file);
    auto opened = open_trusted(path);
    if (!opened) return opened.error();
    told(Rung::note);
    auto file = inherit(std::move(*opened), path);
    if (!file) return file;
    told(Rung::version);
    if (auto fits = check_version((*file)->abi(), spoken); !fits) return Error(fits.error()).in_file(path.native());
    return file;
}

Result<std::shared_ptr<const DriverFile>> DriverFile::inherit(FileDescriptor opened, const fs::path &path) {
    auto noted = read_abi_note(opened.get(), path);
    if (!noted) return Error(noted.error()).in_file(path.native());
    const std::shared_ptr<DriverFile> file(new DriverFile);
    file->path_ = path;
    file->opened_ = std::move(opened);
    file->abi_ = *noted;
    if (auto checked = file->check(); !checked) return Error(checked.error()).in_file(path.native());
    return std::shared_ptr<const DriverFile>(file);
}

Result<void> DriverFile::check() {
    struct stat status {};
    if (::fstat(opened_.get(), &status) != 0)
        return invalid("the file can't be examined: " + std::generic_category().message(errno));
    device_ = status.st_dev;
    inode_ = status.st_ino;
    written_ = status.st_mtim;
    return {};
}

bool DriverFile::is_same(const DriverFile &other) const {
    return path_ == other.path_ && device_ == other.device_ && inode_ == other.inode_ &&
           written_.tv_sec == other.written_.tv_sec && written_.tv_nsec == other.written_.tv_nsec;
}

} // namespace rsf::drivers
