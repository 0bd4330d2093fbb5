// SPDX-License-Identifier: Apache-2.0
//
// extensions.hpp: the tables of the extensions that a driver offers by what it overrides, and the tables of its entry. Part of
// driver.hpp. C++17. Nothing thrown passes any of these functions; thread-safe where the driver is.
#ifndef RESOURCIFIER_DETAIL_EXTENSIONS_HPP
#define RESOURCIFIER_DETAIL_EXTENSIONS_HPP

#include "functions.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace rsf {
namespace detail {

// A sink for some calls of a batch: an answer to it is the answer of each of them.
struct BatchShare : rsf_sink {
    BatchShare(rsf_batch_sink *to, std::size_t from, std::size_t until)
        : rsf_sink{sizeof(rsf_sink), 0, on_succeed, on_fail}, batch(to), begin(from), end(until) {}

    static void on_succeed(rsf_sink *sink, const rsf_result *result) {
        const auto &self = *static_cast<const BatchShare *>(sink);
        for (std::size_t i = self.begin; i < self.end; ++i) self.batch->succeed(self.batch, i, result);
    }
    static void on_fail(rsf_sink *sink, const rsf_failure *failure) {
        const auto &self = *static_cast<const BatchShare *>(sink);
        for (std::size_t i = self.begin; i < self.end; ++i) self.batch->fail(self.batch, i, failure);
    }

