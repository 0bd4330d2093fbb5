// SPDX-License-Identifier: Apache-2.0
//
// fake_host.hpp: a host for unit tests of drivers, in C or C++, header-only C++17 (link Boost::json). It calls as the daemon
// calls, keeps the driver's log lines, and says when a driver breaks the ABI's rules. Thread-safe apart from construction and
// destruction: calls to a driver that is not concurrent queue up.
//
//     rsf::FakeHost host(rsf_driver_entry, {{"greeting", "hello"}});
//     const rsf::FakeAnswer answer = host.create("cm", "x", {{"data", {{"a", "b"}}}});
//     CHECK(answer.succeeded);
//     CHECK(host.get("cm", "y").code == rsf::Code::not_found);
#ifndef RESOURCIFIER_FAKE_HOST_HPP
#define RESOURCIFIER_FAKE_HOST_HPP

#include "answer_rules.hpp"
#include "driver.hpp"

#include <dlfcn.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace rsf {

// How a call ended.
struct FakeAnswer {
    bool succeeded = false;

    json::value object; // null: none
    Outcome outcome = Outcome::done;
    std::string selflink;

    Code code{}; // 0 when it succeeded
    std::string message;
    Retry retry = Retry::unknown;
    std::chrono::milliseconds retry_after{};
    json::value details; // null: none

    // Which rule of the ABI the driver broke, or empty. When it is not empty, succeeded is false and code is internal.
    std::string fault;
};

// A call with nothing left out, for what FakeHost's short forms can't say.
struct FakeCall {
    std::uint32_t verb = RSF_GET;
    std::string type;
    std::string name;
    std::string object; // JSON
    std::string ns;
    std::string label_selector;
    std::string field_selector;
    std::uint32_t flags = 0;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::function<bool()> cancelled; // asked each time the driver asks; FakeHost::cancel and the deadline count as well
    std::string request_id = "test-request";
};

struct FakeLine {
    LogLevel level;
    std::string message;
    std::string request_id; // of the call that it was written during, or empty
};

struct FakeResource {
    std::string name;
    std::string type;
    json::value object;
};

struct FakeBefore {
    std::size_t first;
    std::size_t then;
    std::string why;
};

struct FakeHostOptions {
    std::string target = "test";
    bool keeps_log = true;                            // offers rsf.log/1
    std::map<std::string, const void *> extensions{}; // further tables to offer, by id
};

// The entry of a driver's file. Throws std::runtime_error with the loader's text. The library stays loaded.
#if __has_cpp_attribute(gnu::no_dangling)
[[gnu::no_dangling]] // it is a reference into the library, not into the argument
#endif
inline const rsf_entry &
open_driver(const std::string &file) {
    void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const void *entry = library ? dlsym(library, "rsf_driver_entry") : nullptr;
    if (!entry) {
        const char *why = dlerror();
        throw std::runtime_error(why ? why : "rsf_driver_entry is null");
    }
    return *static_cast<const rsf_entry *>(entry);
}

// An entry for a C++ driver whose own one is not linked into the test: FakeHost host(driver_entry<MyDriver>).
template <class D>
inline constexpr rsf_entry driver_entry{sizeof(rsf_entry), RSF_ENTRY_MAGIC,        RSF_ABI_MAJOR,
                                        RSF_ABI_MINOR,     &detail::descriptor<D>, &detail::functions<D>};

class FakeHost {
  public:
    // Makes an instance. Of the schema's defaults, those of the first level are filled in. Throws the driver's Error when it
    // refuses the settings, std::logic_error when it breaks the ABI's rules.
    explicit FakeHost(const rsf_entry &entry, json::object settings = {}, FakeHostOptions options = {});
    ~FakeHost() { entry_.functions->destroy(driver_); }
    FakeHost(const FakeHost &) = delete;
    FakeHost &operator=(const FakeHost &) = delete;

    FakeAnswer list(std::string type) { return perform(short_call(RSF_LIST, std::move(type), {})); }
    FakeAnswer get(std::string type, std::string name) { return perform(short_call(RSF_GET, std::move(type), std::move(name))); }
    FakeAnswer create(std::string type, std::string name, const json::object &object) {
        return perform(short_call(RSF_CREATE, std::move(type), std::move(name), &object));
    }
    FakeAnswer replace(std::string type, std::string name, const json::object &object) {
        return perform(short_call(RSF_REPLACE, std::move(type), std::move(name), &object));
    }
    FakeAnswer remove(std::string type, std::string name, const json::object &object) {
        return perform(short_call(RSF_DELETE, std::move(type), std::move(name), &object));
    }
    FakeAnswer apply(std::string type, std::string name, const json::object &object) {
        return perform(short_call(RSF_APPLY, std::move(type), std::move(name), &object));
    }
    FakeAnswer perform(const FakeCall &call);

