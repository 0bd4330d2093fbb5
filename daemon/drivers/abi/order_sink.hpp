// SPDX-License-Identifier: Apache-2.0
//
// Collects the order that a driver asks for with rsf.order/1. Single-threaded, as the driver ABI requires.
#pragma once

#include "drivers/call.hpp"

#include <resourcifier/extensions.h>

#include <string>
#include <vector>

namespace rsf::drivers {

class OrderSink : public rsf_order_sink {
  public:
    // count: of the resources to be ordered.
    explicit OrderSink(std::size_t count);
    OrderSink(const OrderSink &) = delete;
    OrderSink &operator=(const OrderSink &) = delete;

    std::vector<Before> edges;
    std::string fault; // the first thing that the driver did wrong, or empty

  private:
    static void before(rsf_order_sink *sink, std::size_t first, std::size_t then, rsf_text why) noexcept;
    void add(std::size_t first, std::size_t then, rsf_text why);

    std::size_t count_;
};

} // namespace rsf::drivers
