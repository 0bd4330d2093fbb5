// SPDX-License-Identifier: Apache-2.0
#include "residence.hpp"

#include <boost/json/parse.hpp>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace rsf::process::test {

Isolation wanted_isolation() {
    const char *const wanted = std::getenv("RSF_TEST_ISOLATION");
    return wanted && std::string_view(wanted) == "process" ? Isolation::process : Isolation::none;
}

InstanceOptions instance_options(Isolation isolation) {
    InstanceOptions made;
    made.target = "prod";
    made.isolation = isolation;
    made.program = TEST_BINARY_DIR "/bin/resourcifierd";
    return made;
}

Result<std::shared_ptr<const drivers::DriverKind>> kind_of(const std::string &name, drivers::AbiVersion spoken) {
    const auto file = drivers::DriverFile::open(library(name), spoken);
    if (!file) return file.error();
    const InstanceOptions where = instance_options();
    return where.isolation == Isolation::none ? drivers::describe_here(*file) : describe_apart(where.program)(*file);
}

Result<std::unique_ptr<drivers::Driver>> create(const std::string &name, const std::string &settings, Log log) {
    return create_driver(taken(kind_of(name)), instance_options(), boost::json::parse(settings).as_object(), std::move(log));
}

std::unique_ptr<drivers::Driver> made(const std::string &name, const std::string &settings, Log log) {
    return taken(create(name, settings, std::move(log)));
}

} // namespace rsf::process::test
