// SPDX-License-Identifier: Apache-2.0
#include "kubectl/errors/error_text.hpp"

#include "kubectl/errors/go_values.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"
#include "kubectl/text/well_formed.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <system_error>

namespace rsf::kubectl::errors {

namespace {

constexpr std::size_t longest_words = std::size_t{64} << 10U; // people get less: shown_errors.hpp

constexpr std::string_view not_reached = "The cluster can't be reached: ";
constexpr std::string_view no_type_word = "The cluster has no such type: ", no_type_path = "The cluster does not have this type.";
constexpr std::string_view no_object_path = "The cluster does not know this apiVersion and kind";
constexpr std::string_view no_answer = "The cluster did not answer in time";
constexpr std::string_view not_trusted = "The connection to the cluster can't be trusted: ";

// In what Go says of a connection that was not made, or whose other end is not trusted, and of calls that an admission webhook
// did not judge: the request was not carried out.
constexpr std::string_view never_sent[] = {"dial ", "x509: ", "tls: ", "getting credentials: ", "failed calling webhook"};

// In what it says of one that broke while it was used.
constexpr std::string_view lost_on_the_way[] = {
    "EOF", "connection reset by peer", "broken pipe", "http2: ", "i/o timeout", "etcdserver: ", "in the time allotted"};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return contains(text, part); });
}

template <std::size_t size> bool contains_one(std::string_view text, const std::string_view (&parts)[size]) {
    return std::any_of(std::begin(parts), std::end(parts), [&](std::string_view part) { return contains(text, part); });
}

void cut_front(std::string &text, std::string_view front) {
    if (text.starts_with(front)) text.erase(0, front.size());
}

void cut_from(std::string &text, std::string_view from) {
    if (const std::size_t at = text.find(from); at != text.npos) text.erase(at);
}

// What stands between the first of each; empty if one is not there.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
    const std::size_t start = text.find(open);
    if (start == text.npos) return {};
    const std::size_t end = text.find(close, start + open.size());
    return end == text.npos ? std::string_view{} : text.substr(start + open.size(), end - start - open.size());
}

// klog's header: severity, month and day, time, thread, place.
bool is_log_line(std::string_view line) {
    return line.size() > 22 && std::string_view("IWEF").find(line[0]) != std::string_view::npos && line[5] == ' ' &&
           line[8] == ':' && line[11] == ':' && line[14] == '.' &&
           line.substr(1, 4).find_first_not_of("0123456789") == std::string_view::npos &&
           line.find("] ") != std::string_view::npos;
}

// Removes what kubectl writes around the cluster's text.
std::string cluster_words(std::string text) {
    cut_front(text, "error: ");
    constexpr std::string_view sources[] = {
        "error when creating \"STDIN\": ", "error when replacing \"STDIN\": ", "error when deleting \"STDIN\": ",
        "error when creating: ",           "error when replacing: ",           "error when deleting: ",
        "unable to recognize \"STDIN\": ", "unable to decode \"STDIN\": ",     "error validating \"STDIN\": ",
        "error validating data: ",         "failed to download openapi: ",     "Unable to connect to the server: ",
        "Error in configuration: "};
    for (bool found = true; found;) {
        found = false;
        for (const std::string_view source : sources)
            if (text.starts_with(source)) {
                text.erase(0, source.size());
                found = true;
            }
    }
    cut_from(text, "; if you choose to ignore these errors, turn validation off with --validate=false");
    // API servers up to 1.22 quote a piece of what was sent, which may be a Secret.
    cut_from(text, ", error found in #");
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

std::string one_line(std::string text) {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at)) text.replace(at, 1, "; ");
    if (text.size() > longest_words) {
        std::size_t end = longest_words;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        text.erase(end);
        text += "…";
    }
    return text;
}

// `The Deployment "x" is invalid: ` and then "field: what" once, or a line "* field: what" for each.
json::value causes_of(std::string_view text) {
    json::array causes;
    const std::size_t start = text.find("is invalid: ");
    if (start == text.npos) return nullptr;
    for (std::string_view rest = text.substr(start + 12); !rest.empty();) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        if (line.starts_with("* ")) line.remove_prefix(2);
        const std::size_t colon = line.find(": ");
        if (colon == line.npos || line.substr(0, colon).find(' ') != line.npos) continue;
        causes.push_back({{"field", line.substr(0, colon)}, {"message", line.substr(colon + 2)}});
    }
    if (causes.empty()) return nullptr;
    return json::object{{"causes", std::move(causes)}};
}

