// SPDX-License-Identifier: Apache-2.0
//
// Bytes that come over the connection to a cluster, one exchange after another for as long as the connection is good for more.
#include "kubectl/transports/proxy/connection.hpp"
#include "fuzz.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

using namespace rsf;

namespace {

// Listens under a name that goes with the process.
struct Listener {
    Listener() : path("/tmp/resourcifier-fuzz-" + std::to_string(::getpid())), descriptor(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        ::unlink(path.c_str());
        fuzz::require(::bind(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 &&
                          ::listen(descriptor, 8) == 0,
                      "a socket can be listened on");
    }
    ~Listener() { ::unlink(path.c_str()); }
    const std::string path;
    const int descriptor;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size > 65536) return 0; // more than a socket holds
    static const Listener listener;
    const kubectl::process::Deadline deadline(kubectl::process::Deadline::Clock::now() + std::chrono::seconds(5));
    kubectl::transports::Connection connection(listener.path, deadline);
    const int accepted = ::accept(listener.descriptor, nullptr, nullptr);
    fuzz::require(::send(accepted, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(size), "a socket takes it");
    ::shutdown(accepted, SHUT_WR);
    try {
        const kubectl::transports::HttpResponse response = connection.exchange({"GET", "/api/v1/namespaces", {}}, deadline);
        fuzz::require(response.status >= 200 && response.status <= 999, "an answer is a final one");
        fuzz::require(response.body.size() <= size, "an answer holds what was sent");
        fuzz::require(!connection.is_usable(), "a connection that was closed is not used again");
    } catch (const kubectl::transports::ConnectionLost &lost) {
        fuzz::require(lost.what()[0] != '\0', "a failure has a reason");
    }
    ::close(accepted);
    return 0;
}
