// SPDX-License-Identifier: Apache-2.0
//
// fake_sinks.hpp: what a driver answers to a FakeHost, and how that is checked. Included at the end of fake_host.hpp, and nowhere
// else. C++17. Thread-safe: a driver that breaks the rules answers on any thread.
#ifndef RESOURCIFIER_DETAIL_FAKE_SINKS_HPP
#define RESOURCIFIER_DETAIL_FAKE_SINKS_HPP

namespace rsf {

// Copies an answer of the driver when it comes, and counts the answers.
struct FakeHost::Sink : rsf_sink {
    explicit Sink(FakeHost &host) : rsf_sink{sizeof(rsf_sink), 0, on_succeed, on_fail}, owner(host) {}

    static void on_succeed(rsf_sink *sink, const rsf_result *result) {
        auto &self = *static_cast<Sink *>(sink);
        const std::lock_guard<std::mutex> lock(self.mutex);
        if (!self.is_first()) return;
        if (!self.is_whole(result, offsetof(rsf_result, revision)))
            return self.blame("its result has no, too small or an impossible size");
        self.answer.succeeded = true;
        self.outcome = result->outcome;
        self.answer.outcome = static_cast<Outcome>(result->outcome);
        self.blame(fault_of_outcome(result->outcome));
        self.answer.selflink = self.copy(result->selflink, "selflink");
        self.blame(fault_of_selflink(self.answer.selflink));
        self.object_size = result->object.size;
        self.answer.object = self.parse(result->object, "object");
        if (RSF_HAS(result, revision)) self.answer.revision = self.copy(result->revision, "revision", max_revision);
        self.blame(fault_of_revision(self.answer.revision));
        if (RSF_HAS(result, warnings)) self.take_warnings(result->warnings);
    }

    void take_warnings(rsf_text given) {
        if (given.size == 0) return;
        const json::value warnings = parse(given, "warnings", max_warnings_text);
        blame(fault_of_warnings(warnings));
        if (const json::array *list = warnings.if_array(); list && answer.fault.empty())
            for (const json::value &each : *list) answer.warnings.emplace_back(each.as_string());
    }

    static void on_fail(rsf_sink *sink, const rsf_failure *failure) {
        auto &self = *static_cast<Sink *>(sink);
        const std::lock_guard<std::mutex> lock(self.mutex);
        if (!self.is_first()) return;
        if (!self.is_whole(failure, offsetof(rsf_failure, effect)))
            return self.blame("its failure has no, too small or an impossible size");
        self.answer.code = is_failure_code(failure->code) ? static_cast<Code>(failure->code) : Code::internal;
        self.answer.message = self.copy(failure->message, "message");
        self.blame(fault_of_failure(failure->code, self.answer.message));
        self.answer.retry = static_cast<Retry>(failure->retry);
        self.answer.retry_after = std::chrono::milliseconds(failure->retry_after_ms);
        self.answer.details = self.parse(failure->details, "details");
        if (RSF_HAS(failure, effect)) self.answer.effect = static_cast<Effect>(failure->effect);
    }

    // least: its size in ABI 1.0.
    template <class T> static bool is_whole(const T *given, std::size_t least) {
        return given && given->size >= least && is_possible_size(given);
    }

    std::string copy(rsf_text given, const char *member, std::size_t most = max_answer) {
        const std::string fault = fault_of_text(given, member, most);
        blame(fault);
        return fault.empty() ? std::string(view(given)) : std::string();
    }

    json::value parse(rsf_text given, const char *member, std::size_t most = max_answer) {
        const std::string said = copy(given, member, most);
        if (said.empty()) return nullptr;
        std::string fault;
        json::value parsed = read_answer(said, fault);
        if (!fault.empty()) blame(std::string("its ") + member + " is not JSON: " + fault);
        return parsed;
    }

    // Keeps the first fault: those that follow may result from it.
    void blame(const std::string &rule) {
        if (!rule.empty() && answer.fault.empty()) answer.fault = "The driver broke the ABI's rules: " + rule + ".";
    }

    bool is_first() {
        if (over) ++owner.late_answers_;
        if (!over && std::this_thread::get_id() != caller) is_on_call = false;
        return !over && ++answers == 1;
    }

    void judge_success(std::uint32_t verb) {
        const bool has_object = object_size > 0;
        if (verb != RSF_DELETE) blame(has_object ? fault_of_object(verb, answer.object) : "it succeeded without an object");
        blame(departure_from_abi(verb, outcome, has_object));
    }

    // The checked answer. verb: 0 for create of an instance.
    FakeAnswer finish(std::uint32_t verb) {
        const std::lock_guard<std::mutex> lock(mutex);
        over = true;
        if (answers == 0) blame("it did not answer");
        if (answers > 1) answer.fault.clear(), blame("it answered " + std::to_string(answers) + " times");
        if (!is_on_call) blame("it answered on another thread than the one that it was called on");
        if (answer.succeeded && verb >= RSF_LIST && verb <= RSF_APPLY) judge_success(verb);
        if (!answer.fault.empty()) {
            answer.succeeded = false;
            answer.code = Code::internal;
        }
        return std::move(answer);
    }

    const std::thread::id caller = std::this_thread::get_id(); // the thread that makes the sink makes the call
    FakeHost &owner;
    std::mutex mutex;
    FakeAnswer answer;
    std::uint32_t outcome = 0;   // as the driver gave it
    std::size_t object_size = 0; // bytes of the object's text
    int answers = 0;
    bool is_on_call = true; // no answer came from another thread
    bool over = false;
};

// A call and its answer, kept for as long as a driver may use them, even against the rules.
struct FakeHost::Frame {
    Frame(FakeHost &host, const FakeCall &of) : call(host, of), sink(host) {}

    RawCall call;
    Sink sink;
};

struct FakeHost::OrderSink : rsf_order_sink {
    explicit OrderSink(std::size_t resources) : rsf_order_sink{sizeof(rsf_order_sink), 0, on_before}, count(resources) {}

    static void on_before(rsf_order_sink *sink, std::size_t first, std::size_t then, rsf_text why) {
        auto &self = *static_cast<OrderSink *>(sink);
        if (first >= self.count || then >= self.count || first == then) self.is_wrong = true;
        self.edges.push_back({first, then, std::string(view(why))});
    }

    std::size_t count;
    bool is_wrong = false;
    std::vector<FakeBefore> edges;
};

struct FakeHost::BatchFrame : rsf_batch_sink {
    BatchFrame(FakeHost &host, const std::vector<FakeCall> &calls)
        : rsf_batch_sink{sizeof(rsf_batch_sink), 0, on_succeed, on_fail} {
        for (const FakeCall &call : calls) pointers.push_back(&frames.emplace_back(host, call).call);
    }

    static void on_succeed(rsf_batch_sink *sink, std::size_t index, const rsf_result *result) {
        if (Sink *one = static_cast<BatchFrame *>(sink)->find(index)) one->succeed(one, result);
    }
    static void on_fail(rsf_batch_sink *sink, std::size_t index, const rsf_failure *failure) {
        if (Sink *one = static_cast<BatchFrame *>(sink)->find(index)) one->fail(one, failure);
    }

    Sink *find(std::size_t index) {
        if (index >= frames.size()) is_wrong = true;
        return index < frames.size() ? &frames[index].sink : nullptr;
    }

    std::deque<Frame> frames;
    std::vector<const rsf_call *> pointers;
    std::atomic<bool> is_wrong{false};
};

} // namespace rsf

#endif
