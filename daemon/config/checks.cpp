// SPDX-License-Identifier: Apache-2.0
#include "config/checks.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "config/slot.hpp"
#include "http/listen/hosts.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

namespace rsf::config {

namespace json = boost::json;

namespace {

constexpr std::size_t least_memory = std::size_t{64} << 20; // with less a driver's process does not start

std::string place_of(const std::string &key) { return below({}, key); }

} // namespace

void check_listen(Reader &reader, const json::value &value, const std::string &pointer, const Settings &settings) {
    const json::array &entries = value.get_array();
    if (entries.empty()) reader.add("there is no address to listen on", pointer);
    const bool insecure = settings.insecure_listen || reader.has_mistake_at(place_of("insecure_listen"));
    std::map<std::string, std::size_t> first_by_socket; // of entries
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string place = below(pointer, i);
        if (reader.has_mistake_within(place)) continue;
        const http::ListenAddress address = address_of(entries[i]);
        if (const Result<void> good = judge(address, insecure); !good) reader.add(good.error().message, place);
        std::size_t first = i;
        for (const std::string &socket : sockets_of(address))
            first = std::min(first, first_by_socket.try_emplace(socket, i).first->second);
        if (first != i)
            reader.add(in_quotes(address.name) + " is the same address as " + in_quotes(address_of(entries[first]).name) +
                           ", which is listed before: remove one of the two",
                       place);
    }
}

void check_hosts(Reader &reader, const json::value &value, const std::string &pointer, const Settings &) {
    const json::array &hosts = value.get_array();
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (reader.has_mistake_at(below(pointer, i))) continue;
        const std::string_view host = hosts[i].get_string();
        const bool has_port = host.find(':') != host.npos && !host.ends_with(']');
        if (has_port || !http::host_of(host))
            reader.add(in_quotes(host) + " is not a host: write a name or an address without scheme, port and path, as in "
                                         "resourcifier.example.org or [fd00::1]",
                       below(pointer, i));
    }
}

void check_store_keys(Reader &reader, const json::value &, const std::string &pointer, const Settings &settings) {
    const auto is_key = [](std::string_view text) {
        constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        return text.size() == 44 && text.find_first_not_of(base64) == 43 && text.back() == '=';
    };
    for (std::size_t i = 0; i < settings.store_keys.texts.size(); ++i)
        if (!reader.has_mistake_at(below(pointer, i)) && !is_key(settings.store_keys.texts[i]))
            reader.add("that is not 32 bytes in base64, as openssl rand -base64 32 makes them", below(pointer, i));
}

void check_store(Reader &reader, const json::value &value, const std::string &pointer, const Settings &) {
    const std::string_view store = value.get_string();
    constexpr std::string_view sqlite = "sqlite:";
    if (store == "memory" || (store.starts_with(sqlite) && store.substr(sqlite.size()).starts_with('/') && !store.ends_with('/')))
        return;
    reader.add(in_quotes(store) + " is no store: write memory, or sqlite: and the absolute path of a file, as in "
                                  "sqlite:/var/lib/resourcifier/resourcifierd.db",
               pointer);
}

void check_bodies(Reader &reader, const json::value &, const std::string &pointer, const Settings &settings) {
    const std::string limits = place_of("limits");
    if (reader.has_mistake_at(below(limits, "body")) || reader.has_mistake_at(below(limits, "memory"))) return;
    if (settings.limits.bodies < std::max(settings.limits.body, settings.limits.parse.bytes))
        reader.add("bodies is less than one request may take: make it at least as large as body and memory", pointer);
}

void check_default_target(Reader &reader, const json::value &, const std::string &pointer, const Settings &settings) {
    if (reader.has_mistake_at(place_of("targets")) || settings.targets.empty()) return;
    std::vector<std::string_view> names;
    for (const TargetSettings &target : settings.targets) names.push_back(target.name);
    if (std::ranges::find(names, settings.default_target) == names.end())
        reader.add(no_target(settings.default_target, names), pointer);
}

void check_targets(Reader &reader, const json::value &, const std::string &pointer, const Settings &settings) {
    if (settings.targets.empty()) reader.add("there is no target: name at least one", pointer);
    if (settings.targets.size() > 1 && settings.default_target.empty() && !reader.has_mistake_at(place_of("default_target")))
        reader.add("there are several targets: say with default_target which one /configurations means", pointer);
}

void check_process(Reader &reader, const json::value &value, const std::string &pointer, const TargetSettings &target) {
    if (target.isolation == process::Isolation::none && !value.get_object().empty())
        reader.add("with isolation: none there is no process to set anything for: remove one of the two", pointer);
}

void check_user(Reader &reader, const json::value &, const std::string &pointer, const TargetSettings &target) {
    if (!find_user(target.process.user))
        reader.add("there is no user " + in_quotes(target.process.user) + " on this machine", pointer);
    else if (::geteuid() != 0)
        reader.add("only a daemon that runs as root can run a driver as another user", pointer);
}

void check_memory(Reader &reader, const json::value &, const std::string &pointer, const TargetSettings &target) {
    if (target.process.memory < least_memory) reader.add("a driver's process needs 64MiB to begin with", pointer);
}

} // namespace rsf::config
