#!/usr/bin/env bash
# rename.sh MODULE: gives the module the address that its owner fetches it from. It changes the path in go.mod and infra/tools/go.mod,
# in every import and in lint's list, and nothing else: what is called makegood in AWS, on the wire and in the documents stays.
# The path as it stands is read from go.mod, so that it can be done again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
new=${1:-}
old=$(go list -m)
if ! [[ $new =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[A-Za-z0-9._~-]+)*$ ]]; then
  printf 'rename: MODULE=%s is no module path (such as example.org/you/makegood)\n' "$new" >&2
  exit 2
fi
[[ $new != "$old" ]] || exit 0
tools=infra/tools/go.mod
go mod edit -module "$new" go.mod
go mod edit -module "$new/infra/tools" "$tools"
export old new
# An import is a whole string: "makegood/shared/ledger", with or without a name before it.
find . -name '*.go' -not -path './.*/*' -print0 |
  xargs -0 perl -pi -e 's{"\Q$ENV{old}\E/((?:shared|functions|infra)[/"])}{"$ENV{new}/$1}g'
perl -pi -e 's{module-path: \Q$ENV{old}\E\b}{module-path: $ENV{new}}' .golangci.yml
# Flags, documents and the API that name a package by its path.
grep -rlE --include='*.md' --include='*.sh' --include='*.yaml' --include='Makefile' "(^|[^A-Za-z0-9./_-])$old/(shared|functions|infra)/" . |
  xargs -r perl -pi -e 's{(?<![A-Za-z0-9./_-])\Q$ENV{old}\E/((?:shared|functions|infra)/)}{$ENV{new}/$1}g'
printf 'rename: %s is now %s; go build ./... and make lint test\n' "$old" "$new"
