// SPDX-License-Identifier: Apache-2.0
#include "kubectl/errors/answer_check.hpp"

#include "kubectl/text/list_text.hpp"

namespace rsf::kubectl::errors {

namespace {

[[noreturn]] void refuse(const std::string &fault, std::string_view effect) {
    throw with_effect(
        effect.empty() ? Effect::known : Effect::unknown,
        {Code::internal, "The cluster's answer is not the one to what it was asked: " + fault + "." + std::string(effect)});
}

constexpr std::string_view may_have_happened = " The change may have happened.";

} // namespace

void check_object(const kubernetes::Identity &asked, std::string_view text, std::string_view effect) {
    if (const std::string fault = kubernetes::fault_of_answer(asked, read_identity(text)); !fault.empty()) refuse(fault, effect);
}

void check_written(const Call &call, std::string_view text) {
    json::object object = call.object();
    check_object(kubernetes::identify(object, call.type(), call.name(), call.ns()), text,
                 call.dry_run() ? std::string_view{} : may_have_happened);
}

void check_deleted(const kubernetes::Identity &asked, std::string_view text, std::string_view effect) {
    const ObjectIdentity answered = read_identity(text);
    if (answered.kind == "Status" && answered.status == "Success") return;
    if (const std::string fault = kubernetes::fault_of_answer(asked, answered); !fault.empty()) refuse(fault, effect);
}

void check_items(const kubernetes::Identity &asked, std::string_view list) {
    const ObjectIdentity wanted{asked.api_version, asked.kind, asked.ns, {}, {}};
    text::each_item(text::items_of(list).value_or("[]"), [&](std::string_view item) {
        if (!item.starts_with('{')) refuse("an item of the list is not an object", {});
        if (const std::string fault = difference(wanted, read_identity(item)); !fault.empty())
            refuse("of an item of the list, " + fault, {});
    });
}

} // namespace rsf::kubectl::errors
