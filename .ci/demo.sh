#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows a configuration becoming objects: demo.sh [--once] [--port N]. Expects the release build. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

once=''
port=8080
while (($#)); do
    case $1 in
    --once) once=yes ;;
    --port) [[ ${2:-} =~ ^[0-9]+$ ]] || fail "--port takes a number."; port=$2; shift ;;
    *) fail "usage: ./dev demo [--once] [--port N]" ;;
    esac
    shift
done

work=$(mktemp -d)
daemon=''
served=''

clean_up() {
    trap '' INT TERM HUP
    if [[ $daemon ]]; then
        kill -TERM "$daemon" 2>/dev/null || true
        # Idle, it ends at once; a daemon that would not is not worth more than this.
        timeout 20 tail -s 0.1 --pid="$daemon" -f /dev/null || kill -KILL "$daemon" 2>/dev/null || true
        wait 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap clean_up EXIT
trap '[[ $served ]] && echo && exit 0; exit 130' INT
trap 'exit 143' TERM HUP

taken() {
    fail "Port $port of 127.0.0.1 is taken by another program. End that one, or take another port: ./dev demo --port 8081"
}

start_daemon() {
    local line
    cat >"$work/settings.yaml" <<YAML
listen: ["127.0.0.1:$port"]
default_target: embedded
driver_path: ["$work/drivers"]
targets:
  embedded:
    driver: dryrun
YAML
    # The daemon takes no driver from a folder that others may write, as a clone may be; a temporary folder of its own is safe.
    install -D -m 755 build/drivers/dryrun.so "$work/drivers/dryrun.so"
    mkfifo "$work/pipe"
    build/bin/resourcifierd --settings "$work/settings.yaml" </dev/null >"$work/pipe" 2>&1 &
    daemon=$!
    exec 3<"$work/pipe"
    address=''
    while [[ ! $address ]] && IFS= read -r -t 60 -u 3 line; do
        echo "$line" >>"$work/log"
        [[ ! $line =~ listening\ on\ (127\.0\.0\.1:[0-9]+) ]] || address=${BASH_REMATCH[1]}
    done
    # Whatever it logs from here on is read too, or it would block on a full pipe.
    cat <&3 >>"$work/log" &
    [[ ! $address ]] || return 0
    if grep -qi 'in use' "$work/log" 2>/dev/null; then taken; fi
    cat "$work/log" >&2 2>/dev/null || true
    fail "resourcifierd did not start; what it said is above."
}

# Prints a command as one would type it, and runs it.
show() { printf '\n$ %s\n' "$1" && eval "$1"; }

fail_with_log() {
    printf '\n---- the log of resourcifierd\n' >&2
    cat "$work/log" >&2
    fail "$1"
}

((port == 0)) || ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || taken
start_daemon
url=http://$address/configurations
echo "resourcifierd serves on $address, with an embedded cluster in memory. First, the guestbook is posted:"

post="curl -s -H 'Content-Type: application/yaml' --data-binary @examples/guestbook.yaml $url"
printf '\n$ %s\n' "$post"
status=$(eval "$post -o '$work/answer' -w '%{http_code}'") || fail_with_log "The daemon did not answer."
cat "$work/answer"
[[ $status == 201 ]] || fail_with_log "The guestbook was not created: the answer has status $status."

printf '\nStatus %s: all of it was created. What the cluster now holds:\n' "$status"
for type in namespaces deployments services configmaps; do
    show "curl -sf -H 'Accept: application/json' '$url/$type?allNamespaces=true' | jq -r '.items[] | .kind + \" \" + .metadata.name'" ||
        fail_with_log "The cluster's $type can't be read."
done
printf '\nThe references have become values:\n'
show "curl -sf '$url/configmaps/guestbook-settings?namespace=guestbook'" || fail_with_log "The ConfigMap can't be read."

printf '\nA change can be reviewed before it is made (docs/reviewing.md):\n'
show "sed 's/gb-frontend:v5/gb-frontend:v6/' examples/guestbook.yaml |
    curl -sf -X PUT -H 'Content-Type: application/yaml' -H 'Accept: text/x-diff' --data-binary @- '$url?dryRun=true'" ||
    fail_with_log "The change can't be planned."

[[ ! $once ]] || exit 0
served=yes
printf '\nresourcifierd goes on serving on %s: try the commands above in another terminal. Ctrl-C ends it.\n' "$address"
wait "$daemon" || fail_with_log "resourcifierd ended by itself."
