# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For the scripts that have a public tool of npm look at the API: npm_tool PACKAGE VERSION prints the folder of the tool's packages, which is kept in the user's
# cache by the tool's version.

fail() { printf '%s\n' "$*" >&2; exit 1; }

tool_cache=${XDG_CACHE_HOME:-$HOME/.cache}/resourcifier
mkdir -p "$tool_cache"
work=$(mktemp -d -p "$tool_cache")

npm_tool() { # PACKAGE VERSION
    local folder=$tool_cache/npm/${1//[@\/]/_}-$2
    if [[ ! -d $folder/node_modules ]]; then
        mkdir -p "$tool_cache/npm"
        timeout 500 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/kept" "$1@$2" >&2 || fail "$1 $2 can't be had from npm."
        # Another one may have been quicker.
        mv -T "$work/kept" "$folder" 2>/dev/null || [[ -d $folder/node_modules ]] || fail "$folder can't be made."
        rm -rf "$work/kept"
    fi
    echo "$folder/node_modules"
}
