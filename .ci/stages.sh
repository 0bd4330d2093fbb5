# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts share: a heading and a duration for each stage, and a clear last line when one fails.

fail() { printf '%s\n' "$*" >&2; exit 1; }

duration() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

stage() { # TITLE COMMAND...
    local title=$1 began=$SECONDS code=0
    shift
    printf '\n==== %s\n' "$title"
    # A shell of its own, since set -e does not hold inside "if" and "||".
    set +e
    (set -e; "$@")
    code=$?
    set -e
    ((code == 0)) || { printf '\n==== FAILED: %s, after %s\n' "$title" "$(duration $((SECONDS - began)))" >&2; exit "$code"; }
    printf -- '---- %s: %s\n' "$title" "$(duration $((SECONDS - began)))"
}