// Adds what to do about a change that can't be made in place.
std::string with_advice(std::string line) {
    const bool is_in_place = contains_any(line, {"field is immutable", "is immutable after creation", "may not change once set",
                                                 "updates to statefulset spec for fields other than", "cannot change roleRef",
                                                 "pod updates may not change fields other than"});
    if (is_in_place)
        line += (line.ends_with('.') ? "" : ".") + std::string(" To change it, delete the object and create it anew.");
    return line;
}

struct Reason {
    std::string_view name;
    Code code;
    Retry retry;
};

// metav1.StatusReason, as kubectl writes it: "Error from server (NotFound): ...".
// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#StatusReason
constexpr Reason reasons[] = {
    {"NotFound", Code::not_found, Retry::never},
    {"AlreadyExists", Code::already_exists, Retry::never},
    {"Conflict", Code::conflict, Retry::never},
    {"Invalid", Code::invalid, Retry::never},
    {"BadRequest", Code::invalid, Retry::never},
    {"NotAcceptable", Code::invalid, Retry::never},
    {"UnsupportedMediaType", Code::invalid, Retry::never},
    {"RequestEntityTooLarge", Code::invalid, Retry::never},
    {"MethodNotAllowed", Code::unsupported, Retry::never},
    {"Unauthorized", Code::unauthorized, Retry::never},
    {"Forbidden", Code::forbidden, Retry::never},
    {"TooManyRequests", Code::unavailable, Retry::later},
    {"ServiceUnavailable", Code::unavailable, Retry::later},
    {"ServerTimeout", Code::unavailable, Retry::later},
    {"Timeout", Code::timeout, Retry::later},
    {"Expired", Code::unavailable, Retry::later},
    {"Gone", Code::unavailable, Retry::later},
    {"InternalError", Code::internal, Retry::unknown},
};

Error read_unknown_kind(std::string_view words) {
    return unknown_kind(between(words, "no matches for kind \"", "\""), between(words, "\" in version \"", "\""));
}

// Errors without a reason, by their text. The first match counts.
Error read_words(const std::string &words, bool writes) {
    const std::string line = one_line(words);
    if (contains_any(words, {no_server, "invalid character \" \" in host name"}))
        return {
            Code::unavailable,
            "Neither the target's settings nor a kubeconfig say where the cluster is: set config, server or service, or name a "
            "server and a current-context in the kubeconfig.",
            Retry::later};
    if (contains(words, "Apply failed with") && contains(words, "conflict")) // server-side apply; then kubectl's advice
        return {Code::conflict, "The cluster says: " + one_line(words.substr(0, words.find("\nPlease review the fields"))),
                Retry::never};
    if (contains(words, "no matches for kind")) return read_unknown_kind(words);
    if (contains(words, "does not support dry run")) // an admission webhook with side effects
        return without_dry_run("The cluster says: " + line);
    if (contains(words, "denied the request")) // an admission webhook, which may put any word where the reason stands
        return {Code::forbidden, "The cluster says: " + line, Retry::never};
    if (contains(words, "the server doesn't have a resource type"))
        return {Code::not_found, std::string(no_type_word) + line + ".", Retry::never};
    if (contains(words, "Please enter Username")) // it asks on its standard input, which is /dev/null
        return {Code::unauthorized,
                "Nothing says who is asking: add a token, a user or a client certificate to the target's settings or kubeconfig.",
                Retry::never};
    if (contains_any(words, {"getting credentials: ", "You must be logged in to the server",
                             "the server has asked for the client to provide credentials", "Unauthorized"}))
        return {Code::unauthorized,
                "The cluster does not know who is asking: check the target's token, certificate or kubeconfig. kubectl says: " +
                    line,
                Retry::never};
    if (contains_any(words, {"x509: ", "tls: ", "certificate signed by", "server gave HTTP response to HTTPS client"}))
        return {Code::unavailable, std::string(not_trusted) + line, Retry::never};
    if (contains_any(words, {"Client.Timeout", "context deadline exceeded", "timed out waiting for the condition"}))
        return {Code::timeout, std::string(no_answer) + (writes ? "; the change may have happened" : "") + ": " + line,
                Retry::later};
    if (contains_any(words, {"was refused", "connection refused", "no such host", "i/o timeout", "TLS handshake timeout",
                             "network is unreachable", "no route to host", "connection reset by peer", "unexpected EOF",
                             "Unable to connect to the server", "broken pipe", "server misbehaving",
                             "http2: ", "etcdserver: ", "the server is currently unable to handle the request",
                             "unable to return a response in the time allotted"}) ||
        words == "EOF" || words.ends_with(": EOF"))
        return with_effect(writes && contains_one(words, lost_on_the_way) && !contains_one(words, never_sent) ? Effect::unknown
                                                                                                              : Effect::known,
                           {Code::unavailable, std::string(not_reached) + line, Retry::later});
    if (contains_any(words, {"ValidationError(", "unknown field", "not set", "strict decoding error",
                             "the namespace from the provided object", "resource name may not be empty",
                             "unable to parse requirement", "field label", "invalid type for", "unable to decode", "is invalid"}))
        return {Code::invalid, "The cluster refuses it: " + line, Retry::never};
    if (contains_any(words, {"context was not found", "auth info", "does not exist", "invalid configuration",
                             "error loading config file", "unable to load root certificates", "unable to read client-"}))
        return {Code::internal, "kubectl can't use the target's kubeconfig or settings: " + line, Retry::never};
    if (contains_any(words, {"unknown flag", "unknown command"}))
        return {Code::internal, "This kubectl is not one that the driver can use, 1.20 or later: " + line, Retry::never};
    return {Code::internal, "kubectl failed: " + line, Retry::unknown};
}

