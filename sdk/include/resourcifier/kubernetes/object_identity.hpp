// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/object_identity.hpp: an object's identity, read from its JSON without making values of the rest, and whether it can
// be the object that was asked for. For objects shaped as those of Kubernetes are. Header-only C++17; needs Boost.JSON. Pure;
// everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_OBJECT_IDENTITY_HPP
#define RESOURCIFIER_KUBERNETES_OBJECT_IDENTITY_HPP

#include "kinds.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rsf {

// Empty: missing, or not a string.
struct ObjectIdentity {
    std::string api_version;
    std::string kind;
    std::string ns;         // metadata.namespace
    std::string name;       // metadata.name
    std::string status;     // where it is a string, as in a Status
    std::string revision{}; // metadata.resourceVersion

    bool is_kubernetes_shaped() const { return !api_version.empty() && !kind.empty(); }
};

namespace detail {

// What boost::json::basic_parser calls.
class IdentityHandler {
  public:
    using Text = boost::json::string_view;
    using Failed = boost::system::error_code;
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    ObjectIdentity found;

    bool on_document_begin(Failed &) { return true; }
    bool on_document_end(Failed &) { return true; }
    bool on_object_begin(Failed &) { return begin(true); }
    bool on_object_end(std::size_t, Failed &) { return end(); }
    bool on_array_begin(Failed &) { return begin(false); }
    bool on_array_end(std::size_t, Failed &) { return end(); }
    bool on_key_part(Text part, std::size_t, Failed &) { return keep(key_, part, depth_ <= 2); }
    bool on_key(Text part, std::size_t, Failed &) {
        keep(key_, part, depth_ <= 2);
        wanted_ = member();
        if (wanted_) wanted_->clear(); // of two with one key the last counts
        if (depth_ == 1) is_metadata_ = key_ == "metadata";
        key_.clear();
        return true;
    }
    bool on_string_part(Text part, std::size_t, Failed &) { return !wanted_ || keep(*wanted_, part, true); }
    bool on_string(Text part, std::size_t, Failed &) {
        if (wanted_) keep(*wanted_, part, true);
        wanted_ = nullptr;
        return true;
    }
    bool on_number_part(Text, Failed &) { return true; }
    bool on_int64(std::int64_t, Text, Failed &) { return other(); }
    bool on_uint64(std::uint64_t, Text, Failed &) { return other(); }
    bool on_double(double, Text, Failed &) { return other(); }
    bool on_bool(bool, Failed &) { return other(); }
    bool on_null(Failed &) { return other(); }
    bool on_comment_part(Text, Failed &) { return true; }
    bool on_comment(Text, Failed &) { return true; }

  private:
    // Where the string at key_ goes, or nullptr.
    std::string *member() {
        if (depth_ == 1 && is_object_) {
            if (key_ == "apiVersion") return &found.api_version;
            if (key_ == "kind") return &found.kind;
            if (key_ == "status") return &found.status;
        }
        if (depth_ == 2 && is_object_ && in_metadata_) {
            if (key_ == "namespace") return &found.ns;
            if (key_ == "name") return &found.name;
            if (key_ == "resourceVersion") return &found.revision;
        }
        return nullptr;
    }
    bool begin(bool is_object) {
        if (depth_ == 0) is_object_ = is_object;
        if (depth_ == 1) in_metadata_ = is_metadata_ && is_object;
        ++depth_;
        return other();
    }
    bool end() {
        if (--depth_ == 1) in_metadata_ = is_metadata_ = false;
        return other();
    }
    bool other() {
        wanted_ = nullptr;
        return true;
    }
    // No part of an identity is longer.
    static bool keep(std::string &text, Text part, bool is_wanted) {
        constexpr std::size_t most = 1024;
        if (is_wanted && text.size() < most) text.append(part.data(), std::min(part.size(), most - text.size()));
        return true;
    }

    std::string key_;
    std::string *wanted_ = nullptr;
    std::size_t depth_ = 0;
    bool is_object_ = false;   // the document is one
    bool is_metadata_ = false; // the member at depth 1 whose value is read
    bool in_metadata_ = false;
};

} // namespace detail

// The identity in json, as far as it is JSON; all is empty if it is not an object.
inline ObjectIdentity read_identity(std::string_view json) {
    boost::json::parse_options options;
    options.max_depth = 512;
    boost::json::basic_parser<detail::IdentityHandler> parser(options);
    boost::system::error_code failed;
    parser.write_some(false, json.data(), json.size(), failed);
    return std::move(parser.handler().found);
}

// Whether json is an object without members.
inline bool is_empty_object(std::string_view json) {
    std::string significant;
    for (const char c : json)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            if (significant.size() == 2) return false;
            significant += c;
        }
    return significant == "{}";
}

// The API server answers a Binding, which it does not keep, with a Status.
inline bool is_of_binding(const ObjectIdentity &answered, std::string_view asked_kind) {
    return asked_kind == "Binding" && answered.kind == "Status" && answered.status == "Success";
}

// Why answered can't be the object that was asked for, as a clause ("it is ..."), or empty. Parts that one of them lacks are not
// compared. A cluster may convert an object to another version of its group, or of a group that the kind was in before.
inline std::string difference(const ObjectIdentity &asked, const ObjectIdentity &answered) {
    const auto other = [](const char *what, const std::string &is, const std::string &wanted) {
        return !is.empty() && !wanted.empty() && is != wanted
                   ? std::string("its ") + what + " is '" + is + "', not '" + wanted + "'"
                   : std::string();
    };
    if (is_of_binding(answered, asked.kind)) return {};
    if (answered.kind == "Status" && answered.kind != asked.kind)
        return "it is a Status" + (answered.status.empty() ? "" : ", '" + answered.status + "'");
    if (std::string fault = other("kind", answered.kind, asked.kind); !fault.empty()) return fault;
    if (asked.is_kubernetes_shaped() && answered.is_kubernetes_shaped()) {
        const std::string group(kubernetes::split_api_version(answered.api_version).group);
        const std::string wanted(kubernetes::split_api_version(asked.api_version).group);
        const kubernetes::Kind *kind = kubernetes::find_kind(answered.api_version, answered.kind);
        if (group != wanted && (!kind || kind != kubernetes::find_kind(asked.api_version, asked.kind)))
            return "its apiVersion is '" + answered.api_version + "', not '" + asked.api_version + "'";
    }
    if (std::string fault = other("metadata.name", answered.name, asked.name); !fault.empty()) return fault;
    return other("metadata.namespace", answered.ns, asked.ns);
}

} // namespace rsf

#endif
