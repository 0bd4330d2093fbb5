// SPDX-License-Identifier: Apache-2.0
#include "http/problem.hpp"

#include "base/text.hpp"
#include "http/syntax.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace rsf::http {

namespace json = boost::json;

namespace {

// A request's id may hold any printable character; instance is a URI reference (RFC 3986).
std::string as_uri(std::string_view id) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    static constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string uri = "urn:resourcifier:request:";
    for (const char c : id) {
        const auto byte = static_cast<unsigned char>(c);
        if (plain.find(c) != plain.npos)
            uri += c;
        else
            uri.append({'%', hex[byte >> 4], hex[byte & 15]});
    }
    return uri;
}

json::object to_json(const ProblemPart &part) {
    json::object out;
    if (!part.place.pointer.empty()) out["pointer"] = part.place.pointer;
    if (part.place.line != 0) {
        out["line"] = part.place.line;
        out["column"] = part.place.column;
    }
    out["detail"] = part.detail;
    if (part.failure) {
        out["code"] = part.failure->code;
        if (!part.failure->details.is_null()) out["details"] = part.failure->details;
    }
    return out;
}

json::object to_json(const Problem &problem, std::string_view request_id) {
    json::object document;
    document["type"] = "urn:resourcifier:problem:" + problem.kind;
    document["title"] = reason_phrase(problem.status);
    document["status"] = problem.status;
    document["detail"] = problem.detail;
    document["instance"] = as_uri(request_id);
    if (!problem.parts.empty()) {
        json::array parts;
        for (const ProblemPart &part : problem.parts) parts.push_back(to_json(part));
        document["errors"] = std::move(parts);
    }
    return document;
}

// A driver's message may have several lines, and control characters, which a terminal would obey: they are escaped.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (c != '\n' && c != '\r' && c != '\t')
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (line.ends_with(' ')) line.pop_back();
    return printable(line, std::numeric_limits<std::size_t>::max());
}

// The sentence, then a line for each part that it does not quote already. For errors in the body each line says where.
std::string to_text(const Problem &problem) {
    const bool is_about_body = problem.status == 400;
    const std::string sentence = on_one_line(problem.detail);
    std::string text = sentence + '\n';
    for (const ProblemPart &part : problem.parts) {
        const std::string line = on_one_line(part.detail);
        if (sentence.find(line) == sentence.npos) text += (is_about_body ? in_words(part.place) : std::string()) + line + '\n';
    }
    return text;
}

} // namespace

std::string in_words(const Place &place) {
    if (place.line == 0) return {};
    return "Line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": ";
}

void throw_exception_from_error(const Problem &problem, const boost::source_location &where) {
    throw std::logic_error("an unchecked problem at " + where.to_string() + ": " + problem.detail);
}

ProblemForm problem_form(const Headers &headers) {
    return header_values(headers, "Accept").empty() ? ProblemForm::text : ProblemForm::json;
}

ProblemForm problem_form(std::string_view received) {
    constexpr std::string_view name = "Accept:";
    const std::string_view head = received.substr(0, received.find("\r\n\r\n"));
    for (std::size_t end = head.find('\n'); end != head.npos; end = head.find('\n', end + 1))
        if (same_word(head.substr(end + 1, name.size()), name)) return ProblemForm::json;
    return ProblemForm::text;
}

Response to_response(Problem problem) {
    Response response;
    response.status = problem.status;
    response.headers = std::move(problem.headers);
    response.problem = std::make_shared<const Problem>(std::move(problem));
    return response;
}

void write_problem(Response &response, ProblemForm form, std::string_view request_id) {
    if (!response.problem) return;
    const std::shared_ptr<const Problem> problem = std::move(response.problem);
    response.headers.emplace_back("Vary", "Accept");
    if (form == ProblemForm::json) {
        response.content_type = "application/problem+json";
        response.body = json_text(to_json(*problem, request_id)) + '\n';
    } else {
        response.content_type = "text/plain; charset=UTF-8";
        response.body = to_text(*problem);
    }
}

Problem overloaded(std::string_view what) {
    return {503,
            "overloaded",
            std::string(what) + "; nothing was done, try again later.",
            {},
            {retry_after(std::chrono::seconds(2))}};
}

Header retry_after(std::chrono::milliseconds delay) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(delay).count();
    return {"Retry-After", std::to_string(std::clamp<decltype(seconds + 0)>(seconds, 1, 3600))};
}

} // namespace rsf::http
