// SPDX-License-Identifier: Apache-2.0
//
// functions.hpp: the functions that every driver has (rsf_functions), made of a class derived from rsf::Driver. Part of
// driver.hpp. C++17. Nothing thrown passes any of them; thread-safe where the driver is.
#ifndef RESOURCIFIER_DETAIL_FUNCTIONS_HPP
#define RESOURCIFIER_DETAIL_FUNCTIONS_HPP

#include "../kubernetes/object_identity.hpp"
#include "barrier.hpp"
#include "driver_class.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace rsf {
namespace detail {

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
    // A verb that does not check dry_run() would write: it must not be called.
    if ((raw.flags & RSF_CALL_DRY_RUN) != 0 && !D::description.dry_run)
        throw Error(Code::unsupported, "This driver has no dry run.", Retry::never);
    const Call call(raw);
    if (!call.expected_revision().empty() && !D::description.revisions)
        throw Error(Code::unsupported, "This driver does not check at which revision an object is.", Retry::never);
    return call;
}

// Throws when the answer to a write is an empty object, or, where objects are shaped as Kubernetes' are, another object than the
// one that was sent: then the write did not do what it should.
inline void check_result(const Call &call, const Result &done) {
    const bool has_object = call.verb() == RSF_CREATE || call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY;
    if (!has_object) return;
    std::string fault;
    if (is_empty_object(done.text) && !is_empty_object(call.object_text()))
        fault = "it is empty";
    else if (const ObjectIdentity answered = read_identity(done.text); answered.is_kubernetes_shaped())
        fault = difference(read_identity(call.object_text()), answered);
    if (fault.empty()) return;
    throw with_effect(call.dry_run() ? Effect::known : Effect::unknown,
                      Error(Code::internal, "The answer is not the object that was sent: " + fault + "." +
                                                (call.dry_run() ? "" : " The change may have happened.")));
}

template <class D> void perform(rsf_driver *driver, const rsf_call *raw, rsf_sink *sink) noexcept {
    guarded(sink, [&] {
        const Call call = checked<D>(*raw);
        const Result done = dispatch(*cpp(driver).driver, call);
        check_result(call, done);
        succeed(sink, done);
    });
}

} // namespace detail
} // namespace rsf

#endif
