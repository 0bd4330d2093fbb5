// SPDX-License-Identifier: Apache-2.0
#include "kubectl/fakes/fake_api.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace rsf::kubectl {

namespace json = boost::json;
namespace net = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr const char *script = R"(
echo "$*" >> "$HERE/calls"
case "$1" in
config) cat "$HERE/view" 2>/dev/null || echo '{}' ; exit ;;
proxy) ;;
*) exit 9 ;;
esac
[ ! -e "$HERE/fails" ] || { cat "$HERE/fails" >&2; exit 1; }
env > "$HERE/env"
[ -e /proc/self/fd/3 ] && cat /proc/self/fd/3 > "$HERE/kubeconfig"
for word in "$@"; do case "$word" in --unix-socket=*) socket=${word#--unix-socket=} ;; esac; done
ln "$HERE/socket" "$socket"
echo "$socket" >> "$HERE/sockets"
echo $$ >> "$HERE/proxies"
[ ! -e "$HERE/says" ] || cat "$HERE/says" >&2
echo "Starting to serve on $socket"
exec sleep 1000000)";

json::value types(std::string_view api_version, const std::vector<std::array<std::string_view, 3>> &listed) {
    json::array resources;
    for (const auto &[kind, plural, short_name] : listed)
        resources.push_back({{"kind", kind},
                             {"name", plural},
                             {"namespaced", kind != "Namespace"},
                             {"singularName", ""},
                             {"shortNames", short_name.empty() ? json::array{} : json::array{short_name}}});
    resources.push_back({{"kind", "Status"}, {"name", "namespaces/status"}, {"namespaced", false}, {"singularName", ""}});
    return {{"kind", "APIResourceList"}, {"groupVersion", api_version}, {"resources", std::move(resources)}};
}

FakeReply small_cluster(const FakeRequest &request) {
    if (request.target == "/version") return ok({{"major", "1"}, {"minor", "30+"}});
    if (request.target == "/apis")
        return ok({{"groups",
                    {{{"name", "apps"},
                      {"preferredVersion", {{"groupVersion", "apps/v1"}}},
                      {"versions", {{{"groupVersion", "apps/v1"}}}}}}}});
    if (request.target == "/api/v1")
        return ok(types("v1", {{"ConfigMap", "configmaps", "cm"},
                               {"Namespace", "namespaces", "ns"},
                               {"Service", "services", "svc"},
                               {"Secret", "secrets", ""}}));
    if (request.target == "/apis/apps/v1") return ok(types("apps/v1", {{"Deployment", "deployments", "deploy"}}));
    return refusal(404, "NotFound", "the server could not find the requested resource");
}

} // namespace

FakeReply ok(const json::value &object) { return {200, json::serialize(object)}; }

FakeReply refusal(unsigned status, std::string_view reason, std::string_view message, json::object details) {
    return {status, json::serialize(json::object{{"kind", "Status"},
                                                 {"apiVersion", "v1"},
                                                 {"status", "Failure"},
                                                 {"reason", reason},
                                                 {"message", message},
                                                 {"details", std::move(details)},
                                                 {"code", status}})};
}

FakeApi::FakeApi(Handler handler)
    : handler_(std::move(handler)), acceptor_(context_, net::local::stream_protocol::endpoint(folder.path() + "/socket")) {
    folder.script(script);
    thread_ = std::thread([this] { accept(); });
}

FakeApi::~FakeApi() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (Socket &each : connections_) ::shutdown(each.native_handle(), SHUT_RDWR);
        threads.swap(threads_);
    }
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
    for (std::thread &each : threads) each.join();
}

std::vector<std::string> FakeApi::requests() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (const FakeRequest &each : requests_) lines.push_back(each.line());
    return lines;
}

FakeRequest FakeApi::last() const {
    const std::lock_guard lock(mutex_);
    return requests_.empty() ? FakeRequest{} : requests_.back();
}

void FakeApi::set(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
    requests_.clear();
}

void FakeApi::accept() {
    for (;;) {
        Socket socket(context_);
        boost::system::error_code failed;
        acceptor_.accept(socket, failed);
        const std::lock_guard lock(mutex_);
        if (failed || ending_) return;
        Socket &kept = connections_.emplace_back(std::move(socket));
        threads_.emplace_back([this, &kept] { serve(kept); });
    }
}

FakeReply FakeApi::reply_to(const FakeRequest &request) {
    Handler handler;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        handler = handler_;
    }
    FakeReply reply = handler ? handler(request) : FakeReply{0, {}};
    return reply.status == 0 ? small_cluster(request) : reply;
}

void FakeApi::serve(Socket &socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code failed;
    const auto close = [&] { ::shutdown(socket.native_handle(), SHUT_RDWR); };
    for (;;) {
        http::request<http::string_body> asked;
        http::read(socket, buffer, asked, failed);
        if (failed) return close();
        const FakeReply reply = reply_to({asked.method_string(), asked.target(), asked.body(), asked[http::field::content_type],
                                          asked[http::field::host], asked["Audit-ID"], asked[http::field::user_agent]});
        switch (reply.how) {
        case FakeReply::How::drop: return close();
        case FakeReply::How::garbage:
            net::write(socket, net::buffer(std::string_view("this is not HTTP\r\n\r\n")), failed);
            return close();
        case FakeReply::How::silence: socket.wait(Socket::wait_read, failed); return close();
        case FakeReply::How::answer: break;
        }
        http::response<http::string_body> answer(static_cast<http::status>(reply.status), 11);
        for (const auto &[name, value] : reply.headers) answer.set(name, value);
        answer.body() = reply.body;
        answer.prepare_payload();
        http::write(socket, answer, failed);
        if (failed) return close();
    }
}

} // namespace rsf::kubectl
