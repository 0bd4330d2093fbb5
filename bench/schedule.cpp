// SPDX-License-Identifier: Apache-2.0
//
// Scheduling configurations of 10 to 10,000 resources: references are found, every resource is given out when its turn
// comes, with its references resolved, and becomes an object. Nothing is read and no driver called.
#include "graph/schedule.hpp"
#include "measure.hpp"

#include <functional>
#include <stdexcept>

namespace rsf::bench {

namespace {

namespace json = boost::json;

using References = std::function<std::vector<std::size_t>(std::size_t resource)>;

struct Shape {
    const char *name;
    References references;
};

constexpr std::size_t lattice_width = 10;

const std::vector<Shape> &shapes() {
    static const std::vector<Shape> all{
        {"independent", [](std::size_t) { return std::vector<std::size_t>{}; }},
        {"chain (each refers to the one before it)",
         [](std::size_t i) { return i == 0 ? std::vector<std::size_t>{} : std::vector{i - 1}; }},
        {"fan-out (all refer to the first)",
         [](std::size_t i) { return i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0}; }},
        {"diamond lattice (layers of 10, each refers to two of the layer before)",
         [](std::size_t i) {
             if (i < lattice_width) return std::vector<std::size_t>{};
             const std::size_t layer = (i / lattice_width - 1) * lattice_width, column = i % lattice_width;
             return std::vector{layer + column, layer + (column + 1) % lattice_width};
         }},
    };
    return all;
}

json::object object(const std::string &name) {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", {{"name", name}, {"namespace", "shop"}, {"labels", {{"app", "web"}, {"tier", "frontend"}}}}},
            {"data", {{"greeting", "hello"}, {"retries", "5"}, {"listen", ":8080"}}}};
}

parse::Configuration configuration(std::size_t resources, const References &references) {
    parse::Configuration made;
    for (std::size_t i = 0; i < resources; ++i) {
        const std::string name = "r" + std::to_string(i);
        json::object properties = object(name);
        for (const std::size_t to : references(i)) {
            const std::string other = "r" + std::to_string(to);
            properties["data"].as_object()[other] = "at $(ref." + other + ".data.listen)";
        }
        made.resources.push_back({name, "ConfigMap", std::move(properties), {}, {}});
    }
    return made;
}

void carry_out(const parse::Configuration &configuration) {
    auto schedule = graph::Schedule::make(configuration, graph::Direction::dependencies_first);
    if (!schedule) throw std::runtime_error(to_string(schedule.error()));
    std::size_t given_out = 0;
    while (auto step = schedule->next_ready()) {
        ++given_out;
        schedule->succeeded(step->resource, {{"data", {{"listen", ":8080"}}}});
    }
    if (given_out != configuration.resources.size() || schedule->more_to_do()) throw std::runtime_error("the schedule is stuck");
}

} // namespace

void run() {
    constexpr std::size_t sizes[] = {10, 100, 1000, 10'000};
    for (const Shape &shape : shapes()) {
        std::vector<parse::Configuration> configurations;
        for (const std::size_t size : sizes) configurations.push_back(configuration(size, shape.references));
        std::vector<std::vector<double>> took(std::size(sizes));
        for (int round = 0; round < 9; ++round)
            for (std::size_t i = 0; i < std::size(sizes); ++i) {
                const std::size_t times = 10'000 / sizes[i]; // as much work for each size
                took[i].push_back(cpu_seconds_of([&] {
                                      for (std::size_t time = 0; time < times; ++time) carry_out(configurations[i]);
                                  }) /
                                  static_cast<double>(times));
            }
        std::string smaller;
        for (std::size_t i = 0; i + 1 < std::size(sizes); ++i)
            smaller += (i == 0 ? "" : ", ") + std::to_string(sizes[i]) + ": " + text(median(took[i]) * 1e3, "ms", 3);
        const double largest = median(took.back());
        row(std::string("schedule of 10,000, ") + shape.name + ", ms", text(largest * 1e3, "ms", 1), smaller, largest * 1e3,
            "<= 100");
        row("- time of 10,000 against that of 1,000", text(largest * 1e3, "ms", 1), text(median(took[2]) * 1e3, "ms", 2),
            largest / median(took[2]), "<= 12");
    }
}

} // namespace rsf::bench

int main() { rsf::bench::run(); }
