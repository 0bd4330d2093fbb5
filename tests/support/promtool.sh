#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a promtool, which checks metrics and rules as Prometheus reads them. It comes out of Debian's package, which is not installed, since
# that would start a server; it is kept in the user's cache by its version.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/resourcifier
say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

newest_kept() {
    local file newest=''
    while read -r file; do newest=$file; done < <(compgen -G "$cache/promtool-*/promtool" | sort -V)
    [[ $newest ]] && echo "$newest"
}

fetch() { # VERSION
    local work
    work=$(mktemp -d -p "$cache")
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$work'" EXIT
    (cd "$work" && apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 download "prometheus=$1" >&2) ||
        fail "Debian's package prometheus $1 can't be had: see what apt-get says above."
    dpkg -x "$work"/prometheus_*.deb "$work/package"
    mkdir "$work/kept"
    mv "$work/package/usr/bin/promtool" "$work/kept/"
    # Another one may have been quicker.
    mv -T "$work/kept" "$cache/promtool-$1" 2>/dev/null || [[ -x $cache/promtool-$1/promtool ]] || fail "$cache/promtool-$1 can't be made."
}

mkdir -p "$cache"
version=$(apt-cache policy prometheus | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }')
if [[ ! $version ]]; then
    newest_kept || fail "apt knows no package prometheus, out of which promtool comes: run 'apt-get update' as root."
    exit
fi
[[ -x $cache/promtool-$version/promtool ]] || fetch "$version"
echo "$cache/promtool-$version/promtool"
