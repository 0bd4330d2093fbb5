#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a promtool, which checks metrics and rules as Prometheus reads them. It comes out of Debian's package: promtool in Debian 13, in 12
# prometheus, which is not installed, since that would start a server. It is kept in the user's cache by its version.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/resourcifier
say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

newest_kept() {
    local file newest=''
    while read -r file; do newest=$file; done < <(compgen -G "$cache/promtool-*/promtool" | sort -V)
    [[ $newest ]] && echo "$newest"
}

candidate() { apt-cache policy "$1" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

fetch() { # PACKAGE VERSION
    local work
    work=$(mktemp -d -p "$cache")
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$work'" EXIT
    (cd "$work" && apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 download "$1=$2" >&2) ||
        fail "Debian's package $1 $2 can't be had: see what apt-get says above."
    dpkg -x "$work/$1"_*.deb "$work/package"
    mkdir "$work/kept"
    mv "$work/package/usr/bin/promtool" "$work/kept/"
    # Another one may have been quicker.
    mv -T "$work/kept" "$cache/promtool-$2" 2>/dev/null || [[ -x $cache/promtool-$2/promtool ]] || fail "$cache/promtool-$2 can't be made."
}

mkdir -p "$cache"
package=promtool
version=$(candidate promtool)
[[ $version ]] || { package=prometheus && version=$(candidate prometheus); }
if [[ ! $version ]]; then
    newest_kept || fail "apt knows no package promtool or prometheus, out of which it comes: run 'apt-get update' as root."
    exit
fi
[[ -x $cache/promtool-$version/promtool ]] || fetch "$package" "$version"
echo "$cache/promtool-$version/promtool"
