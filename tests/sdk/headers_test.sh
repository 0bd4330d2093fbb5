#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, by every compiler at hand and as every language standard that it is promised for; the layout is that
# of every release in all of them.
# usage: headers_test.sh SOURCE_DIR
set -eu
source=$1
headers=$source/sdk/include/resourcifier
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fsyntax-only'
failures=0
checks=0

compile() { # compiler standard language file
    checks=$((checks + 1))
    # shellcheck disable=SC2086 # strict is a list
    if ! "$1" "-std=$2" $strict -x "$3" -I "$source/sdk/include" "$4" 2>"$work/errors"; then
        echo "FAILED: $1 -std=$2 $(cat "$4")"
        cat "$work/errors"
        failures=$((failures + 1))
    fi
}

alone() { # header: twice, since a header that is included again is harmless
    printf '#include <resourcifier/%s>\n#include <resourcifier/%s>\nextern int not_empty;\n' "$1" "$1" >"$work/$1.in"
}

refused() { # compiler, a sentence of the error, flags...: work/alone.cpp does not compile, and says why
    checks=$((checks + 1))
    compiler=$1 sentence=$2
    shift 2
    if "$compiler" -std=c++17 -fsyntax-only -I "$source/sdk/include" "$@" "$work/alone.cpp" 2>"$work/errors"; then
        echo "FAILED: $compiler $* compiles $(cat "$work/alone.cpp")"
        failures=$((failures + 1))
    elif ! grep -q "$sentence" "$work/errors"; then
        echo "FAILED: $compiler $* does not say \"$sentence\" of $(cat "$work/alone.cpp")"
        failures=$((failures + 1))
    fi
}

wrong_driver() { # a C++ driver of this name, whose constructor takes these arguments
    cat >"$work/alone.cpp" <<END
#include <resourcifier/driver.hpp>
struct Mine : rsf::Driver {
    static constexpr rsf::Description description{"$1", "1.0.0", "", "", "", "{}"};
    Mine($2) {}
};
RSF_CPP_DRIVER(Mine)
END
}

compilers=
for pair in gcc:g++ clang:clang++; do
    if command -v "${pair%:*}" >/dev/null && command -v "${pair#*:}" >/dev/null; then
        compilers="$compilers $pair"
    else
        echo "${pair%:*} is not installed: its checks are left out."
    fi
done
[ -n "$compilers" ] || { echo "No compiler was found."; exit 1; }

for release in "$source"/sdk/abi/*/; do printf '#include "%slayout.h"\n' "$release" >"$work/layout-$(basename "$release").in"; done
cat >"$work/entry.in" <<END
#include <resourcifier/resourcifier.h>
static const rsf_descriptor d = {sizeof(rsf_descriptor), 0, RSF_CAN_ALL_V1, RSF_TEXT("a"), RSF_TEXT("1.0.0"), RSF_TEXT(""),
                                 RSF_TEXT(""), RSF_TEXT(""), RSF_TEXT("{}")};
static const rsf_functions f = {sizeof(rsf_functions), 0, 0, 0, 0, 0};
RSF_DRIVER_ENTRY(&d, &f);
extern int has(const rsf_descriptor *p);
int has(const rsf_descriptor *p) { return RSF_HAS(p, flags) && RSF_HAS(p, settings_schema); }
END

for pair in $compilers; do
    for header in "$headers"/*.h; do
        alone "$(basename "$header")"
    done
    for file in "$work"/*.in; do
        for standard in c11 c17; do compile "${pair%:*}" $standard c "$file"; done
        for standard in c++11 c++14 c++17 c++20; do compile "${pair#*:}" $standard c++ "$file"; done
    done
    for header in "$headers"/*.hpp "$headers"/detail/*.hpp; do # g++ as C++20 is what the rest of the tests are built with
        case $header in */fake_sinks.hpp | */fake_calls.hpp) continue ;; esac # the end of fake_host.hpp
        printf '#include <resourcifier/%s>\n' "${header#"$headers"/}" >"$work/alone.cpp"
        if [ "$pair" = gcc:g++ ]; then standard=c++17; else standard=c++20; fi
        compile "${pair#*:}" $standard c++ "$work/alone.cpp"
    done
    wrong_driver 'My Driver' 'rsf::Host, const boost::json::object &'
    refused "${pair#*:}" "a driver's name is"
    wrong_driver mine ''
    refused "${pair#*:}" 'a driver has a public constructor'
    printf '#include <resourcifier/driver.hpp>\n' >"$work/alone.cpp"
    refused "${pair#*:}" 'driver.hpp needs exceptions' -fno-exceptions
done

lines=$(cat "$headers"/*.h | wc -l)
if [ "$lines" -ge 600 ]; then
    echo "FAILED: the C headers have $lines lines; they are to stay under 600."
    failures=$((failures + 1))
fi
echo "$checks compilations, $lines lines of C headers, $failures failures."
[ "$failures" -eq 0 ]
