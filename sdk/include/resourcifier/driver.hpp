// SPDX-License-Identifier: Apache-2.0
//
// driver.hpp: the driver ABI for C++17 and later, header-only. Derive from rsf::Driver, override the verbs that you
// support, throw rsf::Error for what goes wrong, and end one source file with RSF_CPP_DRIVER(YourDriver). Values are
// Boost.JSON (link Boost::json). Whatever else is thrown stops at the barrier below and becomes RSF_INTERNAL.
// Threads: a driver's verbs are called one at a time, unless its description says concurrent.
//
//     class Echo : public rsf::Driver {
//       public:
//         static constexpr rsf::Description description{"echo", "1.0.0", "Example Ltd", "https://example.org",
//                                                       "says what it was given", R"({"type": "object"})"};
//         Echo(rsf::Host host, const boost::json::object &settings);
//         rsf::Result get(const rsf::Call &call) override;
//     };
//     RSF_CPP_DRIVER(Echo)
#ifndef RESOURCIFIER_DRIVER_HPP
#define RESOURCIFIER_DRIVER_HPP

#include "object_identity.hpp"
#include "resourcifier.h"

#include "json_text.hpp"

#if !defined(__cpp_exceptions)
#error "driver.hpp needs exceptions: without them, write the driver with the C headers alone."
#endif

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace rsf {

namespace json = boost::json;

enum class Code : std::int32_t {
    not_found = RSF_NOT_FOUND,
    already_exists = RSF_ALREADY_EXISTS,
    conflict = RSF_CONFLICT,
    invalid = RSF_INVALID,
    unauthorized = RSF_UNAUTHORIZED,
    forbidden = RSF_FORBIDDEN,
    unavailable = RSF_UNAVAILABLE,
    timeout = RSF_TIMEOUT,
    cancelled = RSF_CANCELLED,
    unsupported = RSF_UNSUPPORTED,
    internal = RSF_INTERNAL,
};

enum class Retry : std::int32_t { unknown = RSF_RETRY_UNKNOWN, never = RSF_RETRY_NEVER, later = RSF_RETRY_LATER };

enum class Outcome : std::uint32_t {
    done = RSF_OUTCOME_DONE,
    unchanged = RSF_OUTCOME_UNCHANGED,
    created = RSF_OUTCOME_CREATED,
    changed = RSF_OUTCOME_CHANGED,
};

enum class LogLevel : std::int32_t {
    debug = RSF_LOG_DEBUG,
    info = RSF_LOG_INFO,
    warning = RSF_LOG_WARNING,
    error = RSF_LOG_ERROR,
};

// What a verb throws when it can't do its work. message is a sentence for people and holds no secret. A code of the driver's own
// is static_cast<Code>(RSF_DRIVER_CODES + n).
class Error : public std::runtime_error {
  public:
    Error(Code what_kind, const std::string &message, Retry again = Retry::unknown, std::chrono::milliseconds after = {},
          json::value more = nullptr)
        : std::runtime_error(message), code(what_kind), retry(again), retry_after(after), details(std::move(more)) {}

    Code code;
    Retry retry;
    std::chrono::milliseconds retry_after;
    json::value details; // null: none
};

constexpr std::string_view view(rsf_text text) {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}
constexpr rsf_text text(std::string_view view) { return {view.data(), view.size()}; }

// One call, for as long as it lasts. Views and the Call itself die with it.
class Call {
  public:
    explicit Call(const rsf_call &raw) : raw_(&raw) {}

    std::uint32_t verb() const { return raw_->verb; }
    std::string_view type() const { return view(raw_->type); }
    std::string_view name() const { return view(raw_->name); }
    std::string_view ns() const { return view(raw_->ns); }
    std::string_view label_selector() const { return view(raw_->label_selector); }
    std::string_view field_selector() const { return view(raw_->field_selector); }
    std::string_view request_id() const { return view(raw_->request_id); }
    std::string_view object_text() const { return view(raw_->object); }
    bool dry_run() const { return (raw_->flags & RSF_CALL_DRY_RUN) != 0; }
    bool all_namespaces() const { return (raw_->flags & RSF_CALL_ALL_NAMESPACES) != 0; }
    bool cancelled() const { return raw_->cancelled(raw_) != 0; }

    std::chrono::steady_clock::time_point deadline() const {
        return std::chrono::steady_clock::time_point{std::chrono::nanoseconds{raw_->deadline_ns}};
    }

    // The object of a write. Parsed anew at each call: keep it.
    json::object object() const {
        boost::system::error_code failed;
        json::value parsed = json_value(object_text(), failed);
        if (failed == json::error::exponent_overflow)
            throw Error(Code::invalid, "The object holds a number that is too large.", Retry::never);
        if (failed || !parsed.is_object()) throw Error(Code::invalid, "The object is not a JSON object.", Retry::never);
        return std::move(parsed.get_object());
    }

    const rsf_call &raw() const { return *raw_; }

  private:
    const rsf_call *raw_;
};

// What a verb that succeeded returns: for get, create, replace and apply the object as the cluster holds it now; for list an
// object with "items"; for remove nothing. An object shaped as Kubernetes' are that is another one than the object of the write
// fails the call.
struct Result {
    Result() = default;
    Result(const json::value &object, Outcome how = Outcome::done, std::string link = {})
        : text(json_text(object)), outcome(how), selflink(std::move(link)) {}
    Result(const json::object &object, Outcome how = Outcome::done, std::string link = {})
        : text(json_text(object)), outcome(how), selflink(std::move(link)) {}

    // For drivers that hold the answer as JSON text already.
    static Result from_text(std::string json_text, Outcome how = Outcome::done, std::string link = {}) {
        Result result;
        result.text = std::move(json_text);
        result.outcome = how;
        result.selflink = std::move(link);
        return result;
    }

    std::string text; // JSON, or empty
    Outcome outcome = Outcome::done;
    std::string selflink;
};

// The host, for as long as the driver lives. Copyable; thread-safe.
class Host {
  public:
    explicit Host(const rsf_host *raw) : raw_(raw), log_(extension<rsf_log>(RSF_EXT_LOG)) {}

    std::string_view target() const { return view(raw_->target); }

    // Does nothing where the host keeps no log.
    void log(LogLevel level, std::string_view message, const Call *during = nullptr) const {
        if (log_) log_->write(raw_, during ? &during->raw() : nullptr, static_cast<std::int32_t>(level), text(message));
    }

    template <class Table> const Table *extension(std::string_view id) const {
        return static_cast<const Table *>(raw_->get_extension(raw_, text(id)));
    }

    const rsf_host *raw() const { return raw_; }

  private:
    const rsf_host *raw_;
    const rsf_log *log_;
};

struct Description {
    std::string_view name;
    std::string_view version;
    std::string_view vendor;
    std::string_view url;
    std::string_view summary;
    std::string_view settings_schema;
    bool concurrent = false;      // verbs may run on several threads at once
    bool dry_run = false;         // offers rsf.dry_run/1: see its promise in extensions.h
    std::string_view secret = {}; // JSON as in rsf_secret: offers rsf.secret/1
    std::uint32_t max_batch = 0;  // for batch(): the most calls that it wants at once; 0: no limit
};

// How one call of a batch ended.
using BatchAnswer = std::variant<Result, Error>;

// A resource as posted, for order().
struct Resource {
    std::string_view name;
    std::string_view type;
    std::string_view object_text;
};

struct Before {
    std::size_t first;
    std::size_t then;
    std::string_view why; // a literal, or else outliving the call
};

// What a plan is for. The resources live as long as the plan.
struct PlanRequest {
    std::uint32_t verb; // RSF_CREATE, RSF_REPLACE, RSF_APPLY or RSF_DELETE
    std::string_view ns;
    std::vector<Resource> resources;
};

// A plan that is being made (rsf.plan/1). Its steps may run on several threads at once if the driver is concurrent.
class Planning {
  public:
    Planning() = default;
    Planning(const Planning &) = delete;
    Planning &operator=(const Planning &) = delete;
    virtual ~Planning() = default;

    // The step that rsf_plan describes. unknown: pointers into call.object() at which a value is not known yet.
    virtual json::object step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) = 0;
};

