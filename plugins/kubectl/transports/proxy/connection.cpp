// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/connection.hpp"

#include "kubectl/text/time_text.hpp"
#include "kubectl/text/well_formed.hpp"
#include "kubectl/transports/proxy/request_gate.hpp"
#include "shared/failpoint.hpp"

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

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace rsf::kubectl::transports {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using How = ConnectionLost::How;

constexpr std::size_t most_unread = std::size_t{256} << 10; // bytes of a head, or of the lines around a chunk
constexpr int most_interim = 16;                            // answers with 1xx to one request

process::FileDescriptor connected(const std::string &path, const process::Deadline &deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw ConnectionLost(How::refused, false, "the socket's path is too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    process::FileDescriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto connects = [&] {
        // While the other side's queue is full, connect() waits in the kernel until there is room or this time is over (EAGAIN):
        // poll(2) can't wait for that.
        const int time = deadline.milliseconds_to_check();
        const timeval limit{time / 1000, time % 1000 * 1000};
        return ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
               ::connect(made.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    };
    while (made && !connects()) {
        const int error = errno;
        if (error == EINTR || (error == EAGAIN && !deadline.is_over())) continue;
        throw ConnectionLost(How::refused, false, std::generic_category().message(error));
    }
    if (!made || ::fcntl(made.get(), F_SETFL, O_NONBLOCK) < 0)
        throw ConnectionLost(How::refused, false, std::generic_category().message(errno));
    return made;
}

// A SyncStream, as Beast calls it, whose reads and writes end at the deadline.
class DeadlineStream {
  public:
    explicit DeadlineStream(process::FileDescriptor socket) : socket_(std::move(socket)) {}

    void set_deadline(const process::Deadline *deadline) { deadline_ = deadline; }
    bool has_sent() const { return has_sent_; }
    void begin() { has_sent_ = false; }

    // Whether there is data to read, or the server has closed the connection.
    bool is_readable() const {
        pollfd polled{socket_.get(), POLLIN, 0};
        return ::poll(&polled, 1, 0) != 0;
    }

    template <class Buffers> std::size_t read_some(const Buffers &buffers, error_code &failed) {
        return transfer(buffers, POLLIN, failed, [this](msghdr &message) { return ::recvmsg(socket_.get(), &message, 0); });
    }
    // Fails with already_started when data comes before all is written: otherwise both sides could wait for each other.
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
            if (!deadline_->wait_until_ready(socket_.get(), event)) return failed = net::error::timed_out, 0;
        }
    }

    process::FileDescriptor socket_;
    const process::Deadline *deadline_ = nullptr; // during an exchange
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
    return !ended && failed.category() == make_error_code(http::error::bad_version).category() ? How::not_http : How::dropped;
}

} // namespace

struct Connection::State {
    using Request = http::request<http::span_body<const char>>;
    using Parser = http::response_parser<http::string_body>;

    explicit State(process::FileDescriptor socket) : stream(std::move(socket)) {}

    bool send(http::request_serializer<http::span_body<const char>> &writer);
    void read(Parser &parser);
    [[noreturn]] void lose(How how, const std::string &what) const { throw ConnectionLost(how, stream.has_sent(), what); }

    DeadlineStream stream;
    boost::beast::flat_buffer buffer{most_unread};
    bool keep_alive = true;
};

// Whether the request was sent completely. If not, an answer came before, or the server takes no more; it may have answered.
bool Connection::State::send(http::request_serializer<http::span_body<const char>> &writer) {
    error_code failed;
    http::write(stream, writer, failed);
    if (!failed) return true;
    if (failed == net::error::timed_out) lose(How::given_up, failed.message());
    if (!stream.has_sent()) lose(How::dropped, "the connection was closed, or data came, before the request was sent");
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
    if (status < 100 || status > 599) lose(How::not_http, "the answer has status " + std::to_string(status));
    // The end of such an answer is the end of the connection: it may have been cut.
    if (parser.need_eof()) lose(How::dropped, "the answer does not say where it ends");
    const auto coding = parser.get().find(http::field::transfer_encoding);
    if (coding != parser.get().end() && !boost::beast::iequals(coding->value(), "chunked"))
        lose(How::not_http, "the answer has a transfer coding that was not asked for");
}