    // What rsf.batch/1 makes of these, which have one verb, flags and deadline: an answer for each. Throws std::logic_error when
    // the driver does not offer it, or answers a call that is not there.
    std::vector<FakeAnswer> batch(const std::vector<FakeCall> &calls);

    // What rsf.order/1 says. Throws std::logic_error when the driver does not offer it, or names what is not there.
    std::vector<FakeBefore> order(std::string_view ns, const std::vector<FakeResource> &resources);

    // What rsf.health/1 says. Throws std::logic_error when the driver does not offer it.
    FakeAnswer health();

    // The driver's table for id, or nullptr: host.extension<rsf_batch>(RSF_EXT_BATCH).
    template <class Table> const Table *extension(std::string_view id) const {
        return static_cast<const Table *>(entry_.functions->get_extension(driver_, text(id)));
    }

    // Cancels the calls that are under way and those to come, until resume.
    void cancel() { cancelled_ = true; }
    void resume() { cancelled_ = false; }

    std::vector<FakeLine> log() const {
        const std::lock_guard<std::mutex> lock(log_mutex_);
        return log_lines_;
    }

    // How often the driver answered a call that was over.
    std::size_t late_answers() const { return late_answers_; }

    const rsf_descriptor &descriptor() const { return *entry_.descriptor; }
    const rsf_host &raw() const { return raw_; }
    rsf_driver *driver() const { return driver_; }

  private:
    struct RawHost : rsf_host {
        FakeHost *owner = nullptr;
    };
    struct RawCall : rsf_call {
        RawCall(const FakeHost &host, const FakeCall &call);
        RawCall(const RawCall &) = delete;
        RawCall &operator=(const RawCall &) = delete;

        const FakeHost &owner;
        const FakeCall source;
        std::atomic<bool> over{false};
    };
    struct Sink;
    struct OrderSink;
    struct Frame;
    struct BatchFrame;

    void keep(std::shared_ptr<void> frame);
    static FakeCall short_call(std::uint32_t verb, std::string type, std::string name, const json::object *object = nullptr) {
        FakeCall call;
        call.verb = verb;
        call.type = std::move(type);
        call.name = std::move(name);
        if (object) call.object = json_text(*object);
        return call;
    }
    static int is_cancelled(const rsf_call *raw);
    static void write_log(const rsf_host *raw, const rsf_call *call, std::int32_t level, rsf_text message);
    static const void *get_extension(const rsf_host *raw, rsf_text id);
    std::unique_lock<std::mutex> turn() {
        const bool concurrent = (entry_.descriptor->flags & RSF_DRIVER_CONCURRENT) != 0;
        return concurrent ? std::unique_lock<std::mutex>() : std::unique_lock<std::mutex>(call_mutex_);
    }

    // Constant after construction.
    const rsf_entry &entry_;
    const FakeHostOptions options_;
    RawHost raw_{};
    const rsf_log log_table_{sizeof(rsf_log), 0, write_log};
    rsf_driver *driver_ = nullptr;

    std::atomic<bool> cancelled_{false};
    std::atomic<std::size_t> late_answers_{0};
    std::deque<std::shared_ptr<void>> frames_; // of the last calls, for drivers that use one too late; guarded by log_mutex_
    std::mutex call_mutex_;                    // held during a call to a driver that is not concurrent
    mutable std::mutex log_mutex_;
    std::vector<FakeLine> log_lines_; // guarded by log_mutex_
};

// Copies what the driver says, at once, and counts.
struct FakeHost::Sink : rsf_sink {
    explicit Sink(FakeHost &host) : rsf_sink{sizeof(rsf_sink), 0, on_succeed, on_fail}, owner(host) {}

    static void on_succeed(rsf_sink *sink, const rsf_result *result) {
        auto &self = *static_cast<Sink *>(sink);
        const std::lock_guard<std::mutex> lock(self.mutex);
        if (!self.is_first()) return;
        if (!self.is_whole(result)) return self.blame("its result has no, too small or an impossible size");
        self.answer.succeeded = true;
        self.outcome = result->outcome;
        self.answer.outcome = static_cast<Outcome>(result->outcome);
        self.blame(fault_of_outcome(result->outcome));
        self.answer.selflink = self.copy(result->selflink, "selflink");
        self.blame(fault_of_selflink(self.answer.selflink));
        self.object_size = result->object.size;
        self.answer.object = self.parse(result->object, "object");
    }