Error read_reason(std::string_view reason, std::string words, bool writes) {
    if (contains(words, "the server could not find the requested resource"))
        return writes ? Error{Code::invalid,
                              std::string(no_object_path) + ": correct them, or create its CustomResourceDefinition first.",
                              Retry::never}
                      : Error{Code::not_found, std::string(no_type_path), Retry::never};
    if (contains(words, "does not support dry run")) return read_words(words, writes);
    const std::string line = one_line(words);
    if (contains(words, "failed to create typed ")) // of an apply; API servers call it an internal error
        return {Code::invalid, "The cluster says: " + line, Retry::never};
    for (const Reason &known : reasons)
        if (known.name == reason) {
            if (known.code == Code::unauthorized) return read_words("Unauthorized: " + words, writes);
            return {known.code, "The cluster says: " + with_advice(line), known.retry, {}, causes_of(words)};
        }
    Error read = read_words(words, writes);
    if (read.code == Code::internal) return {Code::internal, "The cluster says: " + line, Retry::unknown};
    return read;
}

json::array fit_to_show(json::array causes) {
    for (json::value &cause : causes)
        if (json::object *object = cause.if_object())
            if (const std::string_view message = text::text_at(*object, "message"); !message.empty())
                (*object)["message"] = without_go_values(std::string(message));
    return causes;
}

// For answers that have nothing but an HTTP status.
Error error_of_http(unsigned status, std::string_view words) {
    const std::string line = "The cluster says: " + one_line(std::string(words));
    switch (status) {
    case 401: return {Code::unauthorized, line, Retry::never};
    case 403: return {Code::forbidden, line, Retry::never};
    case 404: return {Code::not_found, line, Retry::never};
    case 405: return {Code::unsupported, line, Retry::never};
    case 409: return {Code::conflict, line, Retry::never};
    case 429:
    case 502:
    case 503: return {Code::unavailable, line, Retry::later};
    case 504: return {Code::timeout, line, Retry::later};
    default: return status < 500 ? Error{Code::invalid, line, Retry::never} : Error{Code::internal, line, Retry::unknown};
    }
}

} // namespace

Error cant_be_run(const std::string &kubectl, int error) {
    return {Code::internal,
            kubectl + " can't be run: " + std::generic_category().message(error) +
                ". Install kubectl there, or correct the setting kubectl.",
            Retry::unknown};
}

Error without_dry_run(const std::string &why) {
    return {Code::unsupported, why, Retry::never, {}, json::object{{"dry_run", false}}};
}

Error unknown_kind(std::string_view kind, std::string_view api_version) {
    std::string what = "such a kind";
    if (!kind.empty() && !api_version.empty()) what = "kind " + std::string(kind) + " in " + std::string(api_version);
    return {Code::invalid,
            "The cluster has no " + what + ": correct apiVersion and kind, or create its CustomResourceDefinition first.",
            Retry::never};
}

Error no_such_type(std::string_view word) {
    return {Code::not_found, std::string(no_type_word) + "the server doesn't have a resource type " + text::in_quotes(word) + ".",
            Retry::never};
}

bool is_no_such_type(const Error &error) {
    const std::string_view said = error.what();
    return error.code == Code::not_found && (said.starts_with(no_type_word) || said.starts_with(no_type_path));
}

