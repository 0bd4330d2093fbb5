#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo keeps its promises: --once ends with 0, a taken port is named, Ctrl-C ends it with 0, and nothing is left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
nothing_left() { [[ -z $(ls -A "$TMPDIR") ]] || fail "The demo left this behind: $(ls -A "$TMPDIR")"; }

.ci/demo.sh --once --port 0
nothing_left

set -m # a process group of its own, which Ctrl-C at a terminal would reach as a whole
coproc demo { exec .ci/demo.sh --port 0 2>&1; }
pid=$!
text=''
while [[ $text != *Ctrl-C* ]] && IFS= read -r -u "${demo[0]}" line; do text+=$line$'\n'; done
[[ $text =~ serves\ on\ 127\.0\.0\.1:([0-9]+) ]] || fail "The demo did not serve: $text"
port=${BASH_REMATCH[1]}

! second=$(.ci/demo.sh --once --port "$port" 2>&1) || fail "A second demo on port $port should have failed: $second"
[[ $second == "Port $port of 127.0.0.1 is taken"* ]] || fail "A taken port should be named: $second"

kill -INT -- "-$pid"
code=0
wait "$pid" || code=$?
((code == 0)) || fail "Ctrl-C should end the demo with 0, not $code."
! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "The demo's daemon still serves on port $port."
nothing_left
echo "The demo leaves nothing behind."
