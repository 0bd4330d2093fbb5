// SPDX-License-Identifier: Apache-2.0
#include "cluster/truth_kinds.hpp"

#include "parse/document.hpp"
#include "support/files.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>

namespace rsf::test {

namespace json = boost::json;

namespace {

constexpr std::string_view variants[] = {"same", "field", "list", "new", "gone"};

void replace_all(std::string &text, std::string_view part, std::string_view by) {
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size()))
        text.replace(at, part.size(), by);
}

// In small letters, where a name may be.
json::value filled_in(const json::value &value, const std::string &name, std::size_t number) {
    std::string text = json::serialize(value);
    replace_all(text, "NAME", name);
    replace_all(text, "NUMBER", std::to_string(number));
    return parse::read_json(text, {}).value().value;
}

void set(json::value &whole, std::string_view pointer, const json::value &value) {
    const auto slash = pointer.rfind('/');
    const std::string_view last = pointer.substr(slash + 1);
    json::value &holder = whole.at_pointer(pointer.substr(0, slash));
    if (json::array *list = holder.if_array())
        list->at(std::stoul(std::string(last))) = value;
    else
        holder.as_object()[last] = value;
}

Specimen specimen(const json::object &entry, std::size_t number) {
    Specimen made;
    made.variant = variants[number];
    std::string prefix(entry.at("object").at("kind").as_string());
    if (const json::value *called = entry.if_contains("called")) prefix = called->as_string();
    std::transform(prefix.begin(), prefix.end(), prefix.begin(), [](unsigned char c) { return std::tolower(c); });
    made.name = prefix + "-" + made.variant;
    const json::value all = filled_in(entry, made.name, number + 1);
    json::value object = all.at("object");
    if (made.variant != "new") made.live = object.as_object();
    if (const json::value *changes = all.as_object().if_contains(made.variant))
        for (const auto &[pointer, value] : changes->as_object()) set(object, pointer, value);
    made.posted = std::move(object.as_object());
    if (const json::value *assigned = all.as_object().if_contains("assigned"))
        for (const json::value &pointer : assigned->as_array()) made.assigned.emplace_back(pointer.as_string());
    return made;
}

void erase(json::value &value, const std::string &pointer) {
    boost::system::error_code missing;
    const auto slash = pointer.rfind('/');
    json::value *holder = value.find_pointer(pointer.substr(0, slash), missing);
    if (holder && holder->is_object()) holder->get_object().erase(pointer.substr(slash + 1));
}

void erase_if_empty(json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    if (value && value->is_object() && value->get_object().empty()) object.erase(key);
}

// What Go writes of a time that is not set.
void erase_null_times(json::value &value) {
    if (json::object *object = value.if_object()) {
        if (const json::value *time = object->if_contains("creationTimestamp"); time && time->is_null())
            object->erase("creationTimestamp");
        for (auto &member : *object) erase_null_times(member.value());
        erase_if_empty(*object, "metadata");
    }
    if (json::array *list = value.if_array())
        for (json::value &entry : *list) erase_null_times(entry);
}

std::string part(const json::object &object, const char *pointer) {
    boost::system::error_code missing;
    const json::value whole(object);
    const json::value *value = whole.find_pointer(pointer, missing);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

} // namespace

std::vector<const Specimen *> Specimens::of(std::initializer_list<std::string_view> wanted) const {
    std::vector<const Specimen *> found;
    for (const Specimen &each : all)
        if (std::ranges::find(wanted, each.variant) != wanted.end()) found.push_back(&each);
    return found;
}

std::size_t Specimens::kinds() const {
    std::set<std::string> names;
    for (const Specimen &each : all) names.insert(each.kind());
    return names.size();
}

Specimens read_specimens() {
    const auto read = parse::read_yaml(read_file(TEST_SOURCE_DIR "/cluster/truth.yaml"), {});
    if (!read) throw std::runtime_error(to_string(read.error()));
    Specimens specimens;
    specimens.before = read->value.at("before").as_array();
    for (const json::value &entry : read->value.at("kinds").as_array())
        for (std::size_t i = 0; i < std::size(variants); ++i) specimens.all.push_back(specimen(entry.as_object(), i));
    return specimens;
}

std::string configuration_of(const std::vector<const Specimen *> &specimens) {
    json::array resources;
    for (const Specimen *each : specimens)
        resources.emplace_back(json::object{{"name", each->name}, {"type", each->kind()}, {"properties", each->posted}});
    return json::serialize(json::object{{"resources", std::move(resources)}});
}

std::string list_of(const json::array &objects) {
    return json::serialize(json::object{{"apiVersion", "v1"}, {"kind", "List"}, {"items", objects}});
}

std::string identity_of(const json::object &object) {
    const std::string version = part(object, "/apiVersion");
    const auto slash = version.find('/');
    return part(object, "/kind") + (slash == std::string::npos ? "" : "." + version.substr(0, slash)) + "/" +
           part(object, "/metadata/namespace") + "/" + part(object, "/metadata/name");
}

json::value without_bookkeeping(json::object object, const std::vector<std::string> &assigned) {
    object.erase("status");
    json::value value(std::move(object));
    for (const char *key : {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"})
        erase(value, std::string("/metadata/") + key);
    if (json::value *annotations = value.at("metadata").as_object().if_contains("annotations"))
        for (const char *key : {"kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision",
                                "autoscaling.alpha.kubernetes.io/conditions"})
            annotations->as_object().erase(key);
    for (const std::string &pointer : assigned) erase(value, pointer);
    for (const char *key : {"annotations", "labels"}) erase_if_empty(value.at("metadata").as_object(), key);
    erase_null_times(value);
    boost::system::error_code missing;
    if (json::value *claims = value.find_pointer("/spec/volumeClaimTemplates", missing))
        for (json::value &claim : claims->as_array()) claim.as_object().erase("status");
    return value;
}

std::string difference(const json::value &one, const json::value &other, const std::string &path) {
    if (one.is_object() && other.is_object()) {
        for (const auto &[key, value] : one.get_object()) {
            const json::value *counterpart = other.get_object().if_contains(key);
            const std::string place = path + "/" + std::string(key);
            if (!counterpart) return place + ": " + json::serialize(value) + " only in the first";
            if (std::string found = difference(value, *counterpart, place); !found.empty()) return found;
        }
        for (const auto &[key, value] : other.get_object())
            if (!one.get_object().contains(key))
                return path + "/" + std::string(key) + ": " + json::serialize(value) + " only in the second";
        return {};
    }
    if (one.is_array() && other.is_array() && one.get_array().size() == other.get_array().size()) {
        for (std::size_t i = 0; i < one.get_array().size(); ++i)
            if (std::string found = difference(one.get_array()[i], other.get_array()[i], path + "/" + std::to_string(i));
                !found.empty())
                return found;
        return {};
    }
    return one == other ? "" : path + ": " + json::serialize(one) + " and " + json::serialize(other);
}

} // namespace rsf::test
