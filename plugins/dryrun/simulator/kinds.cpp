// SPDX-License-Identifier: Apache-2.0
#include "kinds.hpp"

#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/values.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>
#include <numeric>

namespace rsf::dryrun::simulator {

using namespace objects;

namespace {

using kubernetes::lower;

// Whether a Kubernetes from 1.20 on serves it by default. Source:
// https://kubernetes.io/docs/reference/using-api/deprecation-guide/
bool served(std::string_view kind, std::string_view api_version) {
    if (api_version.find("alpha") != std::string_view::npos || api_version.starts_with("apps/v1beta")) return false;
    return !api_version.starts_with("extensions/") || kind == "Ingress";
}

KindPtr built_in(const kubernetes::Kind &row) {
    auto kind = std::make_shared<Kind>();
    kind->type = {std::string(row.group), std::string(row.kind)};
    kind->plural = row.plural;
    kind->singular = row.singular;
    kind->namespaced = row.namespaced;
    kind->api_versions = {row.api_version()};
    for (const std::string_view name : row.short_names)
        if (!name.empty()) kind->short_names.emplace_back(name);
    for (std::string_view rest = row.former; !rest.empty();) {
        const auto space = rest.find(' ');
        if (served(row.kind, rest.substr(0, space))) kind->api_versions.emplace_back(rest.substr(0, space));
        rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
    return kind;
}

const std::vector<KindPtr> &built_ins() { // in the order of kubernetes::kinds
    static const std::vector<KindPtr> all = [] {
        std::vector<KindPtr> made;
        for (const kubernetes::Kind &row : kubernetes::kinds) made.push_back(built_in(row));
        return made;
    }();
    return all;
}

KindPtr built_in(const kubernetes::Kind *row) {
    return row ? built_ins()[static_cast<std::size_t>(row - std::begin(kubernetes::kinds))] : nullptr;
}

bool has_name(const Kind &kind, std::string_view lowered) {
    return lowered == kind.plural || lowered == kind.singular || lowered == lower(kind.type.kind) ||
           std::find(kind.short_names.begin(), kind.short_names.end(), lowered) != kind.short_names.end();
}

bool names(const Kind &kind, std::string_view lowered) {
    const auto dot = lowered.find('.');
    if (!has_name(kind, lowered.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    const std::string_view rest = lowered.substr(dot + 1);
    if (rest == kind.type.group) return true;
    return std::any_of(kind.api_versions.begin(), kind.api_versions.end(),
                       [&](const std::string &each) { return rest == version_of(each) + "." + kind.type.group; });
}

// Edit distance. Long texts are not compared, since the type comes from a client.
std::size_t distance(std::string_view a, std::string_view b) {
    constexpr std::size_t far = 64;
    if (a.size() > far || b.size() > far) return far;
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
            corner = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::string text_in(const json::object &object, std::string_view key) { return std::string(find_text(object, key)); }

} // namespace

Kind kind_of_definition(const json::object &crd) {
    const json::object &spec = crd.at("spec").as_object();
    const json::object &written = spec.at("names").as_object();
    Kind kind;
    kind.type = {text_in(spec, "group"), text_in(written, "kind")};
    kind.plural = text_in(written, "plural");
    kind.singular = text_in(written, "singular");
    if (kind.singular.empty()) kind.singular = lower(kind.type.kind);
    if (const json::value *names = written.if_contains("shortNames"); names && names->is_array())
        for (const json::value &name : names->get_array())
            if (name.is_string()) kind.short_names.push_back(lower(name.get_string()));
    kind.namespaced = text_in(spec, "scope") != "Cluster";
    const std::string prefix = kind.type.group + "/";
    if (const json::value *versions = spec.if_contains("versions"); versions && versions->is_array())
        for (const json::value &version : versions->get_array()) {
            const json::value *on = version.is_object() ? version.get_object().if_contains("served") : nullptr;
            if (on && on->is_bool() && on->get_bool())
                kind.api_versions.push_back(prefix + text_in(version.get_object(), "name"));
        }
    if (kind.api_versions.empty()) kind.api_versions.push_back(prefix + text_in(spec, "version")); // v1beta1's short form
    return kind;
}

std::shared_ptr<const Kinds::List> Kinds::custom() const {
    const shared::Lock lock(mutex_);
    return custom_;
}

KindPtr Kinds::by_type(std::string_view type) const {
    if (KindPtr kind = built_in(kubernetes::find_kind(type))) return kind;
    if (KindPtr kind = find_custom(type)) return kind;
    const std::string lowered = lower(type);
    std::string nearest;
    std::size_t least = 3; // at a larger distance it is not a typing error
    const auto consider = [&](const KindPtr &kind) {
        for (const std::string &name : {kind->plural, kind->singular, kind->resource()})
            if (const std::size_t far = distance(lowered, name); far < least) {
                least = far;
                nearest = name;
            }
    };
    for (const KindPtr &kind : built_ins()) consider(kind);
    const auto list = custom();
    for (const KindPtr &kind : *list) consider(kind);
    throw Error(Code::not_found,
                "the server doesn't have a resource type " + in_quotes(type) +
                    (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"),
                Retry::never);
}

KindPtr Kinds::find_custom(std::string_view type, std::string_view group) const {
    const std::string lowered = lower(type);
    const auto list = custom();
    KindPtr first;
    for (const KindPtr &kind : *list) {
        if (!names(*kind, lowered)) continue;
        if (kind->type.group == group) return kind;
        if (!first) first = kind;
    }
    return first;
}

KindPtr Kinds::find_in_any_version(std::string_view api_version, std::string_view kind) const {
    if (KindPtr found = built_in(kubernetes::find_kind(api_version, kind))) return found;
    return find({group_of(api_version), std::string(kind)});
}

KindPtr Kinds::by_object(std::string_view api_version, std::string_view kind) const {
    const KindPtr found = find_in_any_version(api_version, kind);
    const auto knows = [&](const std::vector<std::string> &versions) {
        return std::find(versions.begin(), versions.end(), api_version) != versions.end();
    };
    if (found && knows(found->api_versions)) return found;

    std::string hint;
    if (found) {
        hint = "; its versions here are " + found->api_versions.front();
        for (std::size_t i = 1; i < found->api_versions.size(); ++i) hint += ", " + found->api_versions[i];
    } else if (const kubernetes::Kind *same = kubernetes::find_kind(kind); same && same->kind == kind) {
        hint = "; " + std::string(kind) + " is in " + same->api_version();
    } else {
        hint = "; create its CustomResourceDefinition first";
    }
    throw Error(Code::invalid, "no matches for kind " + in_quotes(kind) + " in version " + in_quotes(api_version) + hint,
                Retry::never);
}

KindPtr Kinds::find(const GroupKind &type) const {
    for (const KindPtr &kind : built_ins())
        if (kind->type == type) return kind;
    const auto list = custom();
    const auto found = std::find_if(list->begin(), list->end(), [&](const KindPtr &kind) { return kind->type == type; });
    return found == list->end() ? nullptr : *found;
}

void Kinds::define(const json::object &crd) {
    const auto kind = std::make_shared<const Kind>(kind_of_definition(crd));
    const shared::Lock lock(mutex_);
    auto list = std::make_shared<List>(*custom_);
    std::erase_if(*list, [&](const KindPtr &each) { return each->type == kind->type; });
    list->push_back(kind);
    // Which of two kinds a bare name means must not depend on the order of their creation.
    std::sort(list->begin(), list->end(), [](const KindPtr &a, const KindPtr &b) { return a->type < b->type; });
    custom_ = std::move(list);
}

void Kinds::forget(const GroupKind &type) {
    const shared::Lock lock(mutex_);
    auto list = std::make_shared<List>(*custom_);
    std::erase_if(*list, [&](const KindPtr &each) { return each->type == type; });
    custom_ = std::move(list);
}

std::string Kinds::conflict_of(const json::object &crd) const {
    const Kind wanted = kind_of_definition(crd);
    const auto clash = [&](const KindPtr &other) {
        return other->type.group == wanted.type.group && other->plural != wanted.plural &&
               (other->type.kind == wanted.type.kind || other->singular == wanted.singular);
    };
    const auto list = custom();
    for (const KindPtr &kind : *list)
        if (clash(kind)) return "\"" + wanted.type.kind + "\" is already in use by " + kind->resource();
    for (const KindPtr &kind : built_ins())
        if (kind->type == wanted.type || (kind->type.group == wanted.type.group && kind->plural == wanted.plural))
            return "\"" + wanted.resource() + "\" is a kind of Kubernetes' own";
    return {};
}

std::string selflink(const Kind &kind, const Key &key) {
    const auto escaped = [](std::string_view text) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        std::string link;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (std::isalnum(byte) || std::string_view("-._~:").find(c) != std::string_view::npos)
                link += c;
            else
                (link += '%') += {hex[byte >> 4], hex[byte & 15]};
        }
        return link;
    };
    std::string link = (kind.type.group.empty() ? "/api/" : "/apis/") + kind.api_versions.front();
    if (!key.ns.empty()) link += "/namespaces/" + escaped(key.ns);
    return link + "/" + kind.plural + "/" + escaped(key.name);
}

} // namespace rsf::dryrun::simulator
