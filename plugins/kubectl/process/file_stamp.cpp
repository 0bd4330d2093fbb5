// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/file_stamp.hpp"

namespace rsf::kubectl::process {

std::string stamp_of(const struct stat &status) {
    std::string stamp;
    for (const auto number :
         {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino), static_cast<long long>(status.st_size),
          static_cast<long long>(status.st_mtim.tv_sec), static_cast<long long>(status.st_mtim.tv_nsec)})
        stamp.append(std::to_string(number)).append(1, ' ');
    return stamp;
}

std::string stamp_of(const std::vector<std::string> &files) {
    std::string stamp;
    for (const std::string &file : files) {
        struct stat status {};
        ::stat(file.c_str(), &status); // one that is not there has zeros
        stamp += stamp_of(status);
    }
    return stamp;
}

} // namespace rsf::kubectl::process