class Driver {
  public:
    Driver() = default;
    Driver(const Driver &) = delete;
    Driver &operator=(const Driver &) = delete;
    virtual ~Driver() = default;

    virtual Result list(const Call &) { throw not_supported("list"); }
    virtual Result get(const Call &) { throw not_supported("get"); }
    virtual Result create(const Call &) { throw not_supported("create"); }
    virtual Result replace(const Call &) { throw not_supported("replace"); }
    virtual Result remove(const Call &) { throw not_supported("delete"); }
    // Its outcome says whether it created, changed or found all as wanted.
    virtual Result apply(const Call &) { throw not_supported("apply"); }

    // Overriding it offers rsf.order/1. ns: the namespace that the client asked for, or empty. What it throws costs the order,
    // not the resources.
    virtual std::vector<Before> order(std::string_view /*ns*/, const std::vector<Resource> &) { return {}; }

    // Overriding it offers rsf.batch/1: many calls of one verb as one, of which none depends on another. An answer for each, in
    // their order. What it throws fails them all. Where takes_batches() says no, which is asked once the driver is made, it is
    // not offered.
    virtual std::vector<BatchAnswer> batch(const std::vector<Call> &) { throw not_supported("batches"); }
    virtual bool takes_batches() const { return true; }

    // Overriding it offers rsf.health/1: {"ok": true}, or {"ok": false, "reason": "a sentence"}, and whatever else people may
    // want to know. From any thread, also during other calls; answers at once. What it throws counts as not ok.
    virtual json::object health() const { return {{"ok", true}}; }

