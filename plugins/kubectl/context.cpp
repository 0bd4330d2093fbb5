// SPDX-License-Identifier: Apache-2.0
#include "context.hpp"

#include "argument.hpp"
#include "child_process.hpp"
#include "command_line.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"

#include <chrono>

namespace rsf::kubectl {

std::string context_namespace(std::string_view view, std::string_view context) {
    const json::object config = parse_object(view, "kubectl config view");
    if (context.empty()) context = text_at(config, "current-context");
    if (const json::array *contexts = array_at(config, "contexts"))
        for (const json::value &each : *contexts)
            if (const json::object *named = each.if_object(); named && text_at(*named, "name") == context)
                if (const json::object *found = object_at(*named, "context")) return std::string(text_at(*found, "namespace"));
    return {};
}

std::string ask_default_namespace(const Settings &settings, const Credentials &credentials, const Environment &environment,
                                  const std::function<bool()> &stop) {
    constexpr std::chrono::milliseconds longest = std::chrono::seconds(15);
    const Program program{
        settings.kubectl,
        command_line({settings, credentials, environment.cache_folder()}, {"config", "view", "--output=json"}, {}, longest),
        environment.variables(), -1, credentials.inherited()};
    const Ending ending = run(program, {std::chrono::steady_clock::now() + longest, stop});
    if (ending.how == Ending::How::not_started) throw cant_be_run(settings.kubectl, ending.value);
    if (ending.how != Ending::How::exited)
        throw Error(Code::unavailable, "kubectl config view did not end by itself, so that the context's namespace is not known.",
                    Retry::later);
    if (ending.value != 0) {
        const Error read = read_error(sort_error_text(ending.errors), ending.value, false);
        throw Error(read.code, credentials.without_secrets(read.what()), read.retry);
    }
    if (std::string ns = context_namespace(ending.output, settings.context); !ns.empty()) return ns;
    return environment.pod_namespace();
}

} // namespace rsf::kubectl
