// SPDX-License-Identifier: Apache-2.0
//
// other_target.hpp: rsf.target/1 in C++: calls on another target that this driver's settings name. For that its schema marks the
// setting with "format": "target". Header-only; thread-safe.
#ifndef RESOURCIFIER_OTHER_TARGET_HPP
#define RESOURCIFIER_OTHER_TARGET_HPP

#include "driver.hpp"

#include <optional>
#include <utility>

namespace rsf {

class OtherTarget {
  public:
    // What is asked. Reads, and with dry_run writes where the target's driver offers rsf.dry_run/1; the host refuses all else.
    struct Asked {
        std::uint32_t verb = RSF_GET;
        std::string_view type;
        std::string_view name;
        std::string_view ns;
        std::string_view label_selector;
        std::string_view field_selector;
        std::string_view object; // JSON
        bool all_namespaces = false;
        bool dry_run = false;
        std::string_view expected_revision{};

        // What call asks of this driver. Views into it.
        static Asked of(const Call &call) {
            return {call.verb(),           call.type(),        call.name(),           call.ns(),      call.label_selector(),
                    call.field_selector(), call.object_text(), call.all_namespaces(), call.dry_run(), call.expected_revision()};
        }
    };

    OtherTarget(Host host, std::string name)
        : host_(host), name_(std::move(name)), table_(host.extension<rsf_target>(RSF_EXT_TARGET)) {
        if (!table_) throw Error(Code::unsupported, "This host lets no driver ask other targets (rsf.target/1).", Retry::never);
    }

    const std::string &name() const { return name_; }

    // What that target's driver answered, or its failure as an Error. during: the call that this driver is performing.
    Result perform(const Call &during, const Asked &asked) const {
        rsf_call call{};
        call.size = sizeof call;
        call.verb = asked.verb;
        call.flags = (asked.dry_run ? std::uint32_t{RSF_CALL_DRY_RUN} : 0u) |
                     (asked.all_namespaces ? std::uint32_t{RSF_CALL_ALL_NAMESPACES} : 0u);
        call.deadline_ns = during.raw().deadline_ns;
        call.type = text(asked.type);
        call.name = text(asked.name);
        call.ns = text(asked.ns);
        call.label_selector = text(asked.label_selector);
        call.field_selector = text(asked.field_selector);
        call.object = text(asked.object);
        call.request_id = during.raw().request_id;
        call.cancelled = during.raw().cancelled;
        call.expected_revision = text(asked.expected_revision);
        Sink sink;
        table_->perform(host_.raw(), &during.raw(), text(name_), &call, &sink);
        return std::move(sink).answer();
    }

    // {"target", "driver", "version", "capabilities", "extensions", "secret"}. Not before the driver is made.
    json::object describe() const {
        Sink sink;
        table_->describe(host_.raw(), text(name_), &sink);
        return json_value(std::move(sink).answer().text).as_object();
    }

  private:
    struct Sink : rsf_sink {
        Sink() : rsf_sink{sizeof(rsf_sink), 0, take_result, take_failure} {}

        static void take_result(rsf_sink *sink, const rsf_result *given) {
            auto &self = *static_cast<Sink *>(sink);
            self.result = Result::from_text(std::string(view(given->object)), static_cast<Outcome>(given->outcome),
                                            std::string(view(given->selflink)));
            if (RSF_HAS(given, revision)) self.result->revision = view(given->revision);
            if (!RSF_HAS(given, warnings) || given->warnings.size == 0) return;
            const json::value warnings = json_value(view(given->warnings));
            for (const json::value &each : warnings.as_array()) self.result->warnings.emplace_back(each.as_string());
        }
        static void take_failure(rsf_sink *sink, const rsf_failure *given) {
            json::value details;
            if (given->details.size != 0) details = json_value(view(given->details));
            static_cast<Sink *>(sink)->failure.emplace(static_cast<Code>(given->code), std::string(view(given->message)),
                                                       static_cast<Retry>(given->retry),
                                                       std::chrono::milliseconds(given->retry_after_ms), std::move(details));
        }

        Result answer() && {
            if (failure) throw *std::move(failure);
            if (!result) throw Error(Code::internal, "The host answered nothing.");
            return *std::move(result);
        }

        std::optional<Result> result;
        std::optional<Error> failure;
    };

    Host host_;
    std::string name_;
    const rsf_target *table_;
};

} // namespace rsf

#endif
