// SPDX-License-Identifier: Apache-2.0
//
// What the transports look at beside what they were asked to do, and what is made of what they see. A user who may not look loses
// nothing by it. Thread-safe.
#pragma once

#include "argument.hpp"

#include <resourcifier/driver.hpp>

#include <string>

namespace rsf::kubectl {

// The cluster says the same of an object that is absent and of one whose namespace is: but the latter is likely a slip. look:
// reads the namespace. Throws Error when it is not there.
template <class Look> void check_namespace_exists(const std::string &ns, Look look) {
    try {
        look();
    } catch (const Error &error) {
        if (error.code == Code::not_found)
            throw Error(Code::not_found, "There is no namespace " + in_quotes(ns) + ": mend the namespace, or create it.",
                        Retry::never);
        if (error.code != Code::forbidden) throw; // one may well be allowed to delete, but not to look at namespaces
    }
}

// wait: returns when the new CustomResourceDefinition is in force; objects of its kind are refused before that. False: nobody may
// see whether it is, and the log says so. Throws Error when it does not come in force in time.
template <class Wait> bool wait_until_in_force(const Host &host, const Call &call, const std::string &definition, Wait wait) {
    try {
        wait();
        return true;
    } catch (const Error &error) {
        if (error.code != Code::forbidden)
            throw Error(error.code,
                        "The CustomResourceDefinition " + definition + " was created, but is not in force yet: " + error.what(),
                        error.retry);
        host.log(LogLevel::warning,
                 "Whether the new CustomResourceDefinition " + definition + " is in force can't be seen: " + error.what(), &call);
        return false;
    }
}

} // namespace rsf::kubectl
