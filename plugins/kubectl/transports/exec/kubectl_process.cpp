// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/exec/kubectl_process.hpp"

#include "kubectl/errors/shown_errors.hpp"
#include "kubectl/process/sealed_file.hpp"
#include "kubectl/transports/warning_scope.hpp"
#include "shared/failpoint.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace rsf::kubectl::transports {

namespace {

using std::chrono::milliseconds;

std::string name_of_signal(int number) {
    const char *name = ::sigdescr_np(number);
    return name ? name : "no name";
}

// Without a call, between two checks of the cluster: each is a kubectl.
constexpr auto between_kubectls = std::chrono::seconds(10);

bool writes(const Call &call) { return call.verb() != RSF_GET && call.verb() != RSF_LIST; }

} // namespace

milliseconds time_left(const Call &call) {
    return std::chrono::duration_cast<milliseconds>(call.deadline() - std::chrono::steady_clock::now());
}

KubectlProcess::KubectlProcess(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                               const settings::Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment),
      reach_([this](const process::Event &stop, milliseconds at_most) { return ask(stop, at_most); }, between_kubectls) {}

std::string KubectlProcess::output_of(const Task &task) const {
    process::Ending ending = run(task);
    if (!ending.succeeded()) throw error_of(ending, task.call);
    return std::move(ending.output);
}

std::string KubectlProcess::read_path(const Call &call, const std::string &path) const {
    process::Ending ending = run({call, {"get", "--raw=" + path}});
    if (ending.succeeded()) return std::move(ending.output);
    const Error error = error_of(ending, call);
    // error_of() may take a missing path for a missing kind.
    if (error.code == Code::invalid) throw Error(Code::not_found, error.what(), Retry::never);
    throw Error(error);
}

process::Ending KubectlProcess::run(const Task &task) const {
    const milliseconds left = time_left(task.call) - task.reserve;
    if (left <= milliseconds{0})
        throw with_effect(Effect::known, {Code::timeout, "There was no time left to run kubectl.", Retry::later});
    if (task.call.cancelled())
        throw with_effect(Effect::known, {Code::cancelled, "The call was cancelled before kubectl was run."});

    process::Program program{settings_.kubectl, {}, environment_.variables(), -1, credentials_.inherited()};
    std::vector<process::FileDescriptor> files;
    Words command = task.command;
    for (std::size_t i = 0; i < task.objects.size(); ++i) {
        const int file = files.emplace_back(process::sealed_file("resourcifierd-object", task.objects[i])).get();
        const bool alone = task.objects.size() == 1;
        command.push_back("--filename=" + (alone ? "-" : file_of(i)));
        if (alone)
            program.standard_input = file;
        else
            program.inherited.push_back(file);
    }
    program.arguments = command_line({settings_, credentials_, environment_.cache_folder()}, command, task.ns, left, task.words);
    process::Bounds bounds{task.call.deadline() - task.reserve, [&] { return task.call.cancelled(); }};
    bounds.errors *= std::max<std::size_t>(task.objects.size(), 1);
    RSF_FAILPOINT("kubectl.exec.before");
    process::Ending ending = process::run(program, bounds, [&] { files.clear(); });
    RSF_FAILPOINT("kubectl.exec.ended");
    // Masked before it is split into lines: a secret may have several lines.
    if (!ending.errors.empty()) ending.errors = errors::secrets_in(task.objects).masked_text(std::move(ending.errors));
    note(ending);
    for (const std::string &warning : errors::sort_error_text(ending.errors).warnings) {
        const std::string shown = credentials_.without_secrets(warning);
        host_.log(LogLevel::warning, "kubectl warns: " + shown, &task.call);
        WarningScope::note(shown);
    }
    return ending;
}

