#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# In a minimal root that is thrown away (.ci/minimal-root): the packages are installed, the daemon is started by hand as the unit would
# have it, serves and is reloaded; then the packages are upgraded with edited settings, removed and purged.
#   installed_test.sh FOLDER     with the packages in FOLDER and the next version of them in FOLDER/next
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh
packages=$1
[[ $PWD == /resourcifier && $UID == 0 ]] || fail "This is for roots that .ci/minimal-root makes: nothing is installed here."

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
unit=/usr/lib/systemd/system/resourcifierd.service
settings=/etc/resourcifier/resourcifierd.yaml
work=$(mktemp -d)
daemon='' listener=''
clean_up() {
    [[ -z $daemon ]] || { kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
    [[ -z $listener ]] || kill "$listener" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP

quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "failed: $*"; }; }
apt_get() { quietly apt-get -q -y -o Acquire::Retries=3 --no-install-recommends "$@"; }
directive() { sed -n "s/^$1=//p" "$unit" | tail -n 1; }
broken() { cat "$work/daemon.log" "$work/told" >&2; fail "$@"; }

# The daemon as the unit has it: its folders, user and environment, no capability, and somebody to tell that it is ready. Its network is
# its own, since others on this machine may use its port.
start() {
    local user group folder kind
    user=$(directive User) group=$(directive Group)
    for kind in State:/var/lib Cache:/var/cache Runtime:/run; do
        folder=${kind#*:}/$(directive "${kind%:*}Directory")
        install -d -o "$user" -g "$group" -m "$(directive "${kind%:*}DirectoryMode")" "$folder"
    done
    as_unit=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/var/lib/resourcifier NOTIFY_SOCKET=/run/manager
        STATE_DIRECTORY=/var/lib/resourcifier CACHE_DIRECTORY=/var/cache/resourcifier RUNTIME_DIRECTORY=/run/resourcifier
        setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs --bounding-set=-all)
    run_as_unit ExecStartPre
    : >"$work/told"
    socat -u UNIX-RECVFROM:/run/manager,fork,mode=666 SYSTEM:'cat; echo' >>"$work/told" &
    listener=$!
    timeout 10 bash -c 'until [[ -S /run/manager ]]; do :; done' || fail "socat does not listen."
    # shellcheck disable=SC2016,SC2046 # by the inner shell; the command's words
    unshare --net bash -c 'ip link set lo up && exec "$@"' bash "${as_unit[@]}" $(directive ExecStart) >"$work/daemon.log" 2>&1 &
    daemon=$!
    grep -qxm1 READY=1 <(timeout 60 tail --follow --lines=+1 --pid="$daemon" "$work/told") || broken "The daemon does not become ready."
}
run_as_unit() { # DIRECTIVE
    # shellcheck disable=SC2046 # the command's words
    quietly "${as_unit[@]}" $(directive "$1")
}
stop() {
    kill "$daemon"
    wait "$daemon" || broken "The daemon does not end well."
    kill "$listener"
    wait "$listener" 2>/dev/null || true
    rm -rf /run/manager /run/resourcifier # systemd's to make, and to remove
    daemon='' listener=''
}
ask() { # STATUS PATH [OPTION...]
    local status
    status=$(nsenter --net="/proc/$daemon/ns/net" curl -s --max-time 60 -o "$work/answer" -w '%{http_code}' "${@:3}" "http://127.0.0.1:8080/$2") ||
        broken "There is no answer to $2."
    [[ $status == "$1" ]] || { cat "$work/answer" >&2; broken "$2 is answered with $status instead of $1."; }
}
version_of() { dpkg-query -W -f '${Version}' "$1"; }
has() { [[ -e $1 ]] || fail "$1 is missing $2."; }
has_not() { [[ ! -e $1 ]] || fail "$1 is left $2."; }

