// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_library.hpp"

#include "drivers/descriptor.hpp"
#include "drivers/driver_values.hpp"
#include "drivers/refusal.hpp"

#include <resourcifier/driver.h>

#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>
#include <unistd.h>

#include <system_error>

namespace rsf::drivers {

namespace {

namespace fs = std::filesystem;

constexpr const char *entry_symbol = "rsf_driver_entry";

// dlerror's own words, from what Boost.DLL throws, with the file's name instead of its descriptor's.
std::string loader_words(std::string thrown, const std::string &opened_as, const fs::path &file) {
    constexpr std::string_view mark = "(dlerror system message: ";
    if (const auto at = thrown.find(mark); at != std::string::npos) {
        thrown.erase(0, at + mark.size());
        thrown.resize(std::min(thrown.rfind(')'), thrown.size()));
    }
    for (auto at = thrown.find(opened_as); at != std::string::npos; at = thrown.find(opened_as))
        thrown.replace(at, opened_as.size(), file.filename().native());
    return thrown;
}

// Opens the checked descriptor as a library, for good. The loader takes two libraries with one name for the same one, so the name
// must never come to mean another file: once a library is loaded by it, the descriptor is never closed. The name has the
// process's number in it, so that a debugger finds the file too.
Result<boost::dll::shared_library> open_library(const DriverFile &file) {
    const std::string name = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file.descriptor());
    try {
        boost::dll::shared_library library(name, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        file.pin();
        if (void *pinned = ::dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE)) ::dlclose(pinned);
        return library;
    } catch (const std::system_error &error) {
        return invalid("the system can not load the library: " + loader_words(error.what(), name, file.path()));
    }
}

Result<const rsf_entry *> find_entry(const boost::dll::shared_library &library) {
    if (!library.has(entry_symbol))
        return invalid(std::string("the library does not export ") + entry_symbol +
                       "; a driver's source ends with RSF_DRIVER_ENTRY, and nothing may hide that symbol");
    return &library.get<const rsf_entry>(entry_symbol);
}

Result<void> check_entry(const rsf_entry &entry, AbiVersion noted) {
    if (entry.magic != RSF_ENTRY_MAGIC)
        return invalid(std::string(entry_symbol) + " is not a driver's entry: its magic is wrong");
    if (entry.size < sizeof(rsf_entry))
        return invalid("the driver's entry is " + std::to_string(entry.size) + " bytes long; driver ABI 1 needs " +
                       std::to_string(sizeof(rsf_entry)));
    const AbiVersion said{entry.abi_major, entry.abi_minor};
    if (said != noted)
        return invalid("the driver's entry says driver ABI " + to_string(said) + " and its ELF note " + to_string(noted) +
                       "; build it anew with one SDK");
    return {};
}

Result<void> check_functions(const rsf_functions *given) {
    if (given == nullptr) return invalid("the driver's entry has no function table");
    if (!is_possible_size(given))
        return invalid("the driver's function table says that it is " + std::to_string(given->size) +
                       " bytes long, which can not be");
    const rsf_functions functions = whole(given);
    const auto missing = [](const char *name) {
        return invalid(std::string("the driver's function table has no '") + name +
                       "'; all of create, destroy, perform and "
                       "get_extension are needed");
    };
    if (functions.create == nullptr) return missing("create");
    if (functions.destroy == nullptr) return missing("destroy");
    if (functions.perform == nullptr) return missing("perform");
    if (functions.get_extension == nullptr) return missing("get_extension");
    return {};
}

Result<const rsf_entry *> climb(const DriverFile &file, const std::function<void(Rung)> &on) {
    on(Rung::library);
    auto library = open_library(file);
    if (!library) return library.error();
    on(Rung::entry);
    auto entry = find_entry(*library);
    if (!entry) return entry;
    if (auto checked = check_entry(**entry, file.abi()); !checked) return checked.error();
    on(Rung::functions);
    if (auto checked = check_functions((*entry)->functions); !checked) return checked.error();
    return entry;
}

} // namespace

Result<std::shared_ptr<const DriverLibrary>> DriverLibrary::load(std::shared_ptr<const DriverFile> file,
                                                                 const std::function<void(Rung)> &told) {
    const auto on = [&](Rung rung) {
        if (told) told(rung);
    };
    auto entry = climb(*file, on);
    if (!entry) return at(file->path(), entry.error());
    on(Rung::descriptor);
    auto descriptor = copy_descriptor((*entry)->descriptor);
    if (!descriptor) return at(file->path(), descriptor.error());
    descriptor->abi_major = (*entry)->abi_major;
    descriptor->abi_minor = (*entry)->abi_minor;
    descriptor->file = file->path();
    std::shared_ptr<DriverLibrary> library(new DriverLibrary);
    library->kind_ = std::make_shared<const DriverKind>(DriverKind{std::move(file), std::move(*descriptor)});
    library->entry_ = *entry;
    return std::shared_ptr<const DriverLibrary>(std::move(library));
}

Result<std::shared_ptr<const DriverLibrary>> DriverLibrary::load(const fs::path &path, AbiVersion spoken,
                                                                 const std::function<void(Rung)> &on) {
    auto file = DriverFile::open(path, spoken, on);
    if (!file) return file.error();
    return load(std::move(*file), on);
}

} // namespace rsf::drivers
