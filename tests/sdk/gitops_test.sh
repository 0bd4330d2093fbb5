#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The driver of examples/gitops, built against the installed SDK: it passes the checks, makes one commit of what is written at once,
# loses nothing that others push meanwhile, and is planned over as any cluster.
# usage: gitops_test.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$1
work=$(mktemp -d)
own=()
clean_up() {
    local pid
    for pid in "${own[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
fail() { echo "FAILED: $*" >&2; cat "$work"/*.log >&2; exit 1; }

pkg-config --exists libgit2 || { echo "skipped: libgit2-dev is not installed"; exit 77; }
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
prefix=$work/prefix
cmake --install "$tree" --component sdk --prefix "$prefix" >/dev/null
cmake --install "$tree" --component daemon --prefix "$prefix" >/dev/null
CMAKE_PREFIX_PATH=$prefix cmake -S "$here/examples/gitops" -B "$work/build" >/dev/null
cmake --build "$work/build" >/dev/null
install -D -m 755 "$work/build/drivers/gitops.so" -t "$prefix/lib/resourcifier/drivers"
sh "$here/tests/sdk/symbols_test.sh" "$work/build/drivers/gitops.so"

# A real server, which takes one push at a time: the branch that is pushed to by path is not so careful.
mkdir "$work/repositories"
git init -q --bare -b main "$work/repositories/shop.git"
port=$((20000 + SRANDOM % 12000))
: >"$work/git.log"
git daemon --verbose --export-all --enable=receive-pack --listen=127.0.0.1 --port=$port --base-path="$work/repositories" "$work/repositories" 2>>"$work/git.log" &
own+=($!)
grep -qm1 "Ready to rumble" <(tail --follow --lines=+1 --pid="${own[-1]}" "$work/git.log") || fail "git daemon does not start"
url=git://127.0.0.1:$port/shop.git
history() { git -C "$work/repositories/shop.git" log --format='%an %s' main; }
held() { git -C "$work/repositories/shop.git" show "main:$1"; }

echo "---- The checks"
printf '%s\n' "url: $url" "password: s3cr3t-of-the-check" >"$work/settings.yaml"
"$prefix/bin/resourcifier-driver-check" "$prefix/lib/resourcifier/drivers/gitops.so" --settings "$work/settings.yaml"

echo "---- One operation, one commit"
cat >"$work/daemon.yaml" <<YAML
listen: ['unix:$work/socket']
driver_path: ['$prefix/lib/resourcifier/drivers']
default_target: a
targets:
  a: {driver: gitops, settings: {url: '$url', author_name: Shop, author_email: shop@example.org}}
  b: {driver: gitops, settings: {url: '$url', author_name: Other}}
YAML
: >"$work/daemon.log"
"$prefix/sbin/resourcifierd" --settings "$work/daemon.yaml" 2>>"$work/daemon.log" &
own+=($!)
grep -qm1 "listening on" <(tail --follow --lines=+1 --pid="${own[-1]}" "$work/daemon.log") || fail "the daemon does not start"
ask() { # METHOD PATH [CURL OPTION...]: the answer, or a failure
    curl -sf --unix-socket "$work/socket" -X "$1" -H 'Content-Type: application/yaml' -H 'Prefer: handling=strict' "http://localhost$2" "${@:3}"
}
config_map() { # NAME VALUE: a resource
    printf -- '- {name: %s, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: shop}, data: {level: "%s"}}}\n' "$1" "$1" "$2"
}
{ echo "resources:" && config_map one 1 && config_map two 0x1F && config_map three yes; } >"$work/three.yaml"
before=$(history | wc -l)
ask POST /configurations --data-binary "@$work/three.yaml" >/dev/null || fail "the configuration was not taken"
[[ $(history | wc -l) -eq $((before + 1)) ]] || fail "three objects are not one commit: $(history)"
[[ $(history | head -n 1) == "Shop create shop/ConfigMap/one.yaml and 2 more" ]] || fail "the commit says: $(history | head -n 1)"
held shop/ConfigMap/two.yaml | grep -x '  level: "0x1F"' >/dev/null || fail "the file holds: $(held shop/ConfigMap/two.yaml)"
[[ $(ask GET "/configurations/cm/three?namespace=shop" -H 'Accept: application/json' | jq -r .data.level) == yes ]] || fail "yes is text no more"
[[ $(ask GET "/configurations/cm?namespace=shop" -H 'Accept: application/json' | jq '.items | length') -eq 3 ]] || fail "the list is not whole"

echo "---- A plan changes nothing"
{ echo "resources:" && config_map one 2; } >"$work/one.yaml"
before=$(history | wc -l)
ask PUT "/configurations?dryRun=true" -H 'Accept: text/x-diff' --data-binary "@$work/one.yaml" >"$work/plan.diff" || fail "there is no plan"
if ! grep -q '^-  level: "1"' "$work/plan.diff" || ! grep -q '^+  level: "2"' "$work/plan.diff"; then fail "the plan is: $(cat "$work/plan.diff")"; fi
[[ $(history | wc -l) -eq $before ]] || fail "a plan made a commit"
ask PUT /configurations --data-binary "@$work/one.yaml" >/dev/null || fail "the replace was not taken"
held shop/ConfigMap/one.yaml | grep -x '  level: "2"' >/dev/null || fail "the file was not replaced"

echo "---- Pushes at the same time"
before=$(history | wc -l)
pushing=()
for i in {1..8}; do
    for target in a b; do
        { echo "resources:" && config_map "$target-$i" "$i"; } >"$work/$target-$i.yaml"
        ask POST "/targets/$target/configurations" --data-binary "@$work/$target-$i.yaml" >/dev/null &
        pushing+=($!)
    done
done
for pid in "${pushing[@]}"; do wait "$pid" || fail "a push failed"; done
[[ $(history | wc -l) -eq $((before + 16)) ]] || fail "16 pushes made $(($(history | wc -l) - before)) commits"
for i in {1..8}; do
    for target in a b; do held "shop/ConfigMap/$target-$i.yaml" | grep -x "  level: \"$i\"" >/dev/null || fail "$target-$i is lost"; done
done

echo "---- The end"
{ echo "resources:" && printf -- '- {name: s, type: Secret, properties: {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: b}}}\n'; } >"$work/secret.yaml"
! ask POST /configurations --data-binary "@$work/secret.yaml" >/dev/null || fail "a Secret was taken"
ask DELETE /configurations --data-binary "@$work/three.yaml" || fail "the delete was not taken"
! held shop/ConfigMap/one.yaml 2>/dev/null || fail "the file is there yet"
echo "All good."
