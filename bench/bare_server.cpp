// SPDX-License-Identifier: Apache-2.0
//
// As little as an HTTP server on Beast can do, to compare the daemon with: coroutines on as many threads, a strand for each
// connection, Beast's parser and serializer, no limits, no routes, no log.
//   bare_server THREADS FILE: prints its port; answers every request with FILE, and those for /healthz with OK
#include "measure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

namespace rsf::bench {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

constexpr auto as_values = net::as_tuple(net::use_awaitable);

net::awaitable<void> serve(tcp::socket socket, const std::string &contents) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        if (std::get<0>(co_await http::async_read(socket, buffer, request, as_values))) co_return;
        const bool is_health = request.target() == "/healthz";
        http::response<http::string_body> response{http::status::ok, request.version(), is_health ? "OK" : contents};
        response.set(http::field::content_type, is_health ? "text/plain" : "application/json");
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        if (std::get<0>(co_await http::async_write(socket, response, as_values))) co_return;
        if (!request.keep_alive()) co_return;
    }
}

net::awaitable<void> listen(net::io_context &context, tcp::acceptor &acceptor, const std::string &contents) {
    for (;;) {
        auto [failed, socket] = co_await acceptor.async_accept(net::make_strand(context), as_values);
        if (failed) co_return;
        socket.set_option(tcp::no_delay(true));
        const auto executor = socket.get_executor();
        net::co_spawn(executor, serve(tcp::socket(std::move(socket)), contents), net::detached);
    }
}

} // namespace

int run(int threads, const std::string &file) {
    std::ostringstream contents;
    contents << std::ifstream(file, std::ios::binary).rdbuf();
    const std::string text = contents.str();
    net::io_context context(threads);
    tcp::acceptor acceptor(context, {net::ip::make_address("127.0.0.1"), 0});
    std::cout << acceptor.local_endpoint().port() << std::endl;
    net::signal_set ends(context, SIGTERM, SIGINT);
    ends.async_wait([&](auto...) { context.stop(); });
    net::co_spawn(context, listen(context, acceptor, text), net::detached);
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back([&] { context.run(); });
    context.run();
    return 0;
}

} // namespace rsf::bench

int main(int argc, char **argv) {
    if (argc != 3) return std::cerr << "usage: bare_server THREADS FILE\n", 2;
    return rsf::bench::run(std::atoi(argv[1]), argv[2]);
}
