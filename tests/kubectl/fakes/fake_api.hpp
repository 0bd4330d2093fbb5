// SPDX-License-Identifier: Apache-2.0
//
// A Kubernetes API of the tests' own, behind a program that says that it is `kubectl proxy`: the test answers each request as it
// likes, or badly. The handler is called on a thread of each connection.
#pragma once

#include "kubectl/fakes/fake_kubectl.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/json.hpp>

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rsf::kubectl {

struct FakeRequest {
    std::string method, target, body, content_type, host, audit_id, agent;
    std::string line() const { return method + " " + target; }
};

struct FakeReply {
    unsigned status = 200;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers{};
    enum class How { answer, drop, garbage, silence } how = How::answer; // silence: until the server is ended
};

FakeReply ok(const boost::json::value &object);
FakeReply refusal(unsigned status, std::string_view reason, std::string_view message, boost::json::object details = {});

class FakeApi {
  public:
    using Handler = std::function<FakeReply(const FakeRequest &)>;

    // What handler does not answer (status 0) is answered as a small cluster would: discovery of core/v1 and apps/v1, /version
    // of 1.30.
    explicit FakeApi(Handler handler = {});
    ~FakeApi();
    FakeApi(const FakeApi &) = delete;
    FakeApi &operator=(const FakeApi &) = delete;

    // The program to be the setting kubectl. Its command lines are in the file "calls" of folder, the numbers of its processes
    // that are proxies in "proxies". What is in "says" they write to standard error.
    std::string kubectl() const { return folder.path() + "/kubectl"; }
    std::vector<std::string> requests() const; // "GET /api/v1", in the order in which they came
    FakeRequest last() const;
    void set(Handler handler);

    Folder folder;

  private:
    using Socket = boost::asio::local::stream_protocol::socket;
    void accept();
    void serve(Socket &socket);
    FakeReply reply_to(const FakeRequest &request);

    boost::asio::io_context context_; // before the sockets that it serves
    mutable std::mutex mutex_;
    Handler handler_;                   // guarded by mutex_
    std::vector<FakeRequest> requests_; // guarded by mutex_
    std::list<Socket> connections_;     // guarded by mutex_
    std::vector<std::thread> threads_;  // guarded by mutex_
    bool ending_ = false;               // guarded by mutex_
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::thread thread_;
};

} // namespace rsf::kubectl