// Every other refusal is an answer of the cluster.
Reach::Probe KubectlProcess::probe_of(const process::Ending &ending) const {
    using How = Reach::Probe::How;
    if (ending.how == process::Ending::How::deadline)
        return {How::silent, "The cluster did not answer in time: kubectl, or a program that gets credentials, was stopped."};
    if (ending.how != process::Ending::How::exited) return {How::not_done};
    if (ending.succeeded()) return {How::answered};
    const Error read = errors::read_error(errors::sort_error_text(ending.errors), ending.value, false);
    if (errors::is_out_of_touch(read)) return {How::refused, credentials_.told(read)};
    return errors::is_silence(read) ? Reach::Probe{How::silent, credentials_.told(read)} : Reach::Probe{How::answered};
}

void KubectlProcess::note(const process::Ending &ending) const {
    const Reach::Probe probe = probe_of(ending);
    switch (probe.how) {
    case Reach::Probe::How::answered: return reach_.note_answer();
    case Reach::Probe::How::refused: return reach_.note_refusal(probe.why);
    case Reach::Probe::How::silent: return reach_.note_silence(probe.why);
    case Reach::Probe::How::not_done: return;
    }
}

// /version needs no permissions, and refuses a token or a certificate that is not good (401), as every path does.
Reach::Probe KubectlProcess::ask(const process::Event &stop, milliseconds at_most) const {
    if (!environment_.kubeconfig().fault().empty()) return {Reach::Probe::How::not_done};
    credentials_.refresh();
    const milliseconds time = std::min(settings::probe_time(settings_), at_most);
    const process::Program program{
        settings_.kubectl,
        command_line({settings_, credentials_, environment_.cache_folder()}, {"get", "--raw=/version"}, {}, time),
        environment_.variables(), -1, credentials_.inherited()};
    try {
        return probe_of(process::run(program, {std::chrono::steady_clock::now() + time, {}, &stop}));
    } catch (const std::exception &) { // no system resources are left; the next check tries again
        return {Reach::Probe::How::not_done};
    }
}

std::string KubectlProcess::file_of(std::size_t index) const {
    const std::size_t first = process::Program::first_inherited + credentials_.inherited().size();
    return "/proc/self/fd/" + std::to_string(first + index);
}

Error KubectlProcess::error_of(const process::Ending &ending, const Call &call) const {
    const std::string effect = writes(call) ? " The change may have happened." : "";
    const auto lost = [&](Error error) { return with_effect(writes(call) ? Effect::unknown : Effect::known, std::move(error)); };
    switch (ending.how) {
    case process::Ending::How::not_started: return errors::cant_be_run(settings_.kubectl, ending.value);
    case process::Ending::How::signalled:
        return lost({Code::unavailable,
                     "kubectl was ended by signal " + std::to_string(ending.value) + " (" + name_of_signal(ending.value) +
                         ") from outside." + effect,
                     Retry::later});
    case process::Ending::How::deadline:
        return lost({Code::timeout, "kubectl did not end in time and was stopped." + effect, Retry::later});
    case process::Ending::How::cancelled:
        return lost({Code::cancelled, "The call was cancelled and kubectl was stopped." + effect});
    case process::Ending::How::too_much_output:
        if (writes(call)) return lost({Code::internal, "kubectl answered with more than 64 MiB and was stopped." + effect});
        return {Code::internal,
                "kubectl answered with more than 64 MiB and was stopped: narrow the list with a namespace or a selector.",
                Retry::never};
    case process::Ending::How::unknown:
        return lost({Code::internal,
                     "How kubectl ended is not known: other code in this process waits for all child processes." + effect,
                     Retry::unknown});
    case process::Ending::How::exited: break;
    }
    return error_of(errors::sort_error_text(ending.errors), ending.value, call);
}

Error KubectlProcess::error_of(const errors::ErrorText &words, int exit_code, const Call &call) const {
    const Error read = errors::read_error(words, exit_code, writes(call));
    json::value details = credentials_.fit_to_show(read.details);
    return with_effect(read.effect, {read.code, credentials_.told(read), read.retry, read.retry_after, std::move(details)});
}

} // namespace rsf::kubectl::transports
