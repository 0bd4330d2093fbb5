// SPDX-License-Identifier: Apache-2.0
#include "addresses.hpp"

#include "dryrun/objects/digest.hpp"

#include <arpa/inet.h>

namespace rsf::dryrun::simulator {

using namespace objects;

namespace {

std::string text_of(std::uint32_t address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += (text.empty() ? "" : ".") + std::to_string(address >> shift & 255);
    return text;
}

std::optional<std::uint32_t> address_of(std::string_view text) {
    in_addr address{};
    if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
    return ntohl(address.s_addr);
}

// The kind, if the object is of Kubernetes' own group; other groups may have a Service or an Ingress, too.
std::string_view kind_of(const json::object &object) {
    const std::string_view kind = find_text(object, "kind");
    const std::string_view api_version = find_text(object, "apiVersion");
    const bool networking = api_version.starts_with("networking.k8s.io/") || api_version.starts_with("extensions/");
    return api_version == "v1" || (kind == "Ingress" && networking) ? kind : std::string_view();
}

bool balanced(const json::object &object) {
    const std::string_view kind = kind_of(object);
    return kind == "Ingress" || (kind == "Service" && find_text(object, "spec.type") == "LoadBalancer");
}

std::string_view balancer_of(const json::object &object) {
    const json::array *entries = find_array(object, "status.loadBalancer.ingress");
    return entries && !entries->empty() && entries->front().is_object() ? find_text(entries->front().get_object(), "ip")
                                                                        : std::string_view();
}

// The entry of ports with the same number and protocol.
const json::object *same_port(const json::object *service, const json::object &wanted) {
    const json::array *ports = service ? find_array(*service, "spec.ports") : nullptr;
    if (!ports) return nullptr;
    for (const json::value &port : *ports)
        if (port.is_object() && find_number(port.get_object(), "port", 0) == find_number(wanted, "port", 0) &&
            find_text(port.get_object(), "protocol") == find_text(wanted, "protocol"))
            return &port.get_object();
    return nullptr;
}

} // namespace

bool Pool::take(std::uint32_t number) {
    const shared::Lock lock(mutex_);
    return held_.insert(number).second;
}

std::optional<std::uint32_t> Pool::choose(std::uint64_t seed) {
    const std::uint32_t count = last_ - chosen_from_ + 1;
    std::uint32_t number = chosen_from_ + static_cast<std::uint32_t>(seed % count);
    const shared::Lock lock(mutex_);
    for (std::uint32_t tried = 0; tried < count; ++tried) {
        if (held_.insert(number).second) return number;
        number = number == last_ ? chosen_from_ : number + 1;
    }
    return std::nullopt;
}

void Pool::give_back(std::uint32_t number) {
    const shared::Lock lock(mutex_);
    held_.erase(number);
}

void Addresses::Claim::give_back() {
    for (const auto &[pool, number] : taken_) pool->give_back(number);
    taken_.clear();
}

std::optional<std::uint32_t> Addresses::choose(Pool &pool, const std::string &seed, Claim &claim) {
    const auto number = pool.choose(number_of(seed));
    if (number) claim.taken_.emplace_back(&pool, *number);
    return number;
}

void Addresses::fill(json::object &object, const json::object *held, Claim &claim, Faults &faults) {
    const std::string kind(kind_of(object)); // a copy: filling fields in moves the text that a view would point to
    const std::string seed =
        kind + "/" + std::string(find_text(object, "metadata.namespace")) + "/" + std::string(find_text(object, "metadata.name"));
    if (kind == "Service") fill_service(object, held, seed, claim, faults);
    if (balanced(object)) fill_load_balancer(object, held, seed, claim, faults);
    if (kind == "Pod") {
        json::object &status = object_in(object, "status");
        if (const std::string_view ip = held ? find_text(*held, "status.podIP") : std::string_view(); !ip.empty())
            status["podIP"] = ip;
        else if (const auto chosen = choose(pods_, seed, claim))
            status["podIP"] = text_of(*chosen);
        else
            faults.invalid("status.podIP", "", "no address is left for another pod");
        status["podIPs"] = json::array{json::object{{"ip", status["podIP"]}}};
    }
}

void Addresses::fill_service(json::object &object, const json::object *held, const std::string &seed, Claim &claim,
                             Faults &faults) {
    const std::set<Holding> before = held ? held_by(*held) : std::set<Holding>();
    json::object &spec = object_in(object, "spec");
    const std::string type(find_text(spec, "type")); // a copy: filling fields in moves the text that a view would point to
    if (type == "ExternalName") {
        spec.stable_erase("clusterIP");
        spec.stable_erase("clusterIPs");
        return;
    }
    if (find_text(spec, "clusterIP").empty()) {
        const json::array *all = find_array(spec, "clusterIPs");
        if (all && !all->empty())
            spec["clusterIP"] = json::value(all->front());
        else if (held && !find_text(*held, "spec.clusterIP").empty())
            spec["clusterIP"] = find_text(*held, "spec.clusterIP");
    } else if (held && !find_text(*held, "spec.clusterIP").empty() &&
               find_text(*held, "spec.clusterIP") != find_text(spec, "clusterIP")) {
        return faults.invalid("spec.clusterIPs[0]", spec["clusterIP"], "may not change once set");
    }
    fill_cluster_ip(object, before, seed, claim, faults);
    spec["clusterIPs"] = json::array{spec["clusterIP"]};
    if (type == "NodePort" || type == "LoadBalancer") fill_node_ports(object, held, before, seed, claim, faults);
}

void Addresses::fill_cluster_ip(json::object &object, const std::set<Holding> &before, const std::string &seed, Claim &claim,
                                Faults &faults) {
    json::object &spec = object_in(object, "spec");
    const std::string asked(find_text(spec, "clusterIP"));
    if (asked == "None") return;
    if (asked.empty()) {
        if (const auto chosen = choose(services_, seed, claim))
            spec["clusterIP"] = text_of(*chosen);
        else
            faults.invalid("spec.clusterIP", "", "failed to allocate an IP: the range is full");
        return;
    }
    const auto address = address_of(asked);
    const std::string failed = "failed to allocate IP " + asked + ": ";
    if (!address)
        faults.invalid("spec.clusterIPs[0]", json::string(asked), "must be a valid IPv4 address, or None");
    else if (!services_.has(*address))
        faults.invalid("spec.clusterIPs", json::array{json::string(asked)},
                       failed + "the provided IP (" + asked +
                           ") is not in the valid range. The range of valid IPs is 10.96.0.0/12");
    else if (before.contains({&services_, *address}))
        return;
    else if (!services_.take(*address))
        faults.invalid("spec.clusterIPs", json::array{json::string(asked)}, failed + "provided IP is already allocated");
    else
        claim.taken_.emplace_back(&services_, *address);
}

void Addresses::fill_node_ports(json::object &object, const json::object *held, const std::set<Holding> &before,
                                const std::string &seed, Claim &claim, Faults &faults) {
    json::value *ports = object_in(object, "spec").if_contains("ports");
    if (!ports || !ports->is_array()) return;
    std::set<std::uint32_t> mine; // one number may serve TCP and UDP
    for (std::size_t i = 0; i < ports->get_array().size(); ++i) {
        json::object &port = ports->get_array()[i].as_object();
        const std::string path = "spec.ports[" + std::to_string(i) + "].nodePort";
        std::int64_t asked = find_number(port, "nodePort", 0);
        if (const json::object *same = same_port(held, port); asked == 0 && same) asked = find_number(*same, "nodePort", 0);
        if (asked == 0) {
            const auto chosen =
                choose(node_ports_,
                       seed + "/" + std::to_string(find_number(port, "port", 0)) + "/" + std::string(find_text(port, "protocol")),
                       claim);
            if (!chosen) return faults.invalid(path, "", "failed to allocate a nodePort: the range is full");
            port["nodePort"] = *chosen;
            mine.insert(*chosen);
            continue;
        }
        const auto number = static_cast<std::uint32_t>(asked);
        if (!node_ports_.has(number)) {
            faults.invalid(path, asked, "provided port is not in the valid range. The range of valid ports is 30000-32767");
            continue;
        }
        port["nodePort"] = number;
        if (!mine.insert(number).second || before.contains({&node_ports_, number})) continue;
        if (node_ports_.take(number))
            claim.taken_.emplace_back(&node_ports_, number);
        else
            faults.invalid(path, asked, "provided port is already allocated");
    }
}

void Addresses::fill_load_balancer(json::object &object, const json::object *held, const std::string &seed, Claim &claim,
                                   Faults &faults) {
    std::string address(held && balanced(*held) ? balancer_of(*held) : std::string_view());
    if (address.empty()) {
        const auto chosen = choose(load_balancers_, seed, claim);
        if (!chosen) return faults.invalid("status.loadBalancer", "", "no address is left for another load balancer");
        address = text_of(*chosen);
    }
    object_in(object, "status")["loadBalancer"] = json::object{{"ingress", json::array{json::object{{"ip", address}}}}};
}

std::set<Addresses::Holding> Addresses::held_by(const json::object &object) {
    std::set<Holding> held;
    const auto add = [&](Pool &pool, std::string_view text) {
        const auto address = text.empty() ? std::nullopt : address_of(text);
        if (address && pool.has(*address)) held.emplace(&pool, *address);
    };
    const std::string_view kind = kind_of(object);
    if (kind == "Pod") add(pods_, find_text(object, "status.podIP"));
    if (balanced(object)) add(load_balancers_, balancer_of(object));
    const std::string_view type = find_text(object, "spec.type");
    if (kind != "Service" || type == "ExternalName") return held;
    add(services_, find_text(object, "spec.clusterIP"));
    if (type != "NodePort" && type != "LoadBalancer") return held;
    if (const json::array *ports = find_array(object, "spec.ports"))
        for (const json::value &port : *ports) {
            const std::int64_t number = port.is_object() ? find_number(port.get_object(), "nodePort", 0) : 0;
            if (number > 0 && node_ports_.has(static_cast<std::uint32_t>(number)))
                held.emplace(&node_ports_, static_cast<std::uint32_t>(number));
        }
    return held;
}

bool Addresses::take(const json::object &object) {
    bool all = true;
    for (const auto &[pool, number] : held_by(object)) all = pool->take(number) && all;
    return all;
}

void Addresses::give_back(const json::object &held, const json::object *successor) {
    const std::set<Holding> kept = successor ? held_by(*successor) : std::set<Holding>();
    for (const Holding &holding : held_by(held))
        if (!kept.contains(holding)) holding.first->give_back(holding.second);
}

} // namespace rsf::dryrun::simulator
