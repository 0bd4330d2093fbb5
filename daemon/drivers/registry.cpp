// SPDX-License-Identifier: Apache-2.0
#include "drivers/registry.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string>

namespace rsf::drivers {

namespace {

namespace fs = std::filesystem;

// What the operator can do about a folder that can't be read.
std::string remedy(const std::error_code &failed) {
    if (failed == std::errc::no_such_file_or_directory) return "create it or change driver_path";
    if (failed == std::errc::permission_denied) return "let the daemon's user read it and enter all folders above it";
    if (failed == std::errc::not_a_directory) return "driver_path lists folders: name the folder that the file is in";
    return "change driver_path";
}

// The *.so entries of a folder, by name, so that every start sees the same order.
Result<std::vector<fs::path>> libraries_in(const fs::path &folder) {
    std::error_code failed;
    std::vector<fs::path> files;
    fs::directory_iterator entries(folder, failed);
    for (; !failed && entries != fs::directory_iterator(); entries.increment(failed))
        if (entries->path().extension() == ".so") files.push_back(entries->path());
    if (failed) {
        return Error{failed == std::errc::no_such_file_or_directory ? Code::not_found : Code::invalid,
                     "the driver folder can't be read: " + failed.message() + "; " + remedy(failed),
                     Place{folder.native(), 0, 0, {}},
                     {}};
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

Result<std::shared_ptr<const DriverKind>> describe_here(const std::shared_ptr<const DriverFile> &file) {
    const auto library = DriverLibrary::load(file);
    if (!library) return library.error();
    return (*library)->kind();
}

Registry Registry::scan(const std::vector<fs::path> &folders, Describe describe) {
    Registry registry;
    registry.describe_ = std::move(describe);
    registry.folders_ = folders;
    for (const fs::path &folder : folders) {
        auto files = libraries_in(folder);
        if (!files) {
            registry.refused_.push_back(files.error());
            continue;
        }
        for (const fs::path &file : *files) registry.add(file);
    }
    return registry;
}

void Registry::add(const fs::path &file) {
    auto looked = look_at(file);
    if (!looked) {
        refused_.push_back(looked.error());
        return;
    }
    const std::string &name = (*looked)->descriptor.name;
    for (const auto &driver : drivers_) {
        if (driver->descriptor.name != name) continue;
        refused_.push_back(already_exists("the driver's name '" + name + "' is taken already by " +
                                          driver->descriptor.file.native() +
                                          ", which comes first; name this one by its path, or remove one of the two")
                               .at(Place{file.native(), 0, 0, {}}));
        return;
    }
    drivers_.push_back(std::move(*looked));
}

Result<std::shared_ptr<const DriverKind>> Registry::find(std::string_view name) const {
    if (name.find('/') != std::string_view::npos) return find_file(name);
    std::vector<std::string_view> known;
    for (const auto &driver : drivers_) {
        if (driver->descriptor.name == name) return driver;
        known.push_back(driver->descriptor.name);
    }
    std::string message = "there is no driver " + in_quotes(name) + did_you_mean(name, known) + "; ";
    if (folders_.empty()) message += "driver_path names no folder to look in";
    for (std::size_t i = 0; i < folders_.size(); ++i) message += (i == 0 ? "looked in " : ", ") + folders_[i].native();
    std::vector<Error> files = refused_;
    std::erase_if(files,
                  [&](const Error &one) { return std::ranges::find(folders_, fs::path(one.place.file)) != folders_.end(); });
    return not_found(std::move(message)).because(std::move(files));
}

Result<std::shared_ptr<const DriverKind>> Registry::find_file(const fs::path &file) const {
    for (const auto &driver : drivers_)
        if (driver->descriptor.file == file) return driver;
    return look_at(file);
}

Result<std::shared_ptr<const DriverKind>> Registry::look_at(const fs::path &path) const {
    const auto file = DriverFile::open(path);
    if (!file) return file.error();
    return describe_(*file);
}

} // namespace rsf::drivers