ErrorText sort_error_text(std::string_view standard_error) {
    ErrorText sorted;
    const std::string text = text::well_formed(standard_error);
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        if (line.empty()) continue;
        if (line.starts_with("Warning: ") || line.starts_with("warning: "))
            sorted.warnings.emplace_back(line.substr(9));
        else if (line.starts_with("Flag --"))
            sorted.warnings.emplace_back(line);
        else if (is_log_line(line))
            sorted.log.emplace_back(line);
        else
            sorted.message.append(sorted.message.empty() ? "" : "\n").append(line);
    }
    return sorted;
}

Error read_error(const ErrorText &text, int exit_code, bool writes) {
    std::string said = without_go_values(text.message);
    if (said.empty() && !text.log.empty()) said = text.log.back().substr(text.log.back().find("] ") + 2);
    if (said.empty())
        return {Code::internal, "kubectl ended with code " + std::to_string(exit_code) + " and did not say why.", Retry::unknown};
    constexpr std::string_view from_server = "Error from server";
    if (const std::size_t colon = said.find(": "); said.starts_with(from_server) && colon != said.npos) {
        const std::string reason(between(std::string_view(said).substr(0, colon), "(", ")"));
        return read_reason(reason, cluster_words(said.substr(colon + 2)), writes);
    }
    if (said.starts_with("The ") && contains(said, "\" is invalid: "))
        return {Code::invalid, "The cluster refuses it: " + with_advice(one_line(said)), Retry::never, {}, causes_of(said)};
    return read_words(cluster_words(std::move(said)), writes);
}

Error read_status(unsigned http_status, std::string_view body, bool writes) {
    boost::system::error_code failed;
    const json::value parsed = json_value(body, failed);
    const json::object *status = failed ? nullptr : parsed.if_object();
    if (!status || text::text_at(*status, "kind") != "Status") {
        std::string words = cluster_words(without_go_values(text::well_formed(body.substr(0, longest_words))));
        // An API server answers so for a path that it does not have. For an object that it does not have it sends a Status.
        if (http_status == 404) return read_reason("NotFound", "the server could not find the requested resource", writes);
        if (words.empty()) words = "it answered with HTTP status " + std::to_string(http_status) + " and nothing else";
        const Error read = read_words(words, writes);
        return read.code == Code::internal ? error_of_http(http_status, words) : read;
    }
    std::string_view reason = text::text_at(*status, "reason");
    if (reason == "Unknown") reason = {};
    const std::string message = without_go_values(std::string(text::text_at(*status, "message")));
    Error read = read_reason(reason, cluster_words(message), writes);
    if (reason.empty() && read.code == Code::internal) read = error_of_http(http_status, message);
    const json::object *details = text::object_at(*status, "details");
    if (!details) return read;
    if (const json::array *causes = text::array_at(*details, "causes"); causes && read.code != Code::unsupported)
        read.details = json::object{{"causes", fit_to_show(*causes)}};
    if (const json::value *seconds = details->if_contains("retryAfterSeconds"); seconds && seconds->is_int64())
        read.retry_after = std::chrono::seconds(std::clamp<std::int64_t>(seconds->get_int64(), 0, 86'400));
    return read;
}

bool is_out_of_touch(const Error &error) {
    const std::string_view said = error.what();
    return error.code == Code::unauthorized || said.starts_with(not_reached) || said.starts_with(not_trusted);
}

bool is_no_such_path(const Error &error) {
    return error.code == Code::invalid && std::string_view(error.what()).starts_with(no_object_path);
}

Error never_stored(Code code, std::string_view kind) {
    return {code,
            "The cluster stores no objects of kind " + std::string(kind) +
                ": they can only be created, and are answered at once.",
            Retry::never};
}

bool is_overtaken(const Error &error) {
    return error.code == Code::conflict && contains(error.what(), "the object has been modified");
}

bool is_silence(const Error &error) {
    return error.code == Code::timeout && std::string_view(error.what()).starts_with(no_answer);
}

bool may_have_passed_on(unsigned http_status, std::string_view body) {
    if (http_status != 500 && http_status != 502 && http_status != 504) return false;
    return !contains_one(body, never_sent);
}

// kubectl proxy reports its own failures with a status of 500 to 502 and plain text, in some releases without any text. The
// cluster answers with a Status, which is JSON, and with 503 for a server behind it that it did not reach.
bool is_out_of_touch(unsigned http_status, std::string_view body) {
    if (http_status == 401) return true;
    if (http_status < 500 || http_status > 502 || body.starts_with('{')) return false;
    return (http_status == 502 && body.empty()) || is_out_of_touch(read_status(http_status, body, false));
}

} // namespace rsf::kubectl::errors
