// SPDX-License-Identifier: Apache-2.0
//
// fake_calls.hpp: how a FakeHost calls a driver. Included at the end of fake_host.hpp, after fake_sinks.hpp, and nowhere else.
// C++17. Thread-safe as FakeHost is.
#ifndef RESOURCIFIER_DETAIL_FAKE_CALLS_HPP
#define RESOURCIFIER_DETAIL_FAKE_CALLS_HPP

namespace rsf {

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
    operation = text(source.operation);
    step = source.step;
    expected_revision = text(source.expected_revision);
    began_ms = source.began_ms;
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

inline FakeAnswer FakeHost::ask(const FakeCall &call, void (*function)(rsf_driver *, const rsf_call *, rsf_sink *),
                                std::string (*fault_of)(const json::value &)) {
    const auto frame = std::make_shared<Frame>(*this, call);
    keep(frame);
    {
        const std::unique_lock<std::mutex> mine = turn();
        function(driver_, &frame->call, &frame->sink);
    }
    frame->call.over = true;
    {
        const std::lock_guard<std::mutex> lock(frame->sink.mutex);
        if (frame->sink.answer.succeeded) frame->sink.blame(fault_of(frame->sink.answer.object));
    }
    return frame->sink.finish(RSF_GET);
}

inline FakeAnswer FakeHost::settle(const FakeCall &call) {
    const auto *table = extension<rsf_settle>(RSF_EXT_SETTLE);
    if (!table) throw std::logic_error("The driver does not offer " RSF_EXT_SETTLE ".");
    return ask(call, table->settle, fault_of_settlement);
}

inline FakeAnswer FakeHost::kind(const FakeCall &call) {
    const auto *table = extension<rsf_kind>(RSF_EXT_KIND);
    if (!table) throw std::logic_error("The driver does not offer " RSF_EXT_KIND ".");
    return ask(call, table->name, fault_of_kind);
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

// Of a call that is over nothing is kept, as in the daemon.
inline void FakeHost::hear_progress(const rsf_host *raw, const rsf_call *call, rsf_text line) {
    FakeHost &self = *static_cast<const RawHost *>(raw)->owner;
    if (!call || !is_sound(line)) return;
    const std::lock_guard<std::mutex> lock(self.log_mutex_);
    if (!static_cast<const RawCall *>(call)->over)
        self.progress_.push_back({std::string(view(line)), std::string(view(call->request_id))});
}

inline const void *FakeHost::get_extension(const rsf_host *raw, rsf_text id) {
    const FakeHost &self = *static_cast<const RawHost *>(raw)->owner;
    if (self.options_.keeps_log && view(id) == RSF_EXT_LOG) return &self.log_table_;
    if (self.options_.hears_progress && view(id) == RSF_EXT_PROGRESS) return &self.progress_table_;
    const auto found = self.options_.extensions.find(std::string(view(id)));
    return found == self.options_.extensions.end() ? nullptr : found->second;
}

} // namespace rsf

#endif
