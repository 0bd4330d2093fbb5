// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/driver_extensions.hpp"

#include "drivers/abi/driver_values.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <limits>
#include <string_view>

namespace rsf::drivers {

namespace {

// Null when it is not offered. least: the size that the table had in the first release of this revision.
template <class Table>
Result<const Table *> find(const rsf_functions &functions, rsf_driver *driver, std::string_view id, std::size_t least) {
    const auto *table = static_cast<const Table *>(functions.get_extension(driver, text(id)));
    if (table == nullptr || (is_possible_size(table) && table->size >= least)) return table;
    return internal("its table for " + std::string(id) + " is " + std::to_string(table->size) + " bytes long, and must be " +
                    std::to_string(least));
}

Error null_function(const char *id) { return internal(std::string("its table for ") + id + " has a null function"); }

bool are_texts(const boost::json::value *value, bool (*is_good)(std::string_view)) {
    const boost::json::array *list = value ? value->if_array() : nullptr;
    return list && std::ranges::all_of(
                       *list, [&](const boost::json::value &entry) { return entry.is_string() && is_good(entry.get_string()); });
}

Result<boost::json::array> read_secret(rsf_text values) {
    boost::system::error_code failed;
    boost::json::value read;
    if (is_sound(values)) read = json_value(view(values), failed);
    const boost::json::array *list = failed ? nullptr : read.if_array();
    const auto is_entry = [](const boost::json::value &value) {
        const boost::json::object *entry = value.if_object();
        return entry && are_texts(entry->if_contains("types"), [](std::string_view type) { return !type.empty(); }) &&
               are_texts(entry->if_contains("paths"), [](std::string_view path) { return path.starts_with('/'); });
    };
    if (list && std::ranges::all_of(*list, is_entry)) return *list;
    return internal("what it says by " RSF_EXT_SECRET " is not a JSON array of {\"types\": [...], \"paths\": [\"/...\"]}");
}

} // namespace

Result<DriverExtensions> find_extensions(const rsf_functions &functions, rsf_driver *driver) {
    DriverExtensions found;
    auto order = find<rsf_order>(functions, driver, RSF_EXT_ORDER, sizeof(rsf_order));
    if (!order) return order.error();
    if (*order && (*order)->order == nullptr) return null_function(RSF_EXT_ORDER);
    auto batch = find<rsf_batch>(functions, driver, RSF_EXT_BATCH, sizeof(rsf_batch));
    if (!batch) return batch.error();
    if (*batch && (*batch)->perform == nullptr) return null_function(RSF_EXT_BATCH);
    auto dry_run = find<rsf_dry_run>(functions, driver, RSF_EXT_DRY_RUN, sizeof(rsf_dry_run));
    if (!dry_run) return dry_run.error();
    auto plan = find<rsf_plan>(functions, driver, RSF_EXT_PLAN, sizeof(rsf_plan));
    if (!plan) return plan.error();
    if (*plan && ((*plan)->begin == nullptr || (*plan)->step == nullptr || (*plan)->end == nullptr))
        return null_function(RSF_EXT_PLAN);
    auto health = find<rsf_health>(functions, driver, RSF_EXT_HEALTH, sizeof(rsf_health));
    if (!health) return health.error();
    if (*health && (*health)->check == nullptr) return null_function(RSF_EXT_HEALTH);
    auto settle = find<rsf_settle>(functions, driver, RSF_EXT_SETTLE, sizeof(rsf_settle));
    if (!settle) return settle.error();
    if (*settle && (*settle)->settle == nullptr) return null_function(RSF_EXT_SETTLE);
    auto kind = find<rsf_kind>(functions, driver, RSF_EXT_KIND, sizeof(rsf_kind));
    if (!kind) return kind.error();
    if (*kind && (*kind)->name == nullptr) return null_function(RSF_EXT_KIND);
    auto secret = find<rsf_secret>(functions, driver, RSF_EXT_SECRET, sizeof(rsf_secret));
    if (!secret) return secret.error();
    if (*secret) {
        auto values = read_secret((*secret)->values);
        if (!values) return values.error();
        found.offered.secret = *std::move(values);
    }
    found.order = *order;
    found.batch = *batch;
    found.plan = *plan;
    found.health = *health;
    found.settle = *settle;
    found.kind = *kind;
    if (*batch)
        found.offered.batch_limit =
            (*batch)->max_calls == 0 ? std::numeric_limits<std::size_t>::max() : std::size_t{(*batch)->max_calls};
    if (*order) found.offered.names.emplace_back(RSF_EXT_ORDER);
    if (*batch) found.offered.names.emplace_back(RSF_EXT_BATCH);
    if (*dry_run) found.offered.names.emplace_back(RSF_EXT_DRY_RUN);
    if (*plan) found.offered.names.emplace_back(RSF_EXT_PLAN);
    if (*health) found.offered.names.emplace_back(RSF_EXT_HEALTH);
    if (*secret) found.offered.names.emplace_back(RSF_EXT_SECRET);
    if (*settle) found.offered.names.emplace_back(RSF_EXT_SETTLE);
    if (*kind) found.offered.names.emplace_back(RSF_EXT_KIND);
    return found;
}

} // namespace rsf::drivers
