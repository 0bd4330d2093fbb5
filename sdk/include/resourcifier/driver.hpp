// SPDX-License-Identifier: Apache-2.0
//
// driver.hpp: the driver ABI for C++17 and later, header-only. Derive from rsf::Driver, override the verbs that you
// support, throw rsf::Error for what goes wrong, and end one source file with RSF_CPP_DRIVER(YourDriver). Values are
// Boost.JSON (link Boost::json). Whatever else is thrown stops at the barrier below and becomes RSF_INTERNAL.
// Threads: a driver's verbs are called one at a time, unless its description says concurrent.
//
//     class Echo : public rsf::Driver {
//       public:
//         static constexpr rsf::Description description{"echo", "1.0.0", "Example Ltd", "https://example.org",
//                                                       "says what it was given", R"({"type": "object"})"};
//         Echo(rsf::Host host, const boost::json::object &settings);
//         rsf::Result get(const rsf::Call &call) override;
//     };
//     RSF_CPP_DRIVER(Echo)
#ifndef RESOURCIFIER_DRIVER_HPP
#define RESOURCIFIER_DRIVER_HPP

#include "detail/barrier.hpp"
#include "detail/driver_class.hpp"
#include "detail/extensions.hpp"
#include "detail/functions.hpp"
#include "detail/values.hpp"

// Exports D as the driver of this library. D: a class derived from rsf::Driver, with a static constexpr rsf::Description named
// description and a constructor (rsf::Host, const boost::json::object &settings) that throws when it can't be made.
#define RSF_CPP_DRIVER(D)                                                                                                        \
    static_assert(std::is_base_of_v<::rsf::Driver, D>, "a driver derives from rsf::Driver");                                     \
    static_assert(std::is_constructible_v<D, ::rsf::Host, const ::boost::json::object &>,                                        \
                  "a driver has a public constructor (rsf::Host, const boost::json::object &settings)");                         \
    static_assert(::rsf::detail::is_driver_name(D::description.name), "a driver's name is [a-z][a-z0-9-]{0,62}");                \
    RSF_DRIVER_ENTRY_FOR(::rsf::detail::abi_minor<D>(), &::rsf::detail::descriptor<D>, &::rsf::detail::functions<D>);

#endif
