#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon under all that its unit takes from it serves: it takes the guestbook, gives it back, and takes it away again.
#   confined_daemon.sh BUILD_DIR dryrun           the embedded cluster, in the state folder, over a restart
#   confined_daemon.sh BUILD_DIR kubectl          a real control plane (with_control_plane.sh), by both transports
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
driver=$2
work=$(mktemp -d)
daemon=
stop() {
    [[ -z $daemon ]] || { kill "$daemon" && wait "$daemon"; } || fail "the daemon did not end well"
    daemon=
}
clean_up() {
    [[ -z $daemon ]] || { kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
fail() {
    echo "FAILED: $*" >&2
    cat "$work/log" >&2
    daemon=
    exit 1
}

# As a package has it. Where there is a view of its own, only root and the daemon's user own anything of it.
chmod 755 "$work"
mkdir "$work/drivers"
cp "$build/bin/resourcifierd" "$work"
cp "$build/drivers/$driver.so" "$work/drivers"
user=nobody
place=/opt
if ((UID)); then
    place=$work
    user=$(id -un)
fi

settings() { # TARGETS, each line indented
    printf '%s\n' "listen: ['unix:$place/run/socket']" "driver_path: ['$place/drivers']" "default_target: first" "targets:" "$1" >"$work/settings.yaml"
}
serve() {
    command=("$build/tests/confined" "$tree/etc/systemd/resourcifierd.service" "$user" "$work" "$place/resourcifierd" --settings "$place/settings.yaml")
    : >"$work/log"
    "${command[@]}" check >>"$work/log" 2>&1 || fail "the check fails"
    "${command[@]}" >>"$work/log" 2>&1 &
    daemon=$!
    grep -qm1 "listening on" <(timeout 60 tail --follow --lines=+1 --pid="$daemon" "$work/log") || fail "the daemon does not start"
    grep -x $'Seccomp:\t2' "/proc/$daemon/status" >/dev/null || fail "the daemon is not confined"
    grep -x $'CapEff:\t0000000000000000' "/proc/$daemon/status" >/dev/null || fail "the daemon has capabilities"
    ((UID)) || ! grep -P '^Uid:\t0\t' "/proc/$daemon/status" || fail "the daemon is root's"
}
ask() { # STATUS PATH [OPTION...]: fails unless the answer has it
    local expected=$1 path=$2 status
    status=$(curl -s --max-time 120 --unix-socket "$work/run/socket" -o "$work/answer" -w '%{http_code}' "${@:3}" "http://localhost/$path") ||
        fail "no answer to $path"
    [[ $status == "$expected" ]] || { cat "$work/answer" >&2; fail "$path was answered with $status instead of $expected"; }
}
guestbook=(-H 'Content-Type: application/yaml' --data-binary "@$tree/examples/guestbook.yaml")
# Written, then read.
write_and_read() { # TARGET
    ask 201 "targets/$1/configurations" "${guestbook[@]}"
    ask 200 "targets/$1/configurations/configmaps/guestbook-settings?namespace=guestbook"
    grep -q 'kind: ConfigMap' "$work/answer" || fail "the settings of the guestbook read: $(cat "$work/answer")"
    ask 200 "targets/$1/configurations/services?namespace=guestbook" -H 'Accept: application/json'
    (($(jq '.items | length' "$work/answer") > 0)) || fail "the guestbook has no services"
}
# Probes and metrics, which look into /proc.
watch() { # CHILDREN: of the driver's process
    local line
    ask 200 readyz
    ask 200 metrics
    for line in '^process_open_fds [1-9]' '^process_resident_memory_bytes [1-9]' '^process_start_time_seconds [1-9]' \
        "^resourcifier_driver_child_processes{target=\"first\"} $1\$"; do
        grep -q "$line" "$work/answer" || fail "the metrics lack $line: $(grep -E '^(process|resourcifier_driver)' "$work/answer")"
    done
}
take_away() { ask 204 "targets/$1/configurations" -X DELETE "${guestbook[@]}"; }

if [[ $driver == dryrun ]]; then
    settings "  first: {driver: dryrun, process: {memory: 512MiB, cpu: 30s}, settings: {state: $place/state/cluster}}"
    serve
    write_and_read first
    watch 0
    "${command[@]}" reload >"$work/reloaded" 2>&1 || { cat "$work/reloaded" >&2; fail "the reload fails"; }
    stop
    serve
    ask 200 "configurations/configmaps/guestbook-settings?namespace=guestbook"
    take_away first
    stop
else
    cp "$RESOURCIFIER_KUBECTL" "$work/kubectl"
    install -m 600 "$KUBECONFIG" "$work/kubeconfig"
    ((UID)) || chown "$user" "$work/kubeconfig"
    for transport in proxy exec; do
        settings "  first: {driver: kubectl, settings: {transport: $transport, kubectl: $place/kubectl, config: $place/kubeconfig}}"
        serve
        write_and_read first
        watch "$([[ $transport == proxy ]] && echo 1 || echo 0)"
        take_away first
        stop
    done
fi
echo "The daemon works as its unit confines it, with the $driver driver."
