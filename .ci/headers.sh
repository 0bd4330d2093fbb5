#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds the sizes that make the sources quick to compile and to find one's way in:
# - all headers of daemon/api, preprocessed as one source, are at most 70,000 lines (not counting blank lines and line markers);
# - no source file is longer than 400 lines;
# - no folder has more than 25 source files.
# It needs a configured tree, not a built one, and configures build/ if there is none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh

most_preprocessed=70000 most_lines=400 most_files=25 bad=''

[[ -f build/compile_commands.json ]] || cmake --preset release >/dev/null
# Include folders and macros as the API's sources have them.
command=$(jq -r '[.[] | select((.file + .output) | contains("daemon/api/CMakeFiles/resourcifier_api.dir"))][0].command // empty' build/compile_commands.json)
[[ $command ]] || fail "build/compile_commands.json has no source of daemon/api."
declare -a words
eval "words=($command)"
flags=()
for ((i = 0; i < ${#words[@]}; ++i)); do
    case ${words[i]} in
    -isystem | -I | -D) flags+=("${words[i]}" "${words[++i]}") ;;
    -I* | -D* | -std=*) flags+=("${words[i]}") ;;
    esac
done
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' build/CMakeCache.txt)
preprocessed=$(git ls-files -co --exclude-standard -- 'daemon/api/*.hpp' | sed 's|^daemon/\(.*\)|#include "\1"|' |
    "$compiler" "${flags[@]}" -x c++ -E - | grep -cv -e '^[[:space:]]*$' -e '^#')
echo "The headers of daemon/api are $preprocessed lines, preprocessed; $most_preprocessed are allowed."
if ((preprocessed > most_preprocessed)); then
    echo "  To see who includes what: g++ -H. A type that a header only names is declared in a header such as drivers/call_fwd.hpp."
    bad+=x
fi

# Those that are there: git lists what is deleted but not committed, too.
mapfile -t sources < <(git ls-files -co --exclude-standard -- {daemon,plugins,sdk,client,tests}/'*.'{c,h,cpp,hpp} |
    while read -r file; do [[ ! -f $file ]] || echo "$file"; done)

while read -r lines file; do
    ((lines > most_lines)) || continue
    echo "$file has $lines lines; $most_lines are allowed."
    bad+=x
done < <(printf '%s\0' "${sources[@]}" | xargs -0 wc -l | grep -v ' total$')

# Each driver of tests/bad_drivers is a file.
while read -r count folder; do
    ((count > most_files)) || continue
    echo "$folder has $count source files; $most_files are allowed."
    bad+=x
done < <(printf '%s\n' "${sources[@]}" | sed -n '/^tests\/bad_drivers\//!s|/[^/]*$||p' | sort | uniq -c)
echo "${#sources[@]} source files were measured."

[[ ! $bad ]] || fail "${#bad} of the sizes above are too large."
