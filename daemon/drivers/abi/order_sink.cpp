// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/order_sink.hpp"

#include "base/text.hpp"
#include "drivers/abi/driver_values.hpp"

namespace rsf::drivers {

namespace {

constexpr std::size_t max_edges = 1'000'000; // a hundred for each of the most resources that a configuration may have

} // namespace

OrderSink::OrderSink(std::size_t count) : rsf_order_sink{sizeof(rsf_order_sink), 0, before}, count_(count) {}

void OrderSink::before(rsf_order_sink *sink, std::size_t first, std::size_t then, rsf_text why) noexcept {
    auto &self = *static_cast<OrderSink *>(sink);
    if (!self.fault.empty()) return;
    try {
        self.add(first, then, why);
    } catch (...) {
        self.fault = "no memory"; // fits a std::string without any
    }
}

void OrderSink::add(std::size_t first, std::size_t then, rsf_text why) {
    if (first >= count_ || then >= count_)
        fault = "it named resource " + std::to_string(first >= count_ ? first : then) + " of " + std::to_string(count_) +
                ", which count from 0";
    else if (first == then)
        fault = "it asked for resource " + std::to_string(first) + " before itself";
    else if (!is_sound(why))
        fault = "it gave a reason that has a size and no data";
    else if (edges.size() == max_edges)
        fault = "it asked for more than " + std::to_string(max_edges) + " orderings";
    else
        edges.push_back({first, then, printable(view(why))});
}

} // namespace rsf::drivers
