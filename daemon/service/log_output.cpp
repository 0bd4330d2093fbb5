// SPDX-License-Identifier: Apache-2.0
#include "service/log_output.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#define SD_JOURNAL_SUPPRESS_LOCATION // it would be where the tree was built
#include <systemd/sd-journal.h>

#include <cstdlib>
#include <mutex>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

namespace rsf::service {

namespace {

namespace json = boost::json;

std::string_view payload(const spdlog::details::log_msg &message) { return {message.payload.data(), message.payload.size()}; }

void append(spdlog::memory_buf_t &out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

// A line's fields and words, for people.
class PlainText final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg &message, const std::tm &, spdlog::memory_buf_t &out) override {
        append(out, plain_text(payload(message)));
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PlainText>(); }
};

// As members of an object.
class Members final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg &message, const std::tm &, spdlog::memory_buf_t &out) override {
        const LogEntry line = take_apart(payload(message));
        append(out, "\"message\":" + json::serialize(json::string(line.text)));
        for (const LogEntry::Field &field : line.fields)
            append(out, "," + json::serialize(json::string(field.key)) + ":" +
                            (field.is_number ? field.value : json::serialize(json::string(field.value))));
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Members>(); }
};

template <class Flag> spdlog::sink_ptr standard_error(const std::string &pattern) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<Flag>('*').set_pattern(pattern);
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_formatter(std::move(formatter));
    return sink;
}

int priority_of(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::critical: return LOG_CRIT;
    case spdlog::level::err: return LOG_ERR;
    case spdlog::level::warn: return LOG_WARNING;
    case spdlog::level::info: return LOG_INFO;
    default: return LOG_DEBUG;
    }
}

// systemd's journal: each field under its own name, so that "journalctl RESOURCIFIER_TARGET=prod" finds it.
class Journal final : public spdlog::sinks::base_sink<std::mutex> {
  private:
    void sink_it_(const spdlog::details::log_msg &message) override {
        std::vector<std::string> fields{"MESSAGE=" + plain_text(payload(message)),
                                        "PRIORITY=" + std::to_string(priority_of(message.level)),
                                        "SYSLOG_IDENTIFIER=resourcifierd"};
        for (const LogEntry::Field &field : take_apart(payload(message)).fields) {
            std::string name = "RESOURCIFIER_";
            for (const char c : field.key) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            fields.push_back(name + "=" + field.value);
        }
        std::vector<iovec> parts;
        parts.reserve(fields.size());
        for (std::string &field : fields) parts.push_back({field.data(), field.size()});
        ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())); // a failure cannot be reported anywhere
    }
    void flush_() override {}
};

// Whether standard error is the journal's, by what systemd says of it (systemd.exec(5)).
bool is_under_journal() {
    const char *stream = std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): no thread sets variables
    struct stat status {};
    return stream && ::fstat(STDERR_FILENO, &status) == 0 &&
           stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

spdlog::sink_ptr output(std::string_view format) {
    if (format == "journal" || (format == "automatic" && is_under_journal())) return std::make_shared<Journal>();
    if (format == "json") return standard_error<Members>(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%*})");
    return standard_error<PlainText>("%Y-%m-%dT%H:%M:%S.%e%z %l %*");
}

} // namespace

Log make_log(std::string_view level, std::string_view format) {
    auto log = std::make_shared<spdlog::logger>("resourcifierd", output(format));
    log->flush_on(spdlog::level::trace);
    if (level == "off") log->warn("log_level is off: nothing is logged from here on");
    log->set_level(spdlog::level::from_str(std::string(level)));
    return log;
}

void change_level(const Log &log, const std::string &level) {
    const spdlog::level::level_enum next = spdlog::level::from_str(level);
    if (next == log->level()) return;
    log->set_level(spdlog::level::info);
    log->info("the daemon logs {} from here on", next == spdlog::level::off ? "nothing" : level);
    log->set_level(next);
}

} // namespace rsf::service
