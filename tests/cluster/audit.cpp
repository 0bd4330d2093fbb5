// SPDX-License-Identifier: Apache-2.0
#include "cluster/audit.hpp"

#include "cluster/audited_plane.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <thread>

namespace rsf::test {

namespace json = boost::json;

std::vector<json::object> audited(std::size_t from) {
    for (;;) {
        std::ifstream log(audited_plane().audit_log());
        log.seekg(static_cast<std::streamoff>(from));
        std::multiset<std::string> begun; // requests that belong together may have one id
        std::vector<json::object> ended;
        for (std::string line; std::getline(log, line) && !log.eof();) {
            json::object event = json::parse(line).as_object();
            const std::string id(event.at("auditID").as_string());
            const json::value *agent = event.if_contains("userAgent");
            const std::string who = agent ? std::string(agent->as_string()) : "";
            if (who.starts_with("kube-controller-manager/") || who.starts_with("kube-apiserver/")) continue;
            if (event.at("verb") == "watch") continue; // they end when somebody ends them
            if (event.at("stage") == "RequestReceived") begun.insert(id);
            if (event.at("stage") != "ResponseComplete" && event.at("stage") != "Panic") continue;
            if (const auto same = begun.find(id); same != begun.end()) begun.erase(same);
            ended.push_back(std::move(event));
        }
        if (begun.empty()) return ended;
        std::this_thread::yield();
    }
}

std::vector<std::string> watches_of(std::string_view agent, std::size_t from) {
    std::ifstream log(audited_plane().audit_log());
    log.seekg(static_cast<std::streamoff>(from));
    std::vector<std::string> found;
    for (std::string line; std::getline(log, line) && !log.eof();) {
        const json::object event = json::parse(line).as_object();
        const json::value *who = event.if_contains("userAgent");
        if (event.at("verb") == "watch" && who && std::string_view(who->as_string()).starts_with(agent))
            found.emplace_back(event.at("requestURI").as_string());
    }
    return found;
}

bool is_write(const json::object &event) {
    constexpr std::string_view verbs[] = {"create", "update", "patch", "delete", "deletecollection"};
    return std::ranges::find(verbs, event.at("verb").as_string()) != std::end(verbs);
}

// kubectl's delete says it in the body.
bool is_dry_run(const json::object &event) {
    if (event.at("requestURI").as_string().find("dryRun=All") != json::string::npos) return true;
    boost::system::error_code missing;
    const json::value whole(event);
    const json::value *asked = whole.find_pointer("/requestObject/dryRun", missing);
    return asked && *asked == json::array{"All"};
}

std::vector<std::string> writes_in(const std::vector<json::object> &events) {
    std::vector<std::string> found;
    for (const json::object &event : events)
        if (is_write(event) && !is_dry_run(event))
            found.push_back(std::string(event.at("verb").as_string()) + " " + std::string(event.at("requestURI").as_string()));
    return found;
}

std::size_t audit_size() { return std::filesystem::file_size(audited_plane().audit_log()); }

} // namespace rsf::test
