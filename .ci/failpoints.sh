#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds that what is released has no failpoints (sdk/shared/failpoint.hpp), and, where build/crash is built, that this would be seen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

programs=(bin/resourcifierd drivers/kubectl.so drivers/dryrun.so)
# The variable that arms them, and the function that each calls.
has_failpoints() { # FILE
    [[ $(strings -a "$1" | grep -c RESOURCIFIER_FAILPOINT_FILE) -gt 0 || $(nm -C "$1" 2>/dev/null | grep -c pass_failpoint) -gt 0 ]]
}
for program in "${programs[@]}"; do
    [[ -f build/$program ]] || fail "build/$program is not there: run ./dev build release first."
    ! has_failpoints "build/$program" || fail "build/$program has failpoints: with RESOURCIFIER_FAILPOINTS nothing but build/crash is built."
    [[ ! -f build/crash/$program ]] || has_failpoints "build/crash/$program" || fail "build/crash/$program has no failpoints."
done
echo "${#programs[@]} programs have no failpoints."