Connection::Connection(const std::string &path, const process::Deadline &deadline)
    : state_(std::make_unique<State>(connected(path, deadline))) {}
Connection::~Connection() = default;

HttpResponse Connection::exchange(const HttpRequest &asked, const process::Deadline &deadline) {
    check_request(asked);
    State &state = *state_;
    state.stream.set_deadline(&deadline);
    state.stream.begin();
    state.keep_alive = false; // unless all goes well
    State::Request request(http::string_to_verb(asked.method), asked.target, 11);
    request.set(http::field::host, "localhost"); // the only one that kubectl's proxy takes
    request.set(http::field::accept, "application/json");
    request.set(http::field::accept_encoding, "identity"); // or the proxy's way to the cluster is compressed for nothing
    // The part before '/' is what the cluster takes for the manager of fields where a write names none.
    std::string agent = "resourcifierd/" RESOURCIFIER_VERSION;
    if (!asked.audit_id.empty()) {
        agent.append(" (request ").append(asked.audit_id) += ')';
        request.set("Audit-ID", asked.audit_id);
    }
    request.set(http::field::user_agent, agent);
    if (!asked.body.empty()) request.set(http::field::content_type, asked.content_type);
    request.body() = {asked.body.data(), asked.body.size()};
    request.prepare_payload();

    http::request_serializer<http::span_body<const char>> writer(request);
    RSF_FAILPOINT("kubectl.proxy.before");
    bool is_sent = state.send(writer);
    RSF_FAILPOINT("kubectl.proxy.sent");
    // Interim answers (1xx) come before the final one (RFC 9110, 15.2). The next caller must not find the final one here.
    std::optional<State::Parser> parser;
    for (int turn = 0; !parser || parser->get().result_int() / 100 == 1; ++turn) {
        if (parser && (parser->get().result_int() == 101 || turn > most_interim))
            state.lose(How::not_http, "the answer has status " + std::to_string(parser->get().result_int()));
        if (parser && !is_sent) is_sent = state.send(writer);
        state.read(parser.emplace());
    }
    RSF_FAILPOINT("kubectl.proxy.answered");
    const unsigned status = parser->get().result_int();
    // A refusal may come before the request is complete (RFC 9112, 9.5). A success can't: the server has not read the request.
    if (!is_sent && status < 400) state.lose(How::not_http, "it was answered with success before it was sent completely");

    HttpResponse response;
    response.status = status;
    for (const auto &field : parser->get())
        if (field.name() == http::field::warning) {
            if (auto text = warning_text({field.value().data(), field.value().size()}))
                response.warnings.push_back(text::well_formed(*text));
        } else if (field.name() == http::field::date) {
            response.date = text::read_http_date({field.value().data(), field.value().size()});
        } else if (field.name() == http::field::retry_after) {
            response.retry_after = seconds_of({field.value().data(), field.value().size()});
        }
    state.keep_alive = is_sent && parser->keep_alive();
    response.body = std::move(parser->get().body());
    return response;
}

// A byte that is left in the buffer, or that comes between two exchanges, belongs to no request.
bool Connection::is_usable() const { return state_->keep_alive && state_->buffer.size() == 0 && !state_->stream.is_readable(); }

std::unique_ptr<Connection> ConnectionPool::take(const process::Deadline &deadline) {
    for (;;) {
        std::unique_ptr<Connection> found;
        {
            const shared::Lock lock(mutex_);
            if (idle_.empty()) break;
            found = std::move(idle_.back());
            idle_.pop_back();
        }
        if (found->is_usable()) return found;
    }
    return std::make_unique<Connection>(path_, deadline);
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    if (!connection->is_usable()) return;
    const shared::Lock lock(mutex_);
    idle_.push_back(std::move(connection));
}

} // namespace rsf::kubectl::transports
