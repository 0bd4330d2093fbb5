// SPDX-License-Identifier: Apache-2.0
//
// What the transports look at beside what they were asked to do, and what is made of what they see. A user who may not look loses
// nothing by it. Thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>

namespace rsf::kubectl {

// wait: returns when the new CustomResourceDefinition is in force; objects of its kind are refused before that. False: nobody may
// see whether it is, and the log says so. Throws Error when it does not come in force in time, or can't (conflict).
template <class Wait> bool wait_until_in_force(const Host &host, const Call &call, const std::string &definition, Wait wait) {
    try {
        wait();
        return true;
    } catch (const Error &error) {
        const std::string what = "The CustomResourceDefinition " + definition + " was created, but is not in force";
        if (error.code == Code::conflict) throw Error(error.code, what + ": " + error.what(), error.retry);
        if (error.code != Code::forbidden) throw Error(error.code, what + " yet: " + error.what(), error.retry);
        host.log(LogLevel::warning,
                 "Whether the new CustomResourceDefinition " + definition + " is in force can't be seen: " + error.what(), &call);
        return false;
    }
}

} // namespace rsf::kubectl
