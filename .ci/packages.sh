#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the Debian packages of the working tree's tracked files:
#   packages.sh [--into FOLDER] [--work FOLDER] [--revision N] [--settings FILE]     FILE: what they have as the daemon's settings
# They come out the same, byte for byte, wherever and whenever they are made of the same commit on the same release of Debian.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

revision=1
settings=etc/resourcifierd.yaml
into=$PWD/build/packages
work=$PWD/build/packaging
while (($#)); do
    case $1 in
    --revision) revision=${2:-} ;;
    --settings) settings=${2:-} ;;
    --into) into=$(realpath -m "${2:-}") ;;
    --work) work=$(realpath -m "${2:-}") ;;
    *) fail "usage: packages.sh [--into FOLDER] [--work FOLDER] [--revision N] [--settings FILE]" ;;
    esac
    shift 2
done

version=$(sed -n 's/^project(resourcifier VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
[[ $version ]] || fail "CMakeLists.txt names no version."
tree=$work/resourcifier-$version

# From nothing each time: what is left of another commit would be older than this one. The compiler's cache knows the objects.
rm -rf "$tree"

# A folder named debian is what the tools ask for; the tree keeps it in etc. The commit's time is the time of everything.
mkdir -p "$tree"
git ls-files -z | tar -c --null --no-recursion --mtime="$(git log -1 --format=@%ct)" --mode=go-w -T - | tar -x -C "$tree"
cp -p "$settings" "$tree/etc/resourcifierd.yaml"
rm -rf "$tree/debian"
cp -r "$tree/etc/debian" "$tree/debian"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_ID:-}")
[[ $release == 12 ]] || release=13 # as ./dev has it
awk -v release="$release" '$3 == "build" && ($2 == "*" || $2 == release) { print " " $1 "," }' "$tree/.ci/packages" >"$work/needed"
sed -i -e "/^ @NEEDED@\$/{r $work/needed" -e 'd}' "$tree/debian/control"
cat >"$tree/debian/changelog" <<TEXT
resourcifier ($version-$revision) unstable; urgency=medium

  * Version $version, see docs/ and sdk/CHANGES.md.

 -- The resourcifier project <packages@resourcifier.invalid>  $(git log -1 --format=%cD)
TEXT

# debhelper gives its commands a home of their own, but the compiler's cache is to be everybody's.
CCACHE_DIR=$(ccache --get-config cache_dir)
export CCACHE_DIR CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign --no-pre-clean) || fail "dpkg-buildpackage failed."

mkdir -p "$into"
rm -f "$into"/resourcifier*
mv "$work"/resourcifier*_"$version-$revision"_* "$into"
ls "$into"/*.deb
