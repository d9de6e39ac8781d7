#!/usr/bin/env bash
# fuzz.sh TIME: runs every Fuzz function of the module for TIME, three at once for each processor: TIME is a
# minute by the clock, whatever share of a processor a target gets of it.
# An input is made smaller for two seconds at most: else a slow target does nothing but that.
# Fails where one of them found an input that panics or breaks a promise, and prints what it said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
time=${1:?TIME, such as 60s}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

one() {
  local package=$1 name=$2 log="$3/${1//\//_}.$2"
  if go test -run '^$' -fuzz "^$name\$" -fuzztime "$4" -fuzzminimizetime 2s -parallel 1 "$package" >"$log" 2>&1; then
    printf 'ok  %s %s: %s\n' "$package" "$name" "$(grep -o 'execs: [0-9]*' "$log" | tail -1)"
  else
    printf 'FAIL %s %s\n' "$package" "$name"
    cat "$log"
    return 1
  fi
}
export -f one

# A line for each target: its package's folder and its name.
list=$(grep -roE --include='*_test.go' --exclude-dir=testdata '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's|/[^/]*:func | |')
[[ -n $list ]]
xargs -P "$((3 * $(nproc)))" -L 1 bash -c 'one "$1" "$2" "$3" "$4"' _ < <(sed "s|\$| $logs $time|" <<<"$list" )