    static void on_fail(rsf_sink *sink, const rsf_failure *failure) {
        auto &self = *static_cast<Sink *>(sink);
        const std::lock_guard<std::mutex> lock(self.mutex);
        if (!self.is_first()) return;
        if (!self.is_whole(failure)) return self.blame("its failure has no, too small or an impossible size");
        self.answer.code = is_failure_code(failure->code) ? static_cast<Code>(failure->code) : Code::internal;
        self.answer.message = self.copy(failure->message, "message");
        self.blame(fault_of_failure(failure->code, self.answer.message));
        self.answer.retry = static_cast<Retry>(failure->retry);
        self.answer.retry_after = std::chrono::milliseconds(failure->retry_after_ms);
        self.answer.details = self.parse(failure->details, "details");
    }

    template <class T> static bool is_whole(const T *given) {
        return given && given->size >= sizeof(T) && is_possible_size(given);
    }

    std::string copy(rsf_text given, const char *member) {
        const std::string fault = fault_of_text(given, member);
        blame(fault);
        return fault.empty() ? std::string(view(given)) : std::string();
    }

    json::value parse(rsf_text given, const char *member) {
        const std::string said = copy(given, member);
        if (said.empty()) return nullptr;
        std::string fault;
        json::value parsed = read_answer(said, fault);
        if (!fault.empty()) blame(std::string("its ") + member + " is not JSON: " + fault);
        return parsed;
    }

    // The first fault is told: those that follow may come from it.
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

    // The answer, judged. verb: 0 for create of an instance.
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

    const std::thread::id caller = std::this_thread::get_id(); // whoever makes the sink makes the call
    FakeHost &owner;
    std::mutex mutex;
    FakeAnswer answer;
    std::uint32_t outcome = 0;   // as it was said
    std::size_t object_size = 0; // bytes of the object's text
    int answers = 0;
    bool is_on_call = true; // no answer came from another thread
    bool over = false;
};

// A call and its answer, for as long as a driver may use them, rightly or not.
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

inline FakeHost::FakeHost(const rsf_entry &entry, json::object settings, FakeHostOptions options)
    : entry_(entry), options_(std::move(options)) {
    raw_.size = sizeof(rsf_host);
    raw_.abi_major = RSF_ABI_MAJOR;
    raw_.abi_minor = RSF_ABI_MINOR;
    raw_.name = text("fake host");
    raw_.version = text("0.0.0");
    raw_.target = text(options_.target);
    raw_.get_extension = get_extension;
    raw_.owner = this;

    const rsf_descriptor *descriptor = entry_.descriptor;
    const std::string_view schema_text = RSF_HAS(descriptor, settings_schema) ? view(descriptor->settings_schema) : "";
    const json::value schema = schema_text.empty() ? json::value() : json_value(schema_text);
    if (const json::object *properties =
            schema.is_object() && schema.as_object().if_contains("properties") ? schema.at("properties").if_object() : nullptr)
        for (const auto &property : *properties)
            if (const json::object *rules = property.value().if_object(); rules && rules->if_contains("default"))
                settings.emplace(property.key(), rules->at("default"));

    const auto kept = std::make_shared<Sink>(*this);
    keep(kept);
    Sink &sink = *kept;
    const std::string settings_text = json_text(settings);
    driver_ = entry_.functions->create(&raw_, text(settings_text), &sink);
    if (driver_) {
        if (sink.answers == 0) return;
        entry_.functions->destroy(driver_);
        throw std::logic_error("The driver broke the ABI's rules: create returned an instance and answered as well.");
    }
    const FakeAnswer answer = sink.finish(0);
    if (!answer.fault.empty()) throw std::logic_error(answer.fault);
    if (answer.succeeded) throw std::logic_error("The driver broke the ABI's rules: create succeeded without an instance.");
    throw Error(answer.code, answer.message, answer.retry, answer.retry_after, answer.details);
}

inline FakeHost::RawCall::RawCall(const FakeHost &host, const FakeCall &call) : rsf_call{}, owner(host), source(call) {
    size = sizeof(rsf_call);
    verb = source.verb;
    flags = source.flags;
    deadline_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(source.deadline.time_since_epoch()).count();
    type = text(source.type);
    name = text(source.name);
    ns = text(source.ns);
    label_selector = text(source.label_selector);
    field_selector = text(source.field_selector);
    object = text(source.object);
    request_id = text(source.request_id);
    cancelled = is_cancelled;
}

inline void FakeHost::keep(std::shared_ptr<void> frame) {
    const std::lock_guard<std::mutex> lock(log_mutex_);
    frames_.push_back(std::move(frame));
    if (frames_.size() > 256) frames_.pop_front();
}

