# SPDX-License-Identifier: Apache-2.0
# Read by ctest, not by CMake: in its configuration "case" each case of each test is a line of
# ctest, named "<test>: <case>".

# resourcifier_cases(TEST PROGRAM WRAPPER PROPERTY VALUE...): all cases of one program, if it is
# built. The program is asked for them once after each build.
function(resourcifier_cases test program wrapper)
    if(NOT EXISTS "${program}")
        return()
    endif()
    set(list "${program}.cases")
    if("${program}" IS_NEWER_THAN "${list}")
        string(RANDOM LENGTH 12 other)
        execute_process(COMMAND "${program}" --cases OUTPUT_FILE "${list}.${other}" RESULT_VARIABLE code)
        if(NOT code EQUAL 0)
            file(REMOVE "${list}.${other}")
            message(WARNING "${program} --cases ended with ${code}: it has no cases here.")
            return() # it is being linked, perhaps: the others have theirs
        endif()
        file(RENAME "${list}.${other}" "${list}")
    endif()
    set(properties "${ARGN}")
    include("${list}")
endfunction()

function(resourcifier_case name)
    add_test("${test}: ${name}" ${wrapper} "${program}" --case "${name}")
    set_tests_properties("${test}: ${name}" PROPERTIES ${properties})
endfunction()
