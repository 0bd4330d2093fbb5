// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include "request_gate.hpp"
#include "well_formed.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <thread>

namespace rsf::kubectl {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using How = ConnectionLost::How;

constexpr std::size_t most_unread = std::size_t{256} << 10; // bytes of a head, or of what stands around a chunk
constexpr int most_interim = 16;                            // answers with 1xx to one request

FileDescriptor connected(const std::string &path, const Patience &patience) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw ConnectionLost(How::refused, false, "the socket's path is too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    FileDescriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    while (made && ::connect(made.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        if (errno == EINTR) continue;
        // A unix socket whose queue is full says so at once; there is nothing to poll for.
        if (errno != EAGAIN || patience.is_over())
            throw ConnectionLost(How::refused, false, std::generic_category().message(errno));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!made) throw ConnectionLost(How::refused, false, std::generic_category().message(errno));
    return made;
}

// A SyncStream, as Beast calls it, that waits only as long as the call may.
class PatientStream {
  public:
    explicit PatientStream(FileDescriptor socket) : socket_(std::move(socket)) {}

    void set_patience(const Patience *patience) { patience_ = patience; }
    bool has_sent() const { return has_sent_; }
    void begin() { has_sent_ = false; }

    // Whether something came, or the other side is gone.
    bool is_readable() const {
        pollfd polled{socket_.get(), POLLIN, 0};
        return ::poll(&polled, 1, 0) != 0;
    }

    template <class Buffers> std::size_t read_some(const Buffers &buffers, error_code &failed) {
        return transfer(buffers, POLLIN, failed, [this](msghdr &message) { return ::recvmsg(socket_.get(), &message, 0); });
    }
    // Fails with already_started when something comes before all is written: else both sides could wait for each other.
    template <class Buffers> std::size_t write_some(const Buffers &buffers, error_code &failed) {
        const std::size_t size = transfer(buffers, POLLOUT | POLLIN, failed, [this](msghdr &message) -> ssize_t {
            if (!is_readable()) return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
            errno = EALREADY;
            return -1;
        });
        has_sent_ = has_sent_ || size > 0;
        return size;
    }
    template <class Buffers> std::size_t read_some(const Buffers &buffers) {
        error_code failed;
        const std::size_t size = read_some(buffers, failed);
        if (failed) throw boost::system::system_error(failed);
        return size;
    }
    template <class Buffers> std::size_t write_some(const Buffers &buffers) {
        error_code failed;
        const std::size_t size = write_some(buffers, failed);
        if (failed) throw boost::system::system_error(failed);
        return size;
    }

  private:
    template <class Buffers, class Move>
    std::size_t transfer(const Buffers &buffers, short event, error_code &failed, Move move) {
        std::array<iovec, 16> parts;
        std::size_t count = 0, wanted = 0;
        for (auto each = net::buffer_sequence_begin(buffers); each != net::buffer_sequence_end(buffers) && count < parts.size();
             ++each) {
            const net::const_buffer part = *each;
            if (part.size() == 0) continue;
            parts[count++] = {const_cast<void *>(part.data()), part.size()};
            wanted += part.size();
        }
        failed = {};
        if (wanted == 0) return 0;
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        for (;;) {
            const ssize_t size = move(message);
            if (size > 0) return static_cast<std::size_t>(size);
            if (size == 0) return failed = net::error::eof, 0;
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return failed = error_code(errno, boost::system::system_category()), 0;
            if (!wait(event)) return failed = net::error::timed_out, 0;
        }
    }

    bool wait(short event) const {
        pollfd polled{socket_.get(), event, 0};
        while (!patience_->is_over())
            if (::poll(&polled, 1, patience_->poll_time()) != 0) return true; // an error shows at the next try
        return false;
    }

    FileDescriptor socket_;
    const Patience *patience_ = nullptr; // during an exchange
    bool has_sent_ = false;
};

// RFC 7234, 5.5: 299 - "text".
std::optional<std::string> warning_text(std::string_view header) {
    if (!header.starts_with("299 ")) return std::nullopt;
    const std::size_t open = header.find('"'), close = header.rfind('"');
    if (open == header.npos || close <= open) return std::string(header.substr(4));
    std::string text;
    for (std::size_t i = open + 1; i < close; ++i) {
        if (header[i] == '\\' && i + 1 < close) ++i;
        text += header[i];
    }
    return text;
}

std::optional<std::chrono::milliseconds> seconds_of(std::string_view header) {
    unsigned int seconds = 0;
    const auto [end, failed] = std::from_chars(header.data(), header.data() + header.size(), seconds);
    if (failed != std::errc{} || end != header.data() + header.size() || seconds > 86'400) return std::nullopt;
    return std::chrono::seconds(seconds);
}

How how_of(const error_code &failed) {
    if (failed == net::error::timed_out) return How::given_up;
    if (failed == http::error::body_limit) return How::too_large;
    const bool ended = failed == http::error::end_of_stream || failed == http::error::partial_message;
    return !ended && failed.category() == make_error_code(http::error::bad_version).category() ? How::nonsense : How::dropped;
}

} // namespace

