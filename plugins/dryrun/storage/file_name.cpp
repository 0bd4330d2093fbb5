// SPDX-License-Identifier: Apache-2.0
#include "file_name.hpp"

#include "dryrun/objects/digest.hpp"

namespace rsf::dryrun::storage {

using namespace objects;

namespace {

// NAME_MAX is 255 on every usual file system; this leaves room for ".json".
constexpr std::size_t longest = 240;

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

} // namespace

std::string file_name(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string name;
    name.reserve(text.size());
    for (const char c : text) {
        if (plain(c) && !(c == '.' && name.empty())) {
            name += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            name += '%';
            name += hex[byte >> 4];
            name += hex[byte & 15];
        }
    }
    if (name.size() > longest) {
        const std::string mark = "~" + uuid_of(text); // other names have no "~", so that the name stays unique
        name.resize(longest - mark.size());
        name += mark;
    }
    return name;
}

std::string folder_of(const Key &key) {
    // No namespace starts with "_".
    return (key.ns.empty() ? "_cluster" : file_name(key.ns)) + "/" +
           file_name(key.type.group.empty() ? key.type.kind : key.type.kind + "." + key.type.group);
}

std::string file_of(const Key &key) { return folder_of(key) + "/" + file_name(key.name) + ".json"; }

} // namespace rsf::dryrun::storage