    rsf_batch_sink *batch;
    std::size_t begin, end;
};

template <class D>
void perform_batch(rsf_driver *driver, const rsf_call *const *raw, std::size_t count, rsf_batch_sink *sink) noexcept {
    std::vector<BatchAnswer> answers;
    bool answered = false;
    BatchShare all(sink, 0, count);
    guarded(&all, [&] {
        std::vector<Call> calls;
        calls.reserve(count);
        for (std::size_t i = 0; i < count; ++i) calls.push_back(checked<D>(*raw[i]));
        answers = cpp(driver).driver->batch(calls);
        if (answers.size() != count)
            throw Error(Code::internal, "The driver answered " + std::to_string(answers.size()) + " calls of a batch of " +
                                            std::to_string(count) + ".");
        answered = true;
    });
    for (std::size_t i = 0; answered && i < count; ++i) {
        BatchShare one(sink, i, i + 1);
        if (const auto *done = std::get_if<Result>(&answers[i]))
            guarded(&one, [&] {
                check_result(Call(*raw[i]), *done);
                succeed(&one, *done);
            });
        else if (const auto *error = std::get_if<Error>(&answers[i]))
            fail(&one, *error);
    }
}

inline void check_health(rsf_driver *driver, rsf_sink *sink) noexcept {
    guarded(sink, [&] { succeed(sink, cpp(driver).driver->health()); });
}

// rsf_order_sink can't take a failure, and order is advice: without it the host writes each resource all the same. The log says
// why.
inline void order(rsf_driver *driver, rsf_text ns, const rsf_resource *const *resources, std::size_t count,
                  rsf_order_sink *sink) noexcept {
    Instance &instance = cpp(driver);
    try {
        std::vector<Resource> list;
        list.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            list.push_back({view(resources[i]->name), view(resources[i]->type), view(resources[i]->object)});
        for (const Before &edge : instance.driver->order(view(ns), list))
            sink->before(sink, edge.first, edge.then, text(edge.why));
    } catch (const std::exception &error) {
        const char *what = error.what();
        instance.host.log(LogLevel::error, "The driver threw an exception when it was asked for an order:");
        instance.host.log(LogLevel::error, what ? what : "it says nothing");
    } catch (...) {
        instance.host.log(LogLevel::error, "The driver threw something when it was asked for an order.");
    }
}

struct PlanInstance {
    PlanRequest request;
    std::unique_ptr<Planning> planning;
};

inline rsf_planning *begin_plan(rsf_driver *driver, const rsf_plan_request *raw, rsf_sink *sink) noexcept {
    rsf_planning *begun = nullptr;
    guarded(sink, [&] {
        auto plan = std::make_unique<PlanInstance>(PlanInstance{{raw->verb, view(raw->ns), {}}, nullptr});
        plan->request.resources.reserve(raw->count);
        for (std::size_t i = 0; i < raw->count; ++i)
            plan->request.resources.push_back(
                {view(raw->resources[i]->name), view(raw->resources[i]->type), view(raw->resources[i]->object)});
        plan->planning = cpp(driver).driver->plan(plan->request);
        begun = reinterpret_cast<rsf_planning *>(plan.release());
    });
    return begun;
}

inline void plan_step(rsf_driver *, rsf_planning *planning, std::size_t index, const rsf_call *call, rsf_text unknown,
                      rsf_sink *sink) noexcept {
    guarded(sink, [&] {
        std::vector<std::string> pointers;
        const json::value list = json_value(view(unknown));
        for (const json::value &pointer : list.as_array()) pointers.emplace_back(pointer.as_string());
        succeed(sink, reinterpret_cast<PlanInstance *>(planning)->planning->step(index, Call(*call), pointers));
    });
}

inline void end_plan(rsf_driver *, rsf_planning *planning) noexcept { delete reinterpret_cast<PlanInstance *>(planning); }

inline void settle(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) noexcept {
    guarded(sink, [&] {
        Settlement said = cpp(driver).driver->settle(Call(*call));
        json::object answer{{"settled", said.settled}};
        if (!said.reason.empty()) answer["reason"] = said.reason;
        if (!said.object.is_null()) answer["object"] = std::move(said.object);
        if (said.outcome == Outcome::created) answer["outcome"] = "created";
        if (said.outcome == Outcome::changed) answer["outcome"] = "changed";
        if (said.outcome == Outcome::unchanged) answer["outcome"] = "unchanged";
        Result result(answer);
        result.revision = std::move(said.revision);
        result.warnings = std::move(said.warnings);
        result.selflink = std::move(said.selflink);
        succeed(sink, result);
    });
}

inline void name_kind(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) noexcept {
    guarded(sink, [&] {
        const TypeName said = cpp(driver).driver->kind(Call(*call));
        succeed(sink, json::object{{"group", said.group},
                                   {"kind", said.kind},
                                   {"namespaced", said.namespaced},
                                   {"there", said.is_there ? json::value(*said.is_there) : json::value(nullptr)}});
    });
}

inline constexpr rsf_settle settle_table{sizeof(rsf_settle), 0, settle};
inline constexpr rsf_kind kind_table{sizeof(rsf_kind), 0, name_kind};

// Whether a member of a driver overrides one of Driver that returns R. Of older drivers these names may mean something else.
template <class R, class C> std::bool_constant<!std::is_same_v<C, Driver>> is_override(R (C::*)(const Call &));
template <class R> std::false_type is_override(...);
template <class D> constexpr bool offers_settle() { return decltype(is_override<Settlement>(&D::settle))::value; }
template <class D> constexpr bool offers_kind() { return decltype(is_override<TypeName>(&D::kind))::value; }

// The oldest minor of hosts that D is for: RSF_ABI_MINOR_WANTED, or that of the newest ability that it says or overrides.
template <class D> constexpr std::uint32_t abi_minor() {
    const bool is_of_1_1 = offers_settle<D>() || offers_kind<D>() || D::description.revisions;
    return is_of_1_1 && RSF_ABI_MINOR_WANTED < 1 ? 1u : std::uint32_t{RSF_ABI_MINOR_WANTED};
}

inline constexpr rsf_plan plan_table{sizeof(rsf_plan), 0, begin_plan, plan_step, end_plan};
template <class D> constexpr bool offers_plans() { return !std::is_same_v<decltype(&D::plan), decltype(&Driver::plan)>; }

template <class D> inline constexpr rsf_batch batch_table{sizeof(rsf_batch), D::description.max_batch, perform_batch<D>};
template <class D> constexpr bool offers_batches() { return !std::is_same_v<decltype(&D::batch), decltype(&Driver::batch)>; }

template <class D> constexpr bool offers_order() { return !std::is_same_v<decltype(&D::order), decltype(&Driver::order)>; }
template <class D> constexpr bool offers_health() { return !std::is_same_v<decltype(&D::health), decltype(&Driver::health)>; }

inline constexpr rsf_order order_table{sizeof(rsf_order), 0, order};
inline constexpr rsf_dry_run dry_run_table{sizeof(rsf_dry_run), 0};
inline constexpr rsf_health health_table{sizeof(rsf_health), 0, check_health};
template <class D> inline constexpr rsf_secret secret_table{sizeof(rsf_secret), 0, text(D::description.secret)};

template <class D> const void *get_extension(rsf_driver *driver, rsf_text id) noexcept {
    if (offers_order<D>() && view(id) == RSF_EXT_ORDER) return &order_table;
    if (offers_health<D>() && view(id) == RSF_EXT_HEALTH) return &health_table;
    if (offers_settle<D>() && view(id) == RSF_EXT_SETTLE) return &settle_table;
    if (offers_kind<D>() && view(id) == RSF_EXT_KIND) return &kind_table;
    if (D::description.dry_run && view(id) == RSF_EXT_DRY_RUN) return &dry_run_table;
    if (!D::description.secret.empty() && view(id) == RSF_EXT_SECRET) return &secret_table<D>;
    try {
        if (offers_batches<D>() && view(id) == RSF_EXT_BATCH)
            return cpp(driver).driver->takes_batches() ? &batch_table<D> : nullptr;
        if (offers_plans<D>() && view(id) == RSF_EXT_PLAN) return cpp(driver).driver->makes_plans() ? &plan_table : nullptr;
        return cpp(driver).driver->extension(view(id));
    } catch (...) {
        return nullptr;
    }
}

template <class D>
inline constexpr rsf_descriptor descriptor{sizeof(rsf_descriptor),
                                           (D::description.concurrent ? std::uint32_t{RSF_DRIVER_CONCURRENT} : 0u) |
                                               (D::description.revisions ? std::uint32_t{RSF_DRIVER_REVISIONS} : 0u),
                                           capabilities<D>(),
                                           text(D::description.name),
                                           text(D::description.version),
                                           text(D::description.vendor),
                                           text(D::description.url),
                                           text(D::description.summary),
                                           text(D::description.settings_schema)};

template <class D>
inline constexpr rsf_functions functions{sizeof(rsf_functions), 0, create<D>, destroy, perform<D>, get_extension<D>};

} // namespace detail
} // namespace rsf

#endif
