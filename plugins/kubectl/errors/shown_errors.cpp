// SPDX-License-Identifier: Apache-2.0
#include "kubectl/errors/shown_errors.hpp"

#include "masking/secret_values.hpp"

namespace rsf::kubectl::errors {

namespace {

std::string cut(std::string text) {
    constexpr std::size_t most = 4096;
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.erase(end);
    return text += "…";
}

void mask_message(json::object &object, const masking::SecretSearch &secrets) {
    json::value *message = object.if_contains("message");
    if (message && message->is_string()) *message = secrets.masked_text(std::string(message->get_string()));
}

void add(masking::SecretSearch &search, std::string_view object_text, std::string_view type) {
    boost::system::error_code failed;
    const json::value object = json_value(object_text, failed);
    if (failed || !object.is_object()) return; // nor is it sent
    masking::each_secret(object.get_object(), type, [&](std::string_view value) { search.add(value, "(secret)"); });
}

} // namespace

masking::SecretSearch secrets_posted(const std::vector<Call> &calls) {
    masking::SecretSearch search;
    for (const Call &call : calls) add(search, call.object_text(), call.type());
    return search;
}

masking::SecretSearch secrets_in(const std::vector<std::string> &objects) {
    masking::SecretSearch search;
    for (const std::string &object : objects) add(search, object, {});
    return search;
}

std::string shown_answer(std::string_view body, const masking::SecretSearch &secrets) {
    if (secrets.empty()) return std::string(body);
    boost::system::error_code failed;
    json::value answer = json_value(body, failed);
    if (failed || !answer.is_object()) return secrets.masked_text(std::string(body));
    mask_message(answer.get_object(), secrets);
    json::value *details = answer.get_object().if_contains("details");
    json::value *causes = details && details->is_object() ? details->get_object().if_contains("causes") : nullptr;
    if (causes && causes->is_array())
        for (json::value &cause : causes->get_array())
            if (cause.is_object()) mask_message(cause.get_object(), secrets);
    return json_text(answer);
}

Error shown(const Error &error, const masking::SecretSearch &secrets) {
    json::value details = error.details;
    secrets.mask(details);
    return with_effect(error.effect,
                       {error.code, cut(secrets.masked_text(error.what())), error.retry, error.retry_after, std::move(details)});
}

} // namespace rsf::kubectl::errors
