// SPDX-License-Identifier: Apache-2.0
//
// The floor: as little as an HTTP client can do. Sends the requests of its standard input over so many keep-alive connections,
// each the next one as soon as it has an answer, and prints how long all of that took, and one request at the median.
//   floor_client unix:/path|127.0.0.1:PORT CONNECTIONS [HEADER...] <requests
// A request is a line: METHOD TARGET, then nothing, a body, or @FILE. Connections are open before the clock starts.
#include "measure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace rsf::bench {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using Socket = net::generic::stream_protocol::socket;

struct Load {
    std::vector<std::string> requests; // as bytes
    std::size_t next = 0;
    std::vector<double> took;
    std::string failed; // the first answer that is none of success
};

std::string contents(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> read_requests(std::istream &in, const std::string &headers) {
    std::vector<std::string> requests;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string method, target, body;
        words >> method >> target >> std::ws;
        std::getline(words, body);
        if (body.starts_with('@')) body = contents(body.substr(1));
        requests.push_back(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    return requests;
}

Socket connect(net::io_context &context, const std::string &address) {
    Socket socket(context);
    if (address.starts_with("unix:")) {
        socket.connect(net::local::stream_protocol::endpoint(address.substr(5)));
        return socket;
    }
    const auto colon = address.rfind(':');
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
    socket.connect(net::ip::tcp::endpoint(net::ip::make_address(address.substr(0, colon)), port));
    socket.set_option(net::ip::tcp::no_delay(true));
    return socket;
}

net::awaitable<void> work(Load &load, Socket socket) {
    boost::beast::flat_buffer buffer;
    while (load.next < load.requests.size()) {
        const std::string &request = load.requests[load.next++];
        const Clock::time_point begun = Clock::now();
        co_await net::async_write(socket, net::buffer(request), net::use_awaitable);
        http::response_parser<http::string_body> answer;
        answer.body_limit(boost::none);
        co_await http::async_read(socket, buffer, answer, net::use_awaitable);
        load.took.push_back(seconds_since(begun));
        if (answer.get().result_int() >= 300 && load.failed.empty())
            load.failed = request.substr(0, request.find('\r')) + ": " + std::to_string(answer.get().result_int()) + " " +
                          answer.get().body();
    }
}

} // namespace

int run(const std::vector<std::string> &arguments) {
    std::string headers;
    for (std::size_t i = 2; i < arguments.size(); ++i) headers += arguments[i] + "\r\n";
    Load load;
    load.requests = read_requests(std::cin, headers);
    load.took.reserve(load.requests.size());
    net::io_context context(1);
    for (int i = std::stoi(arguments[1]); i > 0; --i)
        net::co_spawn(context, work(load, connect(context, arguments[0])), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    const Clock::time_point begun = Clock::now();
    context.run();
    const double seconds = seconds_since(begun);
    if (!load.failed.empty()) throw std::runtime_error("a request failed: " + load.failed);
    if (load.took.size() != load.requests.size()) throw std::runtime_error("not every request was answered");
    std::printf("%.6f %.6f\n", seconds, median(load.took));
    return 0;
}

} // namespace rsf::bench

int main(int argc, char **argv) {
    try {
        if (argc < 3) throw std::runtime_error("usage: floor_client unix:/path|127.0.0.1:PORT CONNECTIONS [HEADER...] <requests");
        return rsf::bench::run({argv + 1, argv + argc});
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
