// SPDX-License-Identifier: Apache-2.0
#include "run/operation_secrets.hpp"

#include "graph/reference_value.hpp"
#include "masking/json_members.hpp"
#include "masking/secret_values.hpp"
#include "parse/references.hpp"

#include <resourcifier/json_text.hpp>

#include <exception>
#include <new>
#include <optional>

namespace rsf::run {

void OperationSecrets::learn(const boost::json::object &object, std::string_view type) {
    const auto add = [this](std::string_view value) {
        if (!masking::has_reference(value)) search_.add(value, "(secret)"); // else its value comes with the driver's answer
    };
    masking::each_secret(object, type, add);
    if (!marks_.has(type, masking::text_at(object, "kind"))) return;
    boost::json::object copy = object;
    marks_.visit(type, copy, [&](const boost::json::value &value) {
        masking::each_secret_part(value.is_string() ? std::string(value.get_string()) : json_text(value), add);
    });
}

bool OperationSecrets::may_hold_any(const boost::json::object &object, std::string_view type) const {
    return masking::is_secret(object, type) || marks_.has(type, masking::text_at(object, "kind"));
}

void OperationSecrets::learn_answer(const boost::json::value &object, std::string_view type) noexcept try {
    const boost::json::object *answered = object.if_object();
    if (answered && may_hold_any(*answered, type)) learn(*answered, type);
} catch (const std::exception &) { // from now on failures are not shown at all
    is_complete_ = false;
}

// Values of other resources that references insert into it are secret wherever they occur.
void OperationSecrets::learn_referenced(const parse::Resource &resource, const Named &all) {
    if (!may_hold_any(resource.properties, resource.type)) return;
    const auto posted_value = [&](const parse::Reference &reference) -> Result<boost::json::value> {
        for (auto [at, end] = all.equal_range(reference.name); at != end; ++at)
            if (Result<boost::json::value> value = graph::value_for(at->second->properties, reference.path, std::nullopt))
                return value;
        return boost::json::value("$(ref."); // known once the other object exists
    };
    if (const Result<boost::json::object> filled_in = parse::resolve(resource.properties, posted_value))
        learn(*filled_in, resource.type);
}

void OperationSecrets::learn_all(const parse::Configuration &configuration) {
    if (!is_complete_) throw std::bad_alloc();
    if (knows_configuration_) return;
    Named all;
    for (const parse::Resource &resource : configuration.resources) all.emplace(resource.name, &resource);
    for (const parse::Resource &resource : configuration.resources) {
        learn(resource.properties, resource.type);
        learn_referenced(resource, all);
    }
    knows_configuration_ = true;
}

void OperationSecrets::hide(drivers::Failure &failure, const parse::Configuration &configuration) noexcept try {
    learn_all(configuration);
    failure.message = search_.masked_text(std::move(failure.message));
    search_.mask(failure.details);
} catch (const std::exception &) {
    failure.message = "out of memory"; // short enough to need none
    failure.details = nullptr;
}

void OperationSecrets::hide(std::string &message, const parse::Configuration &configuration) noexcept try {
    learn_all(configuration);
    message = search_.masked_text(std::move(message));
} catch (const std::exception &) {
    message = "out of memory";
}

} // namespace rsf::run
