#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The SDK as an author has it: installed, with none of this tree's flags. The commands of docs/writing-a-driver.md are here word for
# word; then the templates are built by other compilers, standards and standard libraries, the examples in other languages too, and
# the installed daemon loads them all.
# usage: installed_test.sh BUILD_DIR
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$1
work=$(mktemp -d)
daemon=
clean_up() {
    [[ -z $daemon ]] || { kill "$daemon" && wait "$daemon"; } || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
if command -v ccache >/dev/null; then export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

fail() { echo "FAILED: $*" >&2; exit 1; }

serve() { # SETTINGS: until the script's end, or the next daemon
    [[ -z $daemon ]] || { kill "$daemon" && wait "$daemon"; }
    : >"$work/log"
    resourcifierd --settings "$1" 2>>"$work/log" &
    daemon=$!
    grep -qm1 "listening on" <(tail --follow --lines=+1 --pid="$daemon" "$work/log") || { cat "$work/log" >&2; fail "the daemon does not start"; }
}
post() { # SOCKET PATH
    curl -sf --unix-socket "$work/$1" -H 'Content-Type: application/yaml' --data-binary "@$work/notebook/shopping.yaml" "http://localhost/$2"
}

prefix=$work/prefix
cmake --install "$tree" --component sdk --prefix "$prefix"
cmake --install "$tree" --component daemon --prefix "$prefix"
export CMAKE_PREFIX_PATH=$prefix PKG_CONFIG_PATH=$prefix/share/pkgconfig PATH=$prefix/bin:$prefix/sbin:$PATH
cd "$work"

echo "---- The page"
cp -r "$prefix/share/resourcifier/templates/cpp" notebook
cd notebook
cmake -B build
cmake --build build
ctest --test-dir build --output-on-failure
resourcifier-driver-check build/drivers/notebook.so

# The page puts the driver into /opt, and listens on a port: here both are the test's own.
drivers=$work/drivers
sed -i "s|/opt/my-drivers|$drivers|; s|127.0.0.1:8080|unix:$work/socket|" settings.yaml
install -D build/drivers/notebook.so -t "$drivers"
resourcifierd check --settings settings.yaml
serve settings.yaml
cat >shopping.yaml <<'YAML'
resources:
- name: milk
  type: shopping
  properties: {litres: 2}
YAML
answer=$(post socket configurations) || fail "the daemon did not take the configuration"
[[ $answer == *"status: Created"* ]] || fail "the new driver answered: $answer"
curl -sf --unix-socket "$work/socket" http://localhost/configurations/shopping/milk | grep 'litres: 2' >/dev/null || fail "the object is not there"

if command -v gdb >/dev/null; then
    # On the page one stands at gdb's prompt then: here it leaves when the breakpoint is reached.
    printf '%s\n' "define hook-continue" "shell echo continues >>$work/steps" "end" >"$work/hook"
    : >"$work/steps"
    gdb() { command gdb --batch -x "$work/hook" "$@" -ex detach </dev/null >"$work/gdb" 2>&1; }
    sed 's/milk/butter/' shopping.yaml >"$work/butter.yaml"
    debug() {
gdb --pid "$(pgrep -f 'driver-host .*notebook.so')" -ex 'break Notebook::create' -ex continue
    }
    debug &
    debugger=$!
    grep -qm1 continues <(tail --follow --lines=+1 --pid="$debugger" "$work/steps") || fail "gdb does not attach: $(cat "$work/gdb")"
    curl -sf --unix-socket "$work/socket" -H 'Content-Type: application/yaml' --data-binary "@$work/butter.yaml" http://localhost/configurations >/dev/null || fail "no answer after the breakpoint"
    wait "$debugger" || fail "gdb: $(cat "$work/gdb")"
    grep 'hit Breakpoint 1' "$work/gdb" >/dev/null || fail "gdb did not stop in the driver: $(cat "$work/gdb")"
    unset -f gdb
else
    echo "gdb is not installed: stopping in the driver is left out."
fi
cmake -B build-sanitized -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-fsanitize=address,undefined
cmake --build build-sanitized
ctest --test-dir build-sanitized --output-on-failure
cd "$work"

# Other compilers, language standards and standard libraries.
built=("$work/notebook/build/drivers/notebook.so")
build_with() { # NAME TEMPLATE STANDARD OPTION...: by CMake
    local name=$1 template=$2 standard=$3
    shift 3
    echo "---- $name"
    cp -r "$prefix/share/resourcifier/templates/$template" "$name"
    sed -Ei "s/^(set\(CMAKE_C(XX)?_STANDARD) [0-9]+/\1 $standard/" "$name/CMakeLists.txt"
    if ! { cmake -S "$name" -B "$name/build" "$@" && cmake --build "$name/build"; } >"$name/log" 2>&1; then
        cat "$name/log" >&2
        fail "$name does not build"
    fi
    [[ $template == c ]] || "$name/build/notebook_test" || fail "$name: its unit test"
    built+=("$work/$name/build/drivers"/*.so)
}
build_with cpp-20-gcc cpp 20 -DCMAKE_CXX_COMPILER=g++
build_with cpp-23-gcc cpp 23 -DCMAKE_CXX_COMPILER=g++
build_with c-11-gcc c 11 -DCMAKE_C_COMPILER=gcc
if command -v clang++ >/dev/null; then
    build_with cpp-17-clang cpp 17 -DCMAKE_CXX_COMPILER=clang++
    build_with c-17-clang c 17 -DCMAKE_C_COMPILER=clang
    if echo '#include <version>' | clang++ -stdlib=libc++ -x c++ -fsyntax-only - 2>/dev/null; then
        build_with cpp-17-libcxx cpp 17 -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_FLAGS=-stdlib=libc++
        [[ $(ldd cpp-17-libcxx/build/drivers/notebook.so) == *libc++.so* ]] || fail "cpp-17-libcxx was to use libc++"
    else
        echo "libc++-dev is not installed: its checks are left out."
    fi
else
    echo "clang is not installed: its checks are left out."
fi

echo "---- By hand"
mkdir by-hand
cd by-hand
cp "$prefix/share/resourcifier/templates/c/stamp.c" .
# shellcheck disable=SC2046 # lists of flags
cc $(pkg-config --cflags resourcifier) -O2 -shared stamp.c $(pkg-config --libs resourcifier) -o stamp.so
built+=("$PWD/stamp.so")
cd "$work"

examples=$(cd "$tests/../../examples" && pwd)
if command -v cargo >/dev/null; then
    echo "---- Rust"
    cd "$examples/rust-driver"
    cargo build --release --locked --offline --target-dir "$work/rust"
    cd "$work"
    mkdir rust-driver
    cp rust/release/libdrawer.so rust-driver/drawer.so
    built+=("$PWD/rust-driver/drawer.so")
else
    echo "cargo is not installed: the driver in Rust is left out."
fi
if command -v go >/dev/null; then
    echo "---- Go"
    cd "$examples/go-driver"
    export GOCACHE=$work/go-cache # go keeps what pkg-config said, and here it says something new each time
    export CGO_LDFLAGS_ALLOW='-Wl,.*'
    go build -buildmode=c-shared -o "$work/go-driver/satchel.so" .
    cd "$work"
    built+=("$PWD/go-driver/satchel.so")
else
    echo "go is not installed: the driver in Go is left out."
fi

sh "$tests/symbols_test.sh" "${built[@]}"
{
    printf '%s\n' "listen: ['unix:$work/other']" "driver_path: ['$prefix/lib/resourcifier/drivers']" "default_target: t0" "targets:"
    for i in "${!built[@]}"; do printf '%s\n' "  t$i: {driver: '${built[i]}'}"; done
} >all.yaml
for driver in "${built[@]}"; do resourcifier-driver-check "$driver" >checked || { cat checked; fail "$driver does not pass the checks"; }; done
resourcifierd check --settings all.yaml
serve all.yaml
for i in "${!built[@]}"; do
    answer=$(post other "targets/t$i/configurations") || fail "${built[i]} takes no configuration"
    [[ $answer == *"status: Created"* ]] || fail "${built[i]} answered: $answer"
done
echo "${#built[@]} drivers passed the checks, were loaded and made an object."
