#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The released ABIs (sdk/abi/VERSION): their record is unchanged, and what the headers of today say differs from it by additions
# alone, which need a version of their own. (headers_test.sh compiles the layout of each release.)
# usage: released_test.sh SOURCE_DIR
set -eu
source=$1
headers=$source/sdk/include/resourcifier
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Every struct that crosses the boundary, as a variable of a library.
{
    echo '#include <resourcifier/resourcifier.h>'
    sed -n 's/^\(GROWS\|SIZE\)(\(rsf_[a-z_]*\),.*/extern \2 shown_\2; \2 shown_\2;/p' "$source"/sdk/abi/*/layout.h | sort -u
} >"$work/types.c"
shown() { # INCLUDE_DIR LIBRARY
    cc -std=c11 -g -O0 -fno-eliminate-unused-debug-types -shared -fPIC -I"$1" "$work/types.c" -o "$2"
}
version=$(sed -n 's/^#define RSF_ABI_MAJOR \([0-9]*\).*/\1/p' "$headers/abi.h").$(sed -n 's/^#define RSF_ABI_MINOR \([0-9]*\).*/\1/p' "$headers/abi.h")
cat "$headers"/*.h | sed -n 's/^\(typedef \)\{0,1\}struct \(rsf_[a-z_]*\) {$/\2/p' | while read -r type; do
    grep -q "shown_$type;" "$work/types.c" || echo "$type"
done >"$work/newer"
if [ -s "$work/newer" ] && [ -d "$source/sdk/abi/$version" ]; then
    fail "ABI $version was released without $(tr '\n' ' ' <"$work/newer"): raise RSF_ABI_MINOR."
fi
command -v abidiff >/dev/null || echo "abidiff is not installed: the comparison of types is left out."
releases=0
for release in "$source"/sdk/abi/*/; do
    name=$(basename "$release")
    releases=$((releases + 1))
    (cd "$release" && sha256sum --quiet --check SHA256SUMS) || fail "the record of ABI $name is not what was released."
    [ "${name%%.*}" = "${version%%.*}" ] || continue # another major version owes it nothing
    command -v abidiff >/dev/null || continue
    shown "$release/include" "$work/then.so"
    shown "$source/sdk/include" "$work/now.so"
    code=0
    abidiff "$work/then.so" "$work/now.so" >"$work/changes" || code=$?
    [ $((code & 3)) -eq 0 ] || { cat "$work/changes"; fail "abidiff itself failed."; }
    # A pointer to what grew has not changed itself: whatever did is told where it stands.
    awk '/type of .[^ ]*.* changed:$/ && !/type of variable/ {
             getline inner
             if (inner !~ /in pointed to type/) print
             $0 = inner
         }
         /data member deletion|type name changed|name of .* changed|[1-9][0-9]* Removed|offset changed|enumerator (deletion|change)|entity changed from|parameter .* was (added|removed)|return type changed/' \
        "$work/changes" >"$work/breaks"
    if [ -s "$work/breaks" ]; then
        cat "$work/changes"
        fail "ABI $version is not ABI $name and additions: drivers that were built for it would break."
    elif [ "$code" -ne 0 ] && [ "$name" = "$version" ]; then
        cat "$work/changes"
        fail "this differs from ABI $name as it was released: raise RSF_ABI_MINOR, and say it in sdk/CHANGES.md."
    fi
done
grep -q "^## ABI $version\$" "$source/sdk/CHANGES.md" || fail "sdk/CHANGES.md does not say what ABI $version is."
echo "$releases releases, $failures failures."
[ "$releases" -gt 0 ] && [ "$failures" -eq 0 ]
