// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/driver_library.hpp"

#include "drivers/abi/descriptor.hpp"
#include "drivers/abi/driver_values.hpp"

#include "shared/mutex.hpp"

#include <resourcifier/driver.h>

#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace rsf::drivers {

namespace {

namespace fs = std::filesystem;

constexpr const char *entry_symbol = "rsf_driver_entry";

// dlerror's text, from Boost.DLL's exception, with the file's name instead of its descriptor's.
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

// The files whose libraries this process has loaded. They stay open and loaded: a file that is opened again, as by a reload, is
// loaded by the descriptor of the first time. Thread-safe.
class LoadedFiles {
  public:
    Result<boost::dll::shared_library> load(const std::shared_ptr<const DriverFile> &file) {
        const shared::Lock lock(mutex_);
        const auto known = std::ranges::find_if(files_, [&](const auto &other) { return other->is_same(*file); });
        if (known != files_.end()) return open(**known);
        files_.push_back(file);
        auto library = open(*file);
        if (!library) files_.pop_back();
        return library;
    }

  private:
    // Opens the checked descriptor as a library that stays loaded. The loader takes two libraries with one name for the same one,
    // so the name must never refer to another file: once a library is loaded by it, the descriptor is never closed. The process
    // id is part of the name, so that a debugger finds the file too.
    static Result<boost::dll::shared_library> open(const DriverFile &file) {
        const std::string name = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file.descriptor());
        try {
            boost::dll::shared_library library(name, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
            if (void *pinned = ::dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE)) ::dlclose(pinned);
            return library;
        } catch (const std::system_error &error) {
            return invalid("the system can't load the library: " + loader_words(error.what(), name, file.path()));
        }
    }

    shared::Mutex mutex_;
    std::vector<std::shared_ptr<const DriverFile>> files_ GUARDED_BY(mutex_);
};

Result<boost::dll::shared_library> open_library(const std::shared_ptr<const DriverFile> &file) {
    static auto *const loaded = new LoadedFiles; // never destroyed: the files stay open
    return loaded->load(file);
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
                       "; rebuild it with one SDK");
    return {};
}

Result<void> check_functions(const rsf_functions *given) {
    if (given == nullptr) return invalid("the driver's entry has no function table");
    if (!is_possible_size(given))
        return invalid("the driver's function table says that it is " + std::to_string(given->size) +
                       " bytes long, which is impossible");
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

Result<const rsf_entry *> climb(const std::shared_ptr<const DriverFile> &file, const std::function<void(Rung)> &on) {
    on(Rung::library);
    auto library = open_library(file);
    if (!library) return library.error();
    on(Rung::entry);
    auto entry = find_entry(*library);
    if (!entry) return entry;
    if (auto checked = check_entry(**entry, file->abi()); !checked) return checked.error();
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
    auto entry = climb(file, on);
    if (!entry) return Error(entry.error()).in_file(file->path().native());
    on(Rung::descriptor);
    auto descriptor = copy_descriptor((*entry)->descriptor);
    if (!descriptor) return Error(descriptor.error()).in_file(file->path().native());
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
