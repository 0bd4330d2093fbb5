// SPDX-License-Identifier: Apache-2.0
#include "support/http_client.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cctype>

namespace rsf::test {

namespace net = boost::asio;
namespace http = boost::beast::http;

struct HttpClient::Connection {
    net::io_context context;
    net::generic::stream_protocol::socket socket{context};
    boost::beast::flat_buffer buffer;
};

namespace {

net::generic::stream_protocol::endpoint endpoint_of(std::string_view address) {
    if (address.starts_with("unix:")) return net::local::stream_protocol::endpoint(std::string(address.substr(5)));
    const std::size_t colon = address.rfind(':');
    const int port = std::stoi(std::string(address.substr(colon + 1)));
    return net::ip::tcp::endpoint(net::ip::make_address(address.substr(0, colon)), static_cast<unsigned short>(port));
}

http::request<http::string_body> request_of(std::string_view method, std::string_view target, std::string_view body,
                                            const HttpHeaders &headers) {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string({method.data(), method.size()});
    request.target({target.data(), target.size()});
    request.set(http::field::host, "localhost");
    request.set(http::field::accept, "*/*");
    if (!body.empty()) request.set(http::field::content_type, "application/yaml");
    for (const auto &[name, value] : headers) value.empty() ? void(request.erase(name)) : request.set(name, value);
    request.body() = body;
    if (!body.empty() || method == "POST" || method == "PUT") request.prepare_payload();
    return request;
}

} // namespace

HttpClient::HttpClient(std::string_view address) : connection_(std::make_unique<Connection>()) {
    connection_->socket.connect(endpoint_of(address));
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(std::string_view method, std::string_view target, std::string_view body, const HttpHeaders &headers) {
    http::write(connection_->socket, request_of(method, target, body, headers));
    http::response_parser<http::string_body> parser;
    parser.body_limit(256u << 20);
    parser.skip(method == "HEAD");
    http::read(connection_->socket, connection_->buffer, parser);
    HttpAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    for (const auto &field : parser.get()) {
        std::string name(field.name_string());
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        answer.headers.emplace(std::move(name), std::string(field.value()));
    }
    answer.body = std::move(parser.get().body());
    return answer;
}

void HttpClient::send_and_hang_up(std::string_view method, std::string_view target, std::string_view body) {
    http::write(connection_->socket, request_of(method, target, body, {}));
    connection_->socket.close();
}

} // namespace rsf::test
