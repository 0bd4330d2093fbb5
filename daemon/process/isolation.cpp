// SPDX-License-Identifier: Apache-2.0
#include "process/isolation.hpp"

#include "base/user.hpp"
#include "drivers/abi/abi_driver.hpp"
#include "drivers/abi/loaded_instance.hpp"
#include "drivers/driver_host.hpp"
#include "drivers/schema/settings_schema.hpp"
#include "process/remote_instance.hpp"

#include <resourcifier/json_text.hpp>

#include <unistd.h>

#include <chrono>
#include <utility>

namespace rsf::process {

namespace {

// The caller adds the name of the target.
Error of_driver(const std::string &driver, Error error) {
    error.message = "driver '" + driver + "': " + error.message;
    return error;
}

ProcessLimits limits_of_unknown_drivers() {
    constexpr const char *unprivileged = "nobody";
    const bool can_be = ::geteuid() == 0 && find_user(unprivileged);
    return {can_be ? unprivileged : "", 0, std::chrono::seconds(10)};
}

Result<std::unique_ptr<drivers::Instance>> load(const drivers::DriverKind &kind, const std::string &target,
                                                const std::string &settings, std::shared_ptr<drivers::Host> host) {
    auto library = drivers::DriverLibrary::load(kind.file);
    if (!library) return library.error();
    auto instance = drivers::LoadedInstance::create(std::move(*library), target, settings, std::move(host));
    if (!instance) return instance.error();
    return std::unique_ptr<drivers::Instance>(std::move(*instance));
}

Result<std::unique_ptr<drivers::Instance>> start_remote(const drivers::DriverKind &kind, const InstanceOptions &wanted,
                                                        std::string settings, std::shared_ptr<drivers::Host> host) {
    ProcessOptions options{wanted.program, kind.file, wanted.target, wanted.limits, wanted.abandon_after, -1, wanted.restarting};
    Creation creation{std::move(settings), host->secrets(), host->reaches_others()};
    auto instance = RemoteInstance::create(std::move(options), std::move(creation), wanted.timeout, std::move(host));
    if (!instance) return instance.error();
    return std::unique_ptr<drivers::Instance>(std::move(*instance));
}

} // namespace

drivers::Describe describe_apart(std::string program) {
    return [program = std::move(program)](
               const std::shared_ptr<const drivers::DriverFile> &file) -> Result<std::shared_ptr<const drivers::DriverKind>> {
        const auto host = std::make_shared<drivers::DriverHost>("-", std::vector<std::string>{}, nullptr, silent_log());
        const auto process = DriverProcess::start({program, file, "-", limits_of_unknown_drivers()}, host);
        if (!process) return process.error();
        (*process)->end();
        return std::make_shared<const drivers::DriverKind>(drivers::DriverKind{file, (*process)->descriptor()});
    };
}

Result<std::unique_ptr<drivers::Driver>> create_driver(std::shared_ptr<const drivers::DriverKind> kind,
                                                       const InstanceOptions &wanted, const boost::json::object &settings,
                                                       Log log, std::shared_ptr<drivers::OtherTargets> others) {
    const drivers::Descriptor &descriptor = kind->descriptor;
    auto applied = drivers::apply_schema(descriptor.settings_schema, settings, wanted.secrets);
    if (!applied) return of_driver(descriptor.name, applied.error());
    const auto host = std::make_shared<drivers::DriverHost>(
        wanted.target, drivers::secret_values(descriptor.settings_schema, *applied, wanted.secrets), std::move(others),
        std::move(log));
    std::string text = json_text(*applied);
    auto instance = wanted.isolation == Isolation::none ? load(*kind, wanted.target, text, host)
                                                        : start_remote(*kind, wanted, std::move(text), host);
    if (!instance) return of_driver(descriptor.name, instance.error());
    return make_driver({kind, &kind->descriptor}, std::move(*instance), host);
}

} // namespace rsf::process
