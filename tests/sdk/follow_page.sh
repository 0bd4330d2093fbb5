#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Follows docs/writing-a-driver.md from its first command to the first answer of the new driver: what stands there is taken from the
# page and run, in its order. It installs into /opt and listens where the page says, so it is for a machine to throw away:
#     .ci/minimal-root tests/sdk/follow_page.sh
#     .ci/minimal-root --suite trixie tests/sdk/follow_page.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
clone=$PWD page=$PWD/docs/writing-a-driver.md
fail() { echo "FAILED: $*" >&2; exit 1; }

# The packages that the page names for this release, and the build that it asks for.
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_ID")
packages=$(sed -n "s/.*Debian $release: \`\([^\`]*\)\`.*/\1/p" "$page")
[[ $packages ]] || fail "the page names no packages for Debian $release"
echo "---- Packages: $packages"
apt-get -q update
# shellcheck disable=SC2086 # a list
DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $packages
echo "---- ./dev build"
./dev build

# What the page leaves to its reader.
# shellcheck disable=SC2034 # the page's commands use them
tree=$clone/build prefix=/opt/resourcifier drivers=/opt/my-drivers

# Its commands until the first chapter after the ten minutes: fences of sh, and what stands in a line as `resourcifierd ...` or
# `curl ...`. Each ends with the character 1.
commands() {
    awk '
    /^## In C\+\+$/ { exit }
    /^```sh$/ { inside = 1; next }
    /^```$/ { if (inside) printf "\001"; inside = 0; next }
    inside { print; next }
    {
        line = $0
        while (match(line, /`(resourcifierd --settings|curl) [^`]*`/)) {
            printf "%s\001", substr(line, RSTART + 1, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH)
        }
    }' "$page"
}
mkdir /tmp/page
cd /tmp/page
daemon=
trap '[[ -z $daemon ]] || kill "$daemon"' EXIT
blocks=0 last=
while IFS= read -r -d $'\001' command; do
    blocks=$((blocks + 1))
    printf '\n---- %s\n' "$command"
    if [[ $command == resourcifierd\ --settings* ]]; then
        eval "$command &"
        daemon=$!
        for ((turn = 0; turn < 100; turn++)); do ! curl -sf http://localhost:8080/healthz >/dev/null || break; sleep 0.1; done
    elif [[ $command == curl* ]]; then
        last=$(eval "$command -sf") || fail "no answer to: $command"
        echo "$last"
    else
        eval "$command"
    fi
done < <(commands)
((blocks >= 6)) || fail "the page has only $blocks commands"
[[ $last == *"litres: 2"* ]] || fail "the last answer is not the new driver's: $last"
printf '\nThe page was followed to its end: %s commands, and the new driver answered.\n' "$blocks"