    // Overriding it offers rsf.plan/1, where makes_plans() says so too, which is asked once the driver is made.
    virtual std::unique_ptr<Planning> plan(const PlanRequest &) { throw not_supported("plans"); }
    virtual bool makes_plans() const { return true; }

    // For abilities that this header has no words for: the table for id, constant for as long as the driver lives,
    // or nullptr.
    virtual const void *extension(std::string_view /*id*/) { return nullptr; }

  private:
    static Error not_supported(const char *verb) {
        return {Code::unsupported, std::string("This driver does not support ") + verb + ".", Retry::never};
    }
};

// What RSF_CPP_DRIVER is made of. Nothing thrown passes any of these functions.
namespace detail {

inline void fail(rsf_sink *sink, std::int32_t code, std::string_view message, Retry retry = Retry::unknown,
                 std::chrono::milliseconds retry_after = {}, std::string_view details = {}) noexcept {
    rsf_failure failure{};
    failure.size = sizeof failure;
    failure.code = code;
    failure.message = text(message.empty() ? "The driver gave no reason." : message);
    failure.retry = static_cast<std::int32_t>(retry);
    failure.retry_after_ms = retry_after.count();
    failure.details = text(details);
    sink->fail(sink, &failure);
}

// Memory may be what is short: then the message goes without its ornaments.
inline void fail(rsf_sink *sink, const Error &error) noexcept {
    std::string details;
    try {
        if (!error.details.is_null()) details = json_text(error.details);
    } catch (...) {
        details.clear();
    }
    fail(sink, static_cast<std::int32_t>(error.code), error.what(), error.retry, error.retry_after, details);
}

inline void fail(rsf_sink *sink, const std::exception &error) noexcept {
    const char *what = error.what();
    std::string message;
    try {
        message = std::string("The driver threw an exception: ") + (what ? what : "it says nothing");
    } catch (...) {
        message.clear();
    }
    fail(sink, RSF_INTERNAL, message.empty() ? std::string_view("The driver threw an exception.") : message);
}

inline void succeed(rsf_sink *sink, const Result &done) noexcept {
    rsf_result result{};
    result.size = sizeof result;
    result.outcome = static_cast<std::uint32_t>(done.outcome);
    result.object = text(done.text);
    result.selflink = text(done.selflink);
    sink->succeed(sink, &result);
}

// The barrier: runs work and turns whatever it throws, an int too, into a failure.
template <class Work> void guarded(rsf_sink *sink, Work &&work) noexcept {
    try {
        work();
    } catch (const Error &error) {
        fail(sink, error);
    } catch (const std::bad_alloc &) {
        fail(sink, RSF_INTERNAL, "The driver ran out of memory.", Retry::later);
    } catch (const std::exception &error) {
        fail(sink, error);
    } catch (...) {
        fail(sink, RSF_INTERNAL, "The driver threw something that is not a std::exception.");
    }
}

// The driver.h rule for names, so that a wrong one does not compile.
constexpr bool is_driver_name(std::string_view name) {
    if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
    for (const char c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    return true;
}

// An override that is not public does not compile here.
template <class D> constexpr std::uint64_t capabilities() {
    using Default = Result (Driver::*)(const Call &);
    return (std::is_same_v<decltype(&D::list), Default> ? 0 : RSF_CAN_LIST) |
           (std::is_same_v<decltype(&D::get), Default> ? 0 : RSF_CAN_GET) |
           (std::is_same_v<decltype(&D::create), Default> ? 0 : RSF_CAN_CREATE) |
           (std::is_same_v<decltype(&D::replace), Default> ? 0 : RSF_CAN_REPLACE) |
           (std::is_same_v<decltype(&D::remove), Default> ? 0 : RSF_CAN_DELETE) |
           (std::is_same_v<decltype(&D::apply), Default> ? 0 : RSF_CAN_APPLY);
}

template <class D> constexpr bool offers_order() { return !std::is_same_v<decltype(&D::order), decltype(&Driver::order)>; }
template <class D> constexpr bool offers_health() { return !std::is_same_v<decltype(&D::health), decltype(&Driver::health)>; }

// What the host's rsf_driver pointer points to.
struct Instance {
    Host host;
    std::unique_ptr<Driver> driver;
};

inline Instance &cpp(rsf_driver *driver) { return *reinterpret_cast<Instance *>(driver); }

inline Result dispatch(Driver &driver, const Call &call) {
    switch (call.verb()) {
    case RSF_LIST: return driver.list(call);
    case RSF_GET: return driver.get(call);
    case RSF_CREATE: return driver.create(call);
    case RSF_REPLACE: return driver.replace(call);
    case RSF_DELETE: return driver.remove(call);
    case RSF_APPLY: return driver.apply(call);
    default: throw Error(Code::unsupported, "This driver does not know verb " + std::to_string(call.verb()) + ".", Retry::never);
    }
}

template <class D> rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) noexcept {
    rsf_driver *made = nullptr;
    guarded(sink, [&] {
        const json::value parsed = json_value(view(settings));
        auto instance = std::make_unique<Instance>(Instance{Host(host), nullptr});
        instance->driver = std::make_unique<D>(instance->host, parsed.as_object());
        made = reinterpret_cast<rsf_driver *>(instance.release());
    });
    return made;
}

inline void destroy(rsf_driver *driver) noexcept { delete &cpp(driver); }

template <class D> Call checked(const rsf_call &raw) {
    constexpr std::uint32_t known = RSF_CALL_DRY_RUN | RSF_CALL_ALL_NAMESPACES;
    if ((raw.flags & ~known) != 0)
        throw Error(Code::unsupported, "This driver does not know one of the call's flags.", Retry::never);
    // A verb that never looks at dry_run() would write: it must not get that far.
    if ((raw.flags & RSF_CALL_DRY_RUN) != 0 && !D::description.dry_run)
        throw Error(Code::unsupported, "This driver has no dry run.", Retry::never);
    return Call(raw);
}

// Throws when a write of an object was answered with an empty one, or, where it is shaped as Kubernetes' are, with another one:
// it was not done then, whatever else was.
inline void check_result(const Call &call, const Result &done) {
    const bool has_object = call.verb() == RSF_CREATE || call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY;
    if (!has_object) return;
    std::string fault;
    if (is_empty_object(done.text) && !is_empty_object(call.object_text()))
        fault = "it is empty";
    else if (const ObjectIdentity answered = read_identity(done.text); answered.is_kubernetes_shaped())
        fault = difference(read_identity(call.object_text()), answered);
    if (fault.empty()) return;
    throw Error(Code::internal, "The answer is not the object that was sent: " + fault + "." +
                                    (call.dry_run() ? "" : " The change may have happened."));
}

template <class D> void perform(rsf_driver *driver, const rsf_call *raw, rsf_sink *sink) noexcept {
    guarded(sink, [&] {
        const Call call = checked<D>(*raw);
        const Result done = dispatch(*cpp(driver).driver, call);
        check_result(call, done);
        succeed(sink, done);
    });
}

// A sink for some calls of a batch: all that is said goes to each of them.
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

// Order is advice, and there is nobody to fail to: without it each resource is still tried, and the log says why.
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

inline constexpr rsf_plan plan_table{sizeof(rsf_plan), 0, begin_plan, plan_step, end_plan};
template <class D> constexpr bool offers_plans() { return !std::is_same_v<decltype(&D::plan), decltype(&Driver::plan)>; }

template <class D> inline constexpr rsf_batch batch_table{sizeof(rsf_batch), D::description.max_batch, perform_batch<D>};
template <class D> constexpr bool offers_batches() { return !std::is_same_v<decltype(&D::batch), decltype(&Driver::batch)>; }

inline constexpr rsf_order order_table{sizeof(rsf_order), 0, order};
inline constexpr rsf_dry_run dry_run_table{sizeof(rsf_dry_run), 0};
inline constexpr rsf_health health_table{sizeof(rsf_health), 0, check_health};
template <class D> inline constexpr rsf_secret secret_table{sizeof(rsf_secret), 0, text(D::description.secret)};

template <class D> const void *get_extension(rsf_driver *driver, rsf_text id) noexcept {
    if (offers_order<D>() && view(id) == RSF_EXT_ORDER) return &order_table;
    if (offers_health<D>() && view(id) == RSF_EXT_HEALTH) return &health_table;
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
                                           D::description.concurrent ? std::uint32_t{RSF_DRIVER_CONCURRENT} : 0u,
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

// Exports D as the driver of this library. D: a class derived from rsf::Driver, with a static constexpr rsf::Description named
// description and a constructor (rsf::Host, const boost::json::object &settings) that throws when it can't be made.
#define RSF_CPP_DRIVER(D)                                                                                                        \
    static_assert(std::is_base_of_v<::rsf::Driver, D>, "a driver derives from rsf::Driver");                                     \
    static_assert(std::is_constructible_v<D, ::rsf::Host, const ::boost::json::object &>,                                        \
                  "a driver has a public constructor (rsf::Host, const boost::json::object &settings)");                         \
    static_assert(::rsf::detail::is_driver_name(D::description.name), "a driver's name is [a-z][a-z0-9-]{0,62}");                \
    RSF_DRIVER_ENTRY(&::rsf::detail::descriptor<D>, &::rsf::detail::functions<D>);

#endif
