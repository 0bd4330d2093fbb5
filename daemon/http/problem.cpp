// SPDX-License-Identifier: Apache-2.0
#include "http/problem.hpp"

#include "text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace rsf::daemon {

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
    return out;
}

bool has_place(const Place &place) { return place.line != 0 || !place.pointer.empty(); }

void add_parts(const Error &error, std::vector<ProblemPart> &parts) {
    if (error.causes.empty() && has_place(error.place)) parts.push_back({error.place, error.message});
    for (const Error &cause : error.causes) {
        if (cause.causes.empty())
            parts.push_back({cause.place, cause.message});
        else
            add_parts(cause, parts);
    }
}

} // namespace

void throw_exception_from_error(const Problem &problem, const boost::source_location &where) {
    throw std::logic_error("an unchecked problem at " + where.to_string() + ": " + problem.detail);
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 207: return "Multi-Status";
    case 301: return "Moved Permanently";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
    }
}

Response to_response(const Problem &problem, std::string_view request_id) {
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
    Response response;
    response.status = problem.status;
    response.content_type = "application/problem+json";
    response.body = json::serialize(document) + '\n';
    response.headers = problem.headers;
    return response;
}

Problem problem_of(const Error &error, unsigned status) {
    Problem problem{status, std::string(kind_of(error.code)), error.message, {}, {}};
    if (error.place.line != 0)
        problem.detail =
            "Line " + std::to_string(error.place.line) + ", column " + std::to_string(error.place.column) + ": " + error.message;
    add_parts(error, problem.parts);
    if (error.causes.size() == 1) problem.detail += (problem.detail.ends_with('.') ? " " : ": ") + error.causes[0].message;
    return problem;
}

Problem problem_of(const Failure &failure) {
    Problem problem{status_of(failure.code), std::string(kind_of(failure.code)), failure.message, {}, {}};
    if (problem.status == 503) problem.headers.push_back(retry_after(failure.retry_after));
    return problem;
}

unsigned status_of(Code code) {
    switch (code) {
    case Code::not_found: return 404;
    case Code::already_exists:
    case Code::conflict: return 409;
    case Code::invalid: return 400;
    // The cluster refuses the daemon, not the client: 401 and 403 would say otherwise.
    case Code::unauthorized:
    case Code::forbidden: return 502;
    case Code::unavailable:
    case Code::cancelled: return 503;
    case Code::timeout: return 504;
    case Code::unsupported: return 501;
    case Code::internal: break;
    }
    return 502;
}

std::string_view kind_of(Code code) {
    switch (code) {
    case Code::not_found: return "not-found";
    case Code::already_exists: return "already-exists";
    case Code::conflict: return "conflict";
    case Code::invalid: return "invalid";
    case Code::unauthorized: return "target-unauthorized";
    case Code::forbidden: return "target-forbidden";
    case Code::unavailable: return "unavailable";
    case Code::timeout: return "timeout";
    case Code::cancelled: return "cancelled";
    case Code::unsupported: return "unsupported";
    case Code::internal: break;
    }
    return "driver-failed";
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

} // namespace rsf::daemon
