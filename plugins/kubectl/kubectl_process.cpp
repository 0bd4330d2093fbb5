// SPDX-License-Identifier: Apache-2.0
#include "kubectl_process.hpp"

#include "sealed_file.hpp"
#include "shown_errors.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace rsf::kubectl {

namespace {

using std::chrono::milliseconds;

std::string name_of_signal(int number) {
    const char *name = ::sigdescr_np(number);
    return name ? name : "no name";
}

bool writes(const Call &call) { return call.verb() != RSF_GET && call.verb() != RSF_LIST; }

} // namespace

milliseconds time_left(const Call &call) {
    return std::chrono::duration_cast<milliseconds>(call.deadline() - std::chrono::steady_clock::now());
}

KubectlProcess::KubectlProcess(Host host, const Settings &settings, const Credentials &credentials,
                               const Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment),
      reach_([this](const std::function<bool()> &stop) { return ask(stop); }) {}

std::string KubectlProcess::output_of(const Task &task) const {
    Ending ending = run(task);
    if (!ending.succeeded()) throw error_of(ending, task.call);
    return std::move(ending.output);
}

std::string KubectlProcess::read_path(const Call &call, const std::string &path) const {
    Ending ending = run({call, {"get", "--raw=" + path}});
    if (ending.succeeded()) return std::move(ending.output);
    const Error error = error_of(ending, call);
    // What a write reads as a kind that is not there.
    if (error.code == Code::invalid) throw Error(Code::not_found, error.what(), Retry::never);
    throw Error(error);
}

Ending KubectlProcess::run(const Task &task) const {
    const milliseconds left = time_left(task.call) - task.reserve;
    if (left <= milliseconds{0}) throw Error(Code::timeout, "There was no time left to run kubectl.", Retry::later);
    if (task.call.cancelled()) throw Error(Code::cancelled, "The call was cancelled before kubectl was run.");

    Program program{settings_.kubectl, {}, environment_.variables(), -1, credentials_.inherited()};
    std::vector<FileDescriptor> files;
    Words command = task.command;
    for (std::size_t i = 0; i < task.objects.size(); ++i) {
        const int file = files.emplace_back(sealed_file("resourcifierd-object", task.objects[i])).get();
        const bool alone = task.objects.size() == 1;
        command.push_back("--filename=" + (alone ? "-" : file_of(i)));
        if (alone)
            program.standard_input = file;
        else
            program.inherited.push_back(file);
    }
    program.arguments = command_line({settings_, credentials_, environment_.cache_folder()}, command, task.ns, left, task.words);
    Bounds bounds{task.call.deadline() - task.reserve, [&] { return task.call.cancelled(); }};
    bounds.errors *= std::max<std::size_t>(task.objects.size(), 1);
    Ending ending = kubectl::run(program, bounds, [&] { files.clear(); });
    // Before it is read line by line, for a value may have several lines.
    if (!ending.errors.empty()) ending.errors = secrets_in(task.objects).masked_text(std::move(ending.errors));
    note(ending);
    for (const std::string &warning : sort_error_text(ending.errors).warnings)
        host_.log(LogLevel::warning, "kubectl warns: " + credentials_.without_secrets(warning), &task.call);
    return ending;
}

// Whatever else the cluster refuses, it answered.
Reach::Look KubectlProcess::look_in(const Ending &ending) const {
    using How = Reach::Look::How;
    if (ending.how == Ending::How::deadline)
        return {How::silent, "The cluster did not answer in time: kubectl, or a program that gets credentials, was stopped."};
    if (ending.how != Ending::How::exited) return {How::not_done};
    if (ending.succeeded()) return {How::answered};
    const Error read = read_error(sort_error_text(ending.errors), ending.value, false);
    if (is_out_of_touch(read)) return {How::refused, credentials_.told(read)};
    return is_silence(read) ? Reach::Look{How::silent, credentials_.told(read)} : Reach::Look{How::answered};
}

void KubectlProcess::note(const Ending &ending) const {
    const Reach::Look look = look_in(ending);
    switch (look.how) {
    case Reach::Look::How::answered: return reach_.note_answer();
    case Reach::Look::How::refused: return reach_.note_refusal(look.why);
    case Reach::Look::How::silent: return reach_.note_silence(look.why);
    case Reach::Look::How::not_done: return;
    }
}

// Asks for what needs no rights.
Reach::Look KubectlProcess::ask(const std::function<bool()> &stop) const {
    if (!environment_.kubeconfig().fault().empty()) return {Reach::Look::How::not_done};
    credentials_.refresh();
    const milliseconds time = time_to_look(settings_);
    const Program program{
        settings_.kubectl,
        command_line({settings_, credentials_, environment_.cache_folder()}, {"get", "--raw=/version"}, {}, time),
        environment_.variables(), -1, credentials_.inherited()};
    try {
        return look_in(kubectl::run(program, {std::chrono::steady_clock::now() + time, stop}));
    } catch (const std::exception &) { // the system has no means left; the next question asks again
        return {Reach::Look::How::not_done};
    }
}

std::string KubectlProcess::file_of(std::size_t index) const {
    const std::size_t first = Program::first_inherited + credentials_.inherited().size();
    return "/proc/self/fd/" + std::to_string(first + index);
}

Error KubectlProcess::error_of(const Ending &ending, const Call &call) const {
    const std::string effect = writes(call) ? " The change may have happened." : "";
    switch (ending.how) {
    case Ending::How::not_started: return cant_be_run(settings_.kubectl, ending.value);
    case Ending::How::signalled:
        return {Code::unavailable,
                "kubectl was ended by signal " + std::to_string(ending.value) + " (" + name_of_signal(ending.value) +
                    ") from outside." + effect,
                Retry::later};
    case Ending::How::deadline: return {Code::timeout, "kubectl did not end in time and was stopped." + effect, Retry::later};
    case Ending::How::cancelled: return {Code::cancelled, "The call was cancelled and kubectl was stopped." + effect};
    case Ending::How::too_much_output:
        if (writes(call)) return {Code::internal, "kubectl answered with more than 64 MiB and was stopped." + effect};
        return {Code::internal,
                "kubectl answered with more than 64 MiB and was stopped: narrow the list with a namespace or a selector.",
                Retry::never};
    case Ending::How::unknown:
        return {Code::internal, "How kubectl ended is not known: something in this process waits for all its children." + effect,
                Retry::unknown};
    case Ending::How::exited: break;
    }
    return error_of(sort_error_text(ending.errors), ending.value, call);
}

Error KubectlProcess::error_of(const ErrorText &words, int exit_code, const Call &call) const {
    const Error read = read_error(words, exit_code, writes(call));
    json::value details = credentials_.fit_to_show(read.details);
    return {read.code, credentials_.told(read), read.retry, read.retry_after, std::move(details)};
}

} // namespace rsf::kubectl
