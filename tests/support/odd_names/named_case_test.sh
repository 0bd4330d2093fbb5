#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `ctest -C case` runs the one case that is named, whatever its name: named_case_test.sh BUILD
set -euo pipefail
build=$1 work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

# Beside the ctest that runs this: two in one folder would write the same log.
echo "subdirs([[$build/tests]])" >"$work/CTestTestfile.cmake"
in_build() { ctest --test-dir "$work" --no-tests=error "$@" 2>&1; }
in_regex() { printf '%s\n' "$1" | sed 's/[][\.*^$+?(){}|]/\\&/g'; }

mapfile -t cases < <(in_build -C case --show-only | sed -n 's/^ *Test *#[0-9]*: odd_names: //p')
((${#cases[@]} == 17)) || fail "ctest has ${#cases[@]} cases of odd_names:" "${cases[@]}"

for name in "${cases[@]}"; do
    output=$(in_build -C case --verbose -R "^odd_names: $(in_regex "$name")\$") || fail "'$name' failed:" "$output"
    [[ $output == *"This is $name"$'\n'* && $(grep -c 'This is ' <<<"$output") == 1 ]] || fail "'$name' did not run alone:" "$output"
    [[ $output == *'tests passed, 0 tests failed out of 1'* ]] || fail "'$name' was not one line of ctest:" "$output"
done

output=$(in_build -C case -R 'odd_names: nothing is named so') && fail "ctest passed without a case:" "$output"
[[ $output == *'No tests were found'* ]] || fail "An unknown name was not reported:" "$output"
output=$("$build/tests/test_odd_names" --case 'nothing is named so' 2>&1) && fail "An unknown case passed:" "$output"
[[ $output == "There is no case 'nothing is named so'." ]] || fail "An unknown case ran something:" "$output"
output=$("$build/tests/test_odd_names" 'nothing is named so' 2>&1) && fail "A filter that matches nothing passed:" "$output"

# Each case has the tag of its folder, and without -C case ctest knows the tests alone.
[[ $("$build/tests/test_odd_names" '[support]') == *'17 assertions in 17 test cases'* ]] || fail "Not all cases have the tag [support]."
"$build/tests/test_odd_names" '[api]' >/dev/null && fail "Cases have the tag of another folder."
[[ $(in_build --show-only) != *'odd_names: '* ]] || fail "Cases are lines of ctest without -C case."
