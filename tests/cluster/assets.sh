#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes what the cluster tests need and keeps it in the user's cache:
#   control-plane/<release>-<recipe>/     etcd, kube-apiserver, kube-controller-manager, kubectl
#   kubernetes-testdata/<version>/        the YAML and JSON documents of Kubernetes' own source tree
# The servers are built from Debian 12's source package, etcd and kubectl come out of its binary packages; nothing is installed, and
# apt works on lists of its own, so that the machine's stay as they are. Debian 13 has no servers' source any more, only kubectl's: there
# the same is made of Debian 12's packages. With KUBEBUILDER_ASSETS set, its binaries are used instead.
# Usage: assets.sh [make|path|testdata]     path and testdata print the folders and fail when they are not there yet.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/resourcifier
# shellcheck source=/dev/null
. /etc/os-release
release=$ID-${VERSION_ID:-unstable}
codename=${VERSION_CODENAME:-}
recipe=3 # one more whenever what follows builds something else
built=$cache/control-plane/${release#debian-}-$recipe
documents=$cache/kubernetes-testdata
binaries=(etcd kube-apiserver kube-controller-manager kubectl)

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

assets_path() {
    if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
        local name
        for name in etcd kube-apiserver kubectl; do
            [[ -x $KUBEBUILDER_ASSETS/$name ]] || fail "KUBEBUILDER_ASSETS names $KUBEBUILDER_ASSETS, but there is no program $name in it."
        done
        echo "$KUBEBUILDER_ASSETS"
    else
        [[ -d $built ]] || fail "The control plane is not built yet: run './dev cluster build' (about 4 minutes on 2 cores, once)."
        echo "$built"
    fi
}

testdata_path() {
    local folder
    for folder in "$documents"/[0-9]*/; do
        [[ -d $folder ]] && echo "${folder%/}" && return
    done
    fail "Kubernetes' test documents are not there yet: run './dev cluster build'."
}

# The sources of Debian 12, from the mirrors that this machine already uses.
write_apt_sources() {
    local file=$1 targets uri suite
    targets=$(apt-get indextargets --format "\$(REPO_URI) \$(RELEASE)" 'Created-By: Packages' 'Origin: Debian' 'Component: main' |
        awk -v name="$codename" '$2 == name || $2 == name "-security" { sub(name, "bookworm", $2); print $1, $2 }' | sort -u)
    [[ -n $targets ]] || targets=$(printf '%s\n' "http://deb.debian.org/debian bookworm" "http://deb.debian.org/debian-security bookworm-security")
    while read -r uri suite; do
        printf '%s %s %s main\n' deb "$uri" "$suite" deb-src "$uri" "$suite"
    done <<<"$targets" >"$file"
}

apt_here() {
    local state=$work/apt
    apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$state/lists" \
        -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
}

fetch_source() {
    say "Fetching the source of Kubernetes ..."
    mkdir -p "$work"/apt/{lists,cache/archives}/partial
    write_apt_sources "$work/apt/sources.list"
    (cd "$work" && apt_here update && apt_here source kubernetes) >"$work/log" 2>&1 || show_log "Debian's source package kubernetes could not be fetched"
    mv "$work"/kubernetes-*/ "$work/source"
}

# In the folder of the source.
source_version() { sed -n 's/.*tag: v\([0-9.]*\).*/\1/p' hack/lib/version.sh | grep -m1 .; }

keep_documents() {
    local version
    version=$(cd "$work/source" && source_version) || version=0
    mkdir "$work/documents"
    (cd "$work/source" && find . -path ./vendor -prune -o -path '*/testdata/v1.*' -prune -o \
        -type f \( -name '*.yaml' -o -name '*.yml' -o -name '*.json' \) -print0 | tar -c --null -T -) | tar -x -C "$work/documents"
    rm -rf "${documents:?}/$version"
    mkdir -p "$documents"
    mv -T "$work/documents" "$documents/$version"
}

# Kubernetes' own make first runs all its code generators over all its packages, which takes longer than the servers. What they make
# is in the source, but for one file.
generate_openapi() {
    local packages
    packages=$(grep -rl --include='*.go' '^// +k8s:openapi-gen=true' pkg vendor/k8s.io/*/ | xargs -n 1 dirname |
        grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver)/' | LC_ALL=C sort -u | sed 's|^|k8s.io/kubernetes/|') &&
        go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen &&
        "$work/openapi-gen" --logtostderr --input-dirs "$(paste -sd, <<<"$packages")" --output-package k8s.io/kubernetes/pkg/generated/openapi \
            --output-file-base zz_generated.openapi --report-filename "$work/violations" \
            --go-header-file vendor/k8s.io/code-generator/hack/boilerplate.go.txt
}

compile_servers() { # FOLDER
    local version flags=(-s -w) package
    version=$(source_version) || return
    for package in component-base/version client-go/pkg/version; do
        flags+=(-X "k8s.io/kubernetes/vendor/k8s.io/$package.gitVersion=v$version"
            -X "k8s.io/kubernetes/vendor/k8s.io/$package.gitMajor=$(cut -d. -f1 <<<"$version")"
            -X "k8s.io/kubernetes/vendor/k8s.io/$package.gitMinor=$(cut -d. -f2 <<<"$version")")
    done
    go build -ldflags "${flags[*]}" -o "$1/" ./cmd/kube-apiserver ./cmd/kube-controller-manager
}

build_servers() {
    local name
    say "Building kube-apiserver and kube-controller-manager (about 4 minutes on 2 cores, once) ..."
    (cd "$work" && apt_here download etcd-server kubernetes-client golang-github-modern-go-reflect2-dev) >"$work/log" 2>&1 ||
        show_log "etcd, kubectl and reflect2 could not be fetched"
    for name in "$work"/*.deb; do dpkg-deb -x "$name" "$work/packages"; done
    # Kubernetes 1.20 has reflect2 1.0.1, which corrupts maps with Go 1.18 and later: the API server crashes at the first custom resource.
    rm "$work"/source/vendor/github.com/modern-go/reflect2/*.{go,s}
    cp "$work"/packages/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$work/source/vendor/github.com/modern-go/reflect2/"
    mkdir -p "$work/go/src/k8s.io" "$work/built"
    mv "$work/source" "$work/go/src/k8s.io/kubernetes"
    (
        cd "$work/go/src/k8s.io/kubernetes" &&
            export GOPATH=$work/go GOCACHE=$work/go/cache GOFLAGS='' GO111MODULE=off CGO_ENABLED=0 &&
            generate_openapi && compile_servers "$work/built"
    ) >"$work/log" 2>&1 || show_log "Kubernetes did not build"
    install "$work"/packages/usr/bin/{etcd,kubectl} "$work/built/"
    for name in "${binaries[@]}"; do # each must at least start here
        "$work/built/$name" --help >"$work/log" 2>&1 || show_log "The new $name does not run"
    done
    mv -T "$work/built" "$built"
}

show_log() {
    tail -n 40 "$work/log" >&2
    fail "$1; the last lines of its output are above."
}

make_assets() {
    local wanted=()
    (testdata_path) >/dev/null 2>&1 || wanted+=(documents)
    if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then assets_path >/dev/null; elif [[ ! -d $built ]]; then wanted+=(servers); fi
    ((${#wanted[@]})) || return 0
    [[ $release == debian-1[23] ]] || fail "The control plane is built on Debian 12 and 13 and this is ${release/-/ }:" \
        "set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl."

    rm -rf "$cache"/control-plane/.build.* # left by a build that was killed; the lock says that none is running
    work=$(mktemp -d "$cache/control-plane/.build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    fetch_source
    [[ " ${wanted[*]} " != *" documents "* ]] || keep_documents
    [[ " ${wanted[*]} " != *" servers "* ]] || build_servers
}

case ${1:-make} in
path) assets_path ;;
testdata) testdata_path ;;
make)
    mkdir -p "$cache/control-plane"
    exec 9>"$cache/control-plane/.lock"
    flock -n 9 || { say "Waiting for another build of the control plane ..."; flock 9; }
    make_assets
    ;;
*) fail "usage: assets.sh [make|path|testdata]" ;;
esac
