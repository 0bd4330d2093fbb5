#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each number of the headers reaches authors of other languages: bindgen_test.sh SOURCE_DIR compares what bindgen makes of them, for Rust,
# with what a C compiler does. A constant with a cast, a suffix or a macro in it would be left out there without a word.
set -eu
include=$1/sdk/include
command -v bindgen >/dev/null || { echo "There is no bindgen: ./dev deps installs it." >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

header=$include/resourcifier/resourcifier.h
# Macros that have a value and take no arguments, but for the guards and those that stand for declarations; and enumerators.
names=$({
    sed -n 's/^#define \(RSF_[A-Z0-9_]*\) .*/\1/p' "$include"/resourcifier/*.h | grep -vxE 'RSF_(BEGIN|END|EXTERN|NO_REDZONE|NOTE_OWNER|EXT_.*)'
    grep -ohE '\bRSF_[A-Z0-9_]+ = [0-9]' "$include"/resourcifier/*.h | cut -d' ' -f1
} | sort -u)
{
    printf '#include <resourcifier/resourcifier.h>\n#include <stdio.h>\nint main(void) {\n'
    for name in $names; do printf '    printf("%s %%lld\\n", (long long)%s);\n' "$name" "$name"; done
    printf '    return 0;\n}\n'
} >"$work/numbers.c"
cc -I"$include" -o "$work/numbers" "$work/numbers.c"
"$work/numbers" | sort >"$work/c"

bindgen "$header" -- -I"$include" | sed -n 's/^pub const \(RSF_[A-Z0-9_]*\): [a-z0-9_]* = \(-\{0,1\}[0-9]*\);/\1 \2/p' | sort >"$work/rust"
diff "$work/c" "$work/rust" || { echo "Rust has other numbers (>) than C (<)." >&2; exit 1; }
echo "$(wc -l <"$work/c") numbers are the same in C and in Rust."
