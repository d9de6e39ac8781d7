#!/usr/bin/env bash
# freeze.sh RELEASE keeps the golden rows and messages as this release writes them. What is kept is never changed again: its rows lie in
# tables, its messages on queues, and its code reads what later releases write.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

release=${1:-}
[[ $release =~ ^[A-Za-z0-9._-]+$ ]] || { echo "usage: make freeze RELEASE=vX.Y.Z" >&2; exit 2; }
for room in shared/aws/dynamo:rows shared/message:.; do
  from=${room%%:*}/testdata/${room#*:} to=${room%%:*}/testdata/releases/$release
  [[ ! -e $to ]] || { echo "$to is there: a release is frozen once" >&2; exit 1; }
  mkdir -p "$to"
  for file in "$from"/*.golden.json; do
    name=$(basename "$file" .golden.json)
    [[ $name == beforeabout ]] || cp "$file" "$to/$name.json"
  done
done
