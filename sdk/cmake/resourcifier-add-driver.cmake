# SPDX-License-Identifier: Apache-2.0
set(RESOURCIFIER_DRIVER_MAP ${CMAKE_CURRENT_LIST_DIR}/driver.map)

# resourcifier_add_driver(NAME SOURCES ...): a library NAME.so that exports rsf_driver_entry and nothing else, left in the build's
# drivers/. A driver in C++ links what it uses besides: target_link_libraries(NAME PRIVATE Boost::json).
function(resourcifier_add_driver name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
    if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "resourcifier_add_driver(${name}): it takes a name and SOURCES, nothing else.")
    endif()
    add_library(${name} MODULE ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE resourcifier::sdk)
    set_target_properties(${name} PROPERTIES
        PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/drivers
        LINK_DEPENDS ${RESOURCIFIER_DRIVER_MAP})
    target_link_options(${name} PRIVATE -Wl,--version-script=${RESOURCIFIER_DRIVER_MAP})
    if(NOT RESOURCIFIER_SANITIZE) # a sanitizer's own symbols come from the executable
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
endfunction()
