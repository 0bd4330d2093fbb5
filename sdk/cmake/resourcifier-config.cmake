# SPDX-License-Identifier: Apache-2.0
# find_package(resourcifier): the target resourcifier::sdk (headers) and the function resourcifier_add_driver().
include(${CMAKE_CURRENT_LIST_DIR}/resourcifier-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/resourcifier-add-driver.cmake)
