// SPDX-License-Identifier: Apache-2.0
//
// A body as a string, for Beast's parser, whose own takes the memory for all of it as soon as its length is known: a client that
// names a length and sends nothing is not to cost as much as it names.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional/optional.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace rsf::daemon {

struct GrowingBody {
    using value_type = std::string;

    class reader { // the name is Beast's
      public:
        template <bool is_request, class Fields>
        reader(const boost::beast::http::header<is_request, Fields> & /*head*/, std::string &body) : body_(body) {}

        void init(const boost::optional<std::uint64_t> & /*length*/, boost::system::error_code &failed) { failed = {}; }
        template <class Buffers> std::size_t put(const Buffers &buffers, boost::system::error_code &failed) {
            const std::size_t before = body_.size();
            for (const auto part : boost::beast::buffers_range_ref(buffers))
                body_.append(static_cast<const char *>(part.data()), part.size());
            failed = {};
            return body_.size() - before;
        }
        void finish(boost::system::error_code &failed) { failed = {}; }

      private:
        std::string &body_;
    };
};

using BodyParser = boost::beast::http::request_parser<GrowingBody>;

} // namespace rsf::daemon