inline FakeAnswer FakeHost::perform(const FakeCall &call) {
    const auto frame = std::make_shared<Frame>(*this, call);
    keep(frame);
    {
        const std::unique_lock<std::mutex> mine = turn();
        entry_.functions->perform(driver_, &frame->call, &frame->sink);
    }
    frame->call.over = true;
    return frame->sink.finish(call.verb);
}

inline std::vector<FakeAnswer> FakeHost::batch(const std::vector<FakeCall> &calls) {
    const auto *table = extension<rsf_batch>(RSF_EXT_BATCH);
    if (!table) throw std::logic_error("The driver does not offer " RSF_EXT_BATCH ".");
    const auto frame = std::make_shared<BatchFrame>(*this, calls);
    keep(frame);
    {
        const std::unique_lock<std::mutex> mine = turn();
        table->perform(driver_, frame->pointers.data(), frame->pointers.size(), frame.get());
    }
    std::vector<FakeAnswer> answers;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        frame->frames[i].call.over = true;
        answers.push_back(frame->frames[i].sink.finish(calls[i].verb));
    }
    if (frame->is_wrong)
        throw std::logic_error("The driver broke the ABI's rules: it answered a call of a batch that is not there.");
    return answers;
}

inline std::vector<FakeBefore> FakeHost::order(std::string_view ns, const std::vector<FakeResource> &resources) {
    const auto *table = extension<rsf_order>(RSF_EXT_ORDER);
    if (!table) throw std::logic_error("The driver does not offer " RSF_EXT_ORDER ".");
    std::vector<std::string> objects;
    std::vector<rsf_resource> raw;
    std::vector<const rsf_resource *> pointers;
    objects.reserve(resources.size());
    raw.reserve(resources.size());
    for (const FakeResource &resource : resources) {
        objects.push_back(json_text(resource.object));
        raw.push_back({sizeof(rsf_resource), 0, text(resource.name), text(resource.type), text(objects.back())});
        pointers.push_back(&raw.back());
    }
    OrderSink sink(resources.size());
    {
        const std::unique_lock<std::mutex> mine = turn();
        table->order(driver_, text(ns), pointers.data(), pointers.size(), &sink);
    }
    if (sink.is_wrong)
        throw std::logic_error("The driver broke the ABI's rules: it ordered a resource that is not there, or before itself.");
    return std::move(sink.edges);
}

inline FakeAnswer FakeHost::health() {
    const auto *table = extension<rsf_health>(RSF_EXT_HEALTH);
    if (!table) throw std::logic_error("The driver does not offer " RSF_EXT_HEALTH ".");
    const auto kept = std::make_shared<Sink>(*this);
    keep(kept);
    Sink &sink = *kept;
    table->check(driver_, &sink);
    std::unique_lock<std::mutex> lock(sink.mutex);
    if (sink.answer.succeeded) {
        const json::object *said = sink.answer.object.if_object();
        const json::value *ok = said ? said->if_contains("ok") : nullptr;
        const json::value *reason = said ? said->if_contains("reason") : nullptr;
        if (sink.object_size > max_health)
            sink.blame("its health is " + std::to_string(sink.object_size) + " bytes long, and " + std::to_string(max_health) +
                       " are taken");
        else if (!ok || !ok->is_bool())
            sink.blame("its health is not an object that says whether it is \"ok\"");
        else if (!ok->get_bool() && (!reason || !reason->is_string() || reason->get_string().empty()))
            sink.blame("its health is not ok and has no \"reason\"");
    }
    lock.unlock();
    return sink.finish(RSF_GET);
}

inline int FakeHost::is_cancelled(const rsf_call *raw) {
    const auto &call = *static_cast<const RawCall *>(raw);
    return call.over || call.owner.cancelled_ || std::chrono::steady_clock::now() >= call.source.deadline ||
           (call.source.cancelled && call.source.cancelled());
}

inline void FakeHost::write_log(const rsf_host *raw, const rsf_call *call, std::int32_t level, rsf_text message) {
    FakeHost &self = *static_cast<const RawHost *>(raw)->owner;
    const std::lock_guard<std::mutex> lock(self.log_mutex_);
    self.log_lines_.push_back(
        {static_cast<LogLevel>(level), std::string(view(message)), call ? std::string(view(call->request_id)) : std::string()});
}

inline const void *FakeHost::get_extension(const rsf_host *raw, rsf_text id) {
    const FakeHost &self = *static_cast<const RawHost *>(raw)->owner;
    if (self.options_.keeps_log && view(id) == RSF_EXT_LOG) return &self.log_table_;
    const auto found = self.options_.extensions.find(std::string(view(id)));
    return found == self.options_.extensions.end() ? nullptr : found->second;
}

} // namespace rsf

#endif