struct Connection::State {
    using Request = http::request<http::span_body<const char>>;
    using Parser = http::response_parser<http::string_body>;

    explicit State(FileDescriptor socket) : stream(std::move(socket)) {}

    bool send(http::request_serializer<http::span_body<const char>> &writer);
    void read(Parser &parser);
    [[noreturn]] void lose(How how, const std::string &what) const { throw ConnectionLost(how, stream.has_sent(), what); }

    PatientStream stream;
    boost::beast::flat_buffer buffer{most_unread};
    bool keep_alive = true;
};

// Whether the request went whole. If not, an answer came before that, or nobody takes the rest; there may be an answer all the
// same.
bool Connection::State::send(http::request_serializer<http::span_body<const char>> &writer) {
    error_code failed;
    http::write(stream, writer, failed);
    if (!failed) return true;
    if (failed == net::error::timed_out) lose(How::given_up, failed.message());
    if (!stream.has_sent()) lose(How::dropped, "it was closed, or something else came, before the request");
    const bool may_have_answer =
        failed == net::error::already_started || failed == net::error::broken_pipe || failed == net::error::connection_reset;
    if (!may_have_answer) lose(how_of(failed), failed.message());
    return false;
}

// One answer, to its end.
void Connection::State::read(Parser &parser) {
    error_code failed;
    parser.body_limit(most);
    parser.header_limit(64 << 10);
    http::read(stream, buffer, parser, failed);
    if (failed) lose(how_of(failed), failed.message());
    const unsigned status = parser.get().result_int();
    if (status < 100 || status > 599) lose(How::nonsense, "the answer has status " + std::to_string(status));
    // An answer that ends with the connection may have been longer.
    if (parser.need_eof()) lose(How::dropped, "the answer does not say where it ends");
    const auto coding = parser.get().find(http::field::transfer_encoding);
    if (coding != parser.get().end() && !boost::beast::iequals(coding->value(), "chunked"))
        lose(How::nonsense, "the answer is in a transfer coding that nobody asked for");
}

Connection::Connection(const std::string &path, const Patience &patience)
    : state_(std::make_unique<State>(connected(path, patience))) {}
Connection::~Connection() = default;

HttpResponse Connection::exchange(const HttpRequest &asked, const Patience &patience) {
    check_request(asked);
    State &state = *state_;
    state.stream.set_patience(&patience);
    state.stream.begin();
    state.keep_alive = false; // unless all goes well
    State::Request request(http::string_to_verb(asked.method), asked.target, 11);
    request.set(http::field::host, "localhost"); // the only one that kubectl's proxy takes
    request.set(http::field::accept, "application/json");
    request.set(http::field::accept_encoding, "identity"); // or the proxy's way to the cluster is compressed for nothing
    request.set(http::field::user_agent, "resourcifierd/" RESOURCIFIER_VERSION);
    if (!asked.body.empty()) request.set(http::field::content_type, asked.content_type);
    request.body() = {asked.body.data(), asked.body.size()};
    request.prepare_payload();

    http::request_serializer<http::span_body<const char>> writer(request);
    bool is_sent = state.send(writer);
    // Answers with 1xx come before the final one (RFC 9110, 15.2), to which the caller is not to be left.
    std::optional<State::Parser> parser;
    for (int turn = 0; !parser || parser->get().result_int() / 100 == 1; ++turn) {
        if (parser && (parser->get().result_int() == 101 || turn > most_interim))
            state.lose(How::nonsense, "the answer has status " + std::to_string(parser->get().result_int()));
        if (parser && !is_sent) is_sent = state.send(writer);
        state.read(parser.emplace());
    }
    const unsigned status = parser->get().result_int();
    // A refusal may come early (RFC 9112, 9.5); a success of what was not even asked is none.
    if (!is_sent && status < 400) state.lose(How::nonsense, "it was answered before it was sent whole");

    HttpResponse response;
    response.status = status;
    for (const auto &field : parser->get())
        if (field.name() == http::field::warning) {
            if (auto text = warning_text({field.value().data(), field.value().size()}))
                response.warnings.push_back(well_formed(*text));
        } else if (field.name() == http::field::retry_after) {
            response.retry_after = seconds_of({field.value().data(), field.value().size()});
        }
    state.keep_alive = is_sent && parser->keep_alive();
    response.body = std::move(parser->get().body());
    return response;
}

// What is left in the buffer, or comes between exchanges, is nobody's answer.
bool Connection::is_usable() const { return state_->keep_alive && state_->buffer.size() == 0 && !state_->stream.is_readable(); }

std::unique_ptr<Connection> ConnectionPool::take(const Patience &patience) {
    for (;;) {
        std::unique_ptr<Connection> found;
        {
            const std::lock_guard lock(mutex_);
            if (idle_.empty()) break;
            found = std::move(idle_.back());
            idle_.pop_back();
        }
        if (found->is_usable()) return found;
    }
    return std::make_unique<Connection>(path_, patience);
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    if (!connection->is_usable()) return;
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
}

} // namespace rsf::kubectl
