// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_extensions.hpp"

#include "drivers/driver_values.hpp"

namespace rsf::daemon {

namespace {

// Null when it is not offered. least: the size that the table had in the first release of this revision.
template <class Table>
Result<const Table *> find(const rsf_functions &functions, rsf_driver *driver, std::string_view id, std::size_t least) {
    const auto *table = static_cast<const Table *>(functions.get_extension(driver, text(id)));
    if (table == nullptr || (is_possible_size(table) && table->size >= least)) return table;
    return Error{Code::internal,
                 "its table for " + std::string(id) + " is " + std::to_string(table->size) + " bytes long, and must be " +
                     std::to_string(least),
                 {},
                 {}};
}

Error null_function(const char *id) {
    return {Code::internal, std::string("its table for ") + id + " has a null function", {}, {}};
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
    found.order = *order;
    found.batch = *batch;
    found.plan = *plan;
    found.health = *health;
    if (*order) found.names.emplace_back(RSF_EXT_ORDER);
    if (*batch) found.names.emplace_back(RSF_EXT_BATCH);
    if (*dry_run) found.names.emplace_back(RSF_EXT_DRY_RUN);
    if (*plan) found.names.emplace_back(RSF_EXT_PLAN);
    if (*health) found.names.emplace_back(RSF_EXT_HEALTH);
    return found;
}

} // namespace rsf::daemon
