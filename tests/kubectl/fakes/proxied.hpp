// SPDX-License-Identifier: Apache-2.0
//
// A driver with the transport proxy over a fake API, and what its tests ask of both. Not thread-safe, but for FakeApi.
#pragma once

#include "kubectl/fakes/fakes.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::proxied {

using Lines = std::vector<std::string>;

inline json::object parse(std::string_view text) { return json::parse(text).as_object(); }

inline json::object config_map() {
    return parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}})");
}
inline const json::value live = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata":
    {"name": "x", "namespace": "there", "uid": "u", "resourceVersion": "7"}, "data": {"a": "b"}})");

inline const FakeReply not_mine{0, {}};

// Answers what starts with line with these replies in turn, the last of them for ever.
inline FakeApi::Handler answering(std::string line, std::vector<FakeReply> replies) {
    return [line = std::move(line), replies = std::move(replies),
            count = std::make_shared<std::atomic<std::size_t>>(0)](const FakeRequest &request) {
        if (!request.line().starts_with(line)) return not_mine;
        return replies[std::min<std::size_t>((*count)++, replies.size() - 1)];
    };
}

struct Fake {
    explicit Fake(FakeApi::Handler handler = {}, json::object more = {}) : api(std::move(handler)) {
        more["kubectl"] = api.kubectl();
        more.emplace("server", "http://localhost:1");
        more.emplace("namespace", "there");
        host = std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, std::move(more));
    }

    // Requests but those that ask what the cluster has, and whether the proxy still answers.
    Lines requests() const {
        Lines result;
        for (const std::string &line : api.requests())
            if (line != "GET /api/v1" && line != "GET /apis" && line != "GET /apis/apps/v1" && line != "GET /version" &&
                !line.ends_with("/exec"))
                result.push_back(line);
        return result;
    }
    std::size_t count(std::string_view line) const {
        const Lines lines = api.requests();
        return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
    }

    FakeApi api;
    std::unique_ptr<FakeHost> host;
};

inline constexpr const char *at_x = "/api/v1/namespaces/there/configmaps/x";
inline const std::string written = "?fieldManager=resourcifier&fieldValidation=Strict";

// A ConfigMap for every object that is asked for.
inline FakeReply any_object(const FakeRequest &request) {
    return request.target.find("/namespaces/") != std::string::npos ? ok({{"kind", "ConfigMap"}, {"metadata", {{"name", "x"}}}})
                                                                    : FakeReply{0, {}};
}

inline std::unique_ptr<FakeHost> host_over(const FakeApi &api, json::object more = {}) {
    more["kubectl"] = api.kubectl();
    more.emplace("server", "http://localhost:1");
    return std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, std::move(more));
}

inline bool has_line(const FakeHost &host, std::string_view text) {
    for (const FakeLine &line : host.log())
        if (line.message.find(text) != std::string::npos) return true;
    return false;
}

} // namespace rsf::kubectl::proxied
