// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/context.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/process/child_process.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/transports/command_line.hpp"

#include <chrono>

namespace rsf::kubectl::transports {

std::string context_namespace(std::string_view view, std::string_view context) {
    const json::object config = text::parse_object(view, "kubectl config view");
    if (context.empty()) context = text::text_at(config, "current-context");
    if (const json::array *contexts = text::array_at(config, "contexts"))
        for (const json::value &each : *contexts)
            if (const json::object *named = each.if_object(); named && text::text_at(*named, "name") == context)
                if (const json::object *found = text::object_at(*named, "context"))
                    return std::string(text::text_at(*found, "namespace"));
    return {};
}

std::string ask_default_namespace(const settings::Settings &settings, const settings::Credentials &credentials,
                                  const settings::Environment &environment, const process::Event *stop) {
    constexpr std::chrono::milliseconds longest = std::chrono::seconds(15);
    const process::Program program{
        settings.kubectl,
        command_line({settings, credentials, environment.cache_folder()}, {"config", "view", "--output=json"}, {}, longest),
        environment.variables(), -1, credentials.inherited()};
    const process::Ending ending = process::run(program, {std::chrono::steady_clock::now() + longest, {}, stop});
    if (ending.how == process::Ending::How::not_started) throw errors::cant_be_run(settings.kubectl, ending.value);
    if (ending.how != process::Ending::How::exited)
        throw Error(Code::unavailable, "kubectl config view did not end by itself, so that the context's namespace is not known.",
                    Retry::later);
    if (ending.value != 0) {
        const Error read = errors::read_error(errors::sort_error_text(ending.errors), ending.value, false);
        throw Error(read.code, credentials.without_secrets(read.what()), read.retry);
    }
    if (std::string ns = context_namespace(ending.output, settings.context); !ns.empty()) return ns;
    return environment.pod_namespace();
}

} // namespace rsf::kubectl::transports
