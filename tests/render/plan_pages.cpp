// SPDX-License-Identifier: Apache-2.0
//
// plan_pages FOLDER: writes the pages that the browser test looks at.
#include "render/html/page.hpp"
#include "sketch.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: plan_pages FOLDER\n";
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    const std::pair<const char *, rsf::render::PlanDocument> pages[] = {
        {"0", rsf::test::sample_plan(0)},     {"1", rsf::test::sample_plan(1)}, {"40", rsf::test::sample_plan(40)},
        {"400", rsf::test::sample_plan(400)}, {"wide", rsf::test::wide_plan()}, {"hostile", rsf::test::hostile_plan()}};
    for (const auto &[name, plan] : pages) {
        std::ofstream file(folder / (std::string(name) + ".html"), std::ios::binary);
        if (!(file << rsf::render::html(plan)).flush()) {
            std::cerr << "can't write to " << folder << "\n";
            return 1;
        }
    }
}
