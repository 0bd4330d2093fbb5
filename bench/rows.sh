# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What run.sh's parts share: medians of what was measured, rows, tables, bodies.

median() { sort -g "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; } # FILE with a number a line

calculate() { awk "BEGIN {printf \"%.4f\\n\", $1}"; } # EXPRESSION

# A row, as the measuring programs print them too: what, ours, what it is compared with, the figure, what the figure should reach.
row() { printf '%s\t%s\t%s\t%.2f\t%s\n' "$1" "$2" "$3" "$4" "${5:-}" >>"$rows"; }

milliseconds() { awk -v s="$1" 'BEGIN {printf "%.1f ms", s * 1e3}'; }

# Rows as a table in Markdown.
table() {
    awk -F'\t' '
        BEGIN { print "| what | ours | compared with | figure | reach | reached |"; print "| --- | --- | --- | --- | --- | --- |" }
        {
            split($5, reach, " ")
            reached = ""
            if (reach[1] == "<=") reached = $4 + 0 <= reach[2] + 0 ? "yes" : "**no**"
            if (reach[1] == ">=") reached = $4 + 0 >= reach[2] + 0 ? "yes" : "**no**"
            gsub("<=", "at most", $5); gsub(">=", "at least", $5)
            print "| " $1 " | " $2 " | " $3 " | " $4 " | " $5 " | " reached " |"
        }'
}

config_map() { # NAME NAMESPACE: as JSON
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","namespace":"%s","labels":{"app":"bench"}},"data":{"greeting":"hello","retries":"5"}}' "$1" "$2"
}

config_maps() { # PREFIX COUNT NAMESPACE: a configuration, as YAML
    local i
    echo "resources:"
    for ((i = 0; i < $2; i++)); do
        cat <<YAML
- name: $1-$i
  type: ConfigMap
  properties:
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: $1-$i
      namespace: $3
      labels: {app: bench}
    data:
      greeting: hello
      retries: "5"
YAML
    done
}