echo "---- Installing"
apt_get update
apt_get install curl socat iproute2 systemd # curl is the client; the rest stands for the service manager, which is never started
apt_get install "$packages"/resourcifier_*.deb "$packages"/resourcifier-dev_*.deb
version=$(version_of resourcifier)
getent passwd resourcifier >/dev/null || fail "There is no user resourcifier."
[[ $(resourcifierd --version) == "resourcifierd $version" ]] || fail "resourcifierd says that it is $(resourcifierd --version)."
quietly resourcifierd drivers list
[[ $(awk 'NR > 1 { print $1 }' "$work/log" | paste -sd' ') == "dryrun kubectl" ]] || { cat "$work/log" >&2; fail "There should be two drivers."; }
said=$(systemd-analyze verify --man=no resourcifierd.service resourcifierd.socket 2>&1) || true
[[ ! $said ]] || fail "systemd says of the units: $said"
[[ -L /etc/systemd/system/multi-user.target.wants/resourcifierd.service ]] || fail "The service is not enabled."
has_not /etc/systemd/system/sockets.target.wants/resourcifierd.socket "on, unasked"
quietly resourcifier-driver-check /usr/lib/resourcifier/drivers/dryrun.so
has /usr/share/resourcifier/templates/cpp/CMakeLists.txt "in the SDK"
for path in README.Debian operating.md examples/prometheus/alerts.yaml; do has /usr/share/doc/resourcifier/$path "in the package"; done
for path in gitops/README.md go-driver/satchel.go rust-driver/src/lib.rs; do has /usr/share/doc/resourcifier-dev/examples/$path "in the SDK"; done
for page in /usr/share/doc/resourcifier{,-dev}/*.md; do
    while read -r link; do
        (cd "${page%/*}" && [[ -e $link || -e ../resourcifier/$link || -e ../resourcifier-dev/$link ]]) || fail "$page links to $link, which is not there."
    done < <(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^[a-z]+:')
done
named=$(zcat /usr/share/man/man[158]/resourcifier*.gz | sed -n 's|^\.It Pa \(/usr/share/.*\)|\1|p')
for path in $named; do has "$path" "though a manual names it"; done

echo "---- Serving"
guestbook=(-H 'Content-Type: application/yaml' --data-binary @examples/guestbook.yaml)
start
ask 201 configurations "${guestbook[@]}"
ask 200 "configurations/configmaps/guestbook-settings?namespace=guestbook"
grep -q 'kind: ConfigMap' "$work/answer" || broken "What was posted is not there."
# By root, the check is the service's user's: it can't read a kubeconfig of root's.
install -m 600 /dev/null "$work/roots.kubeconfig"
sed "s|^  scratch:|  roots: {driver: kubectl, settings: {kubectl: /bin/sh, config: $work/roots.kubeconfig}}\n&|" "$settings" >"$work/check.yaml"
chmod 755 "$work" && chmod 644 "$work/check.yaml"
! resourcifierd check --settings "$work/check.yaml" >"$work/log" 2>&1 || fail "check by root should be by the service's user: $(cat "$work/log")"
if ! grep -q "checking as the user resourcifier" "$work/log" || ! grep -q "roots.kubeconfig" "$work/log"; then
    fail "check by root says: $(cat "$work/log")"
fi
# Edited, as an operator would: from here on the cluster is kept in a folder.
sed -i 's|^\( *\)#state: .*|\1state: /var/lib/resourcifier/scratch|; s|^threads: 2|threads: 3|' "$settings"
run_as_unit ExecReload
ask 201 configurations "${guestbook[@]}"
echo 'not: a setting' >>"$settings"
! "${as_unit[@]}" resourcifierd reload 2>"$work/log" || fail "A reload of bad settings should fail."
grep -q "resourcifierd.yaml:[0-9]*:[0-9]*: .*'not'" "$work/log" || fail "A reload of bad settings says: $(cat "$work/log")"
sed -i '$d' "$settings"
stop

echo "---- Upgrading, with edited settings"
install -m 600 /dev/null /etc/resourcifier/prod.kubeconfig
cp "$settings" "$work/edited.yaml"
apt_get install -o Dpkg::Options::=--force-confold "$packages"/next/resourcifier_*.deb "$packages"/next/resourcifier-dev_*.deb
[[ $(version_of resourcifier) != "$version" ]] || fail "The version is still $version."
cmp "$work/edited.yaml" "$settings" || fail "The edited settings were not kept."
grep -qx '# A line of the next version.' "$settings.dpkg-dist" || fail "What the next version would have is not beside them."
start
ask 200 "configurations/configmaps/guestbook-settings?namespace=guestbook"
stop

echo "---- Removing and purging"
apt_get remove resourcifier resourcifier-dev
for path in /usr/sbin/resourcifierd /usr/lib/resourcifier /usr/share/resourcifier "$unit"; do has_not "$path" "when it is removed"; done
cmp "$work/edited.yaml" "$settings" || fail "Removing took the settings."
has /var/lib/resourcifier/scratch "when it is only removed"
quietly dpkg --purge resourcifier
getent passwd resourcifier >/dev/null || fail "The user is gone, whose files may still be somewhere."
left=$(find / -xdev -name '*resourcifier*' ! -path "$PWD*" ! -path "$packages/*" ! -path '/root/.cache/*' | sort)
[[ $left == /etc/resourcifier ]] || fail "Purging leaves: $left"
[[ $(ls -A /etc/resourcifier) == prod.kubeconfig ]] || fail "Purging should leave what is the operator's, and that alone: $(ls -A /etc/resourcifier)"
echo "Installed, served, reloaded, upgraded, removed and purged."
