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
#include "detail/fake_values.hpp"
#include "driver.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rsf {

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

    // What rsf.settle/1 and rsf.kind/1 say of the call, which is not made: the answer's object is as extensions.h describes it.
    // Throw std::logic_error when the driver does not offer it.
    FakeAnswer settle(const FakeCall &call);
    FakeAnswer kind(const FakeCall &call);

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

    // What it said by rsf.progress/1.
    std::vector<FakeProgress> progress() const {
        const std::lock_guard<std::mutex> lock(log_mutex_);
        return progress_;
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
    static void hear_progress(const rsf_host *raw, const rsf_call *call, rsf_text line);
    FakeAnswer ask(const FakeCall &call, void (*function)(rsf_driver *, const rsf_call *, rsf_sink *),
                   std::string (*fault_of)(const json::value &));
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
    const rsf_progress progress_table_{sizeof(rsf_progress), 0, hear_progress};
    rsf_driver *driver_ = nullptr;

    std::atomic<bool> cancelled_{false};
    std::atomic<std::size_t> late_answers_{0};
    std::deque<std::shared_ptr<void>> frames_; // of the last calls, for drivers that use one too late; guarded by log_mutex_
    std::mutex call_mutex_;                    // held during a call to a driver that is not concurrent
    mutable std::mutex log_mutex_;
    std::vector<FakeLine> log_lines_;    // guarded by log_mutex_
    std::vector<FakeProgress> progress_; // guarded by log_mutex_
};

} // namespace rsf

#include "detail/fake_sinks.hpp"

#include "detail/fake_calls.hpp"

#endif
