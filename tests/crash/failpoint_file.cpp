// SPDX-License-Identifier: Apache-2.0
#include "crash/failpoint_file.hpp"

#include "support/files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace rsf::test::crash {

namespace {

constexpr std::size_t file_size = shared::failpoints.size() * sizeof(shared::FailpointSlot);

} // namespace

FailpointFile::FailpointFile(std::filesystem::path path) : path_(std::move(path)) {
    write_file(path_, std::string(file_size, '\0'));
    const int file = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    void *const mapped = file < 0 ? MAP_FAILED : ::mmap(nullptr, file_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) ::close(file);
    if (mapped == MAP_FAILED) throw std::runtime_error("can't map " + path_.string());
    slots_ = static_cast<shared::FailpointSlot *>(mapped);
}

FailpointFile::~FailpointFile() { ::munmap(slots_, file_size); }

std::string FailpointFile::variable() const { return std::string(shared::failpoint_variable) + "=" + path_.string(); }

void FailpointFile::hasten(std::size_t point) {
    std::uint32_t left = slots_[point].left;
    while (left > 1 && !slots_[point].left.compare_exchange_weak(left, 1)) {
    }
}

std::uint32_t FailpointFile::all_kills() const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < shared::failpoints.size(); ++i) sum += kills(i);
    return sum;
}

} // namespace rsf::test::crash
