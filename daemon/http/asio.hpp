// SPDX-License-Identifier: Apache-2.0
//
// Asio and Beast as this library uses them; included by its connection code only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace rsf::http {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;

// TCP and Unix sockets alike.
using Socket = net::generic::stream_protocol::socket;
using Acceptor = net::basic_socket_acceptor<net::generic::stream_protocol>;

// co_await gives a tuple that starts with the error_code.
inline constexpr auto as_values = net::as_tuple(net::use_awaitable);

} // namespace rsf::http
