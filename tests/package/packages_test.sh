#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The packages in build/packages (./dev deb) come out the same in another folder, know nothing of the folder that they were made in, and
# can be installed, upgraded and removed in a minimal root of this machine's release, where they serve.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP

again=$work/somewhere/else
.ci/packages.sh --work "$again" --into "$work/again" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "They can't be made again."; }
for package in build/packages/*.deb; do
    cmp "$package" "$work/again/${package##*/}" || fail "$package depends on where it is made."
done
# That alone would not tell what the compiler's cache brought along.
for package in build/packages/*.deb; do dpkg-deb -x "$package" "$work/content"; done
! found=$(grep -raoE "/[[:alnum:]_./-]+/(daemon|plugins|sdk)/[[:alnum:]_./-]+\.[ch]pp" "$work/content/usr/sbin" "$work/content/usr/bin" "$work/content/usr/lib") ||
    fail "The programs name the sources that they were made of, as Boost's value() does: use * there. $found"
echo "They are the same wherever they are made."

# Hardened as hardening=+all asks, and control flow where the processor has it. Debian's own start files have no note of that, so a program
# as a whole has none: its functions are looked at.
for program in "$work"/content/usr/{sbin/resourcifierd,bin/resourcifier-driver-check,lib/resourcifier/drivers/*.so}; do
    headers=$(readelf -hldW "$program")
    [[ $headers == *DYN* && $headers == *GNU_RELRO* && $headers == *NOW* ]] || fail "$program is not hardened: $headers"
    case $(dpkg --print-architecture) in
    amd64) word=endbr64 ;;
    arm64) word='bti|paciasp' ;;
    *) echo "Control-flow protection is not looked for on $(dpkg --print-architecture)." && continue ;;
    esac
    # Many, since the compiler's own start code has some.
    (($(objdump -d "$program" | grep -cE "$word") > 100)) || fail "$program has no control-flow protection."
done
echo "They are hardened."

if ((UID)); then
    echo "Installing them in a root of their own takes root: left out."
    exit
fi
# The next version has other settings, so that dpkg has to choose.
mkdir "$work/bring"
cp build/packages/*.deb "$work/bring"
{ cat etc/resourcifierd.yaml && echo '# A line of the next version.'; } >"$work/next.yaml"
.ci/packages.sh --work "$again" --into "$work/bring/next" --revision 2 --settings "$work/next.yaml" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; fail "The next version can't be made."; }
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
.ci/minimal-root --suite "$suite" --bring "$work/bring" tests/package/installed_test.sh /brought
