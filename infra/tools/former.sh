#!/usr/bin/env bash
# former.sh REVISION has the code of a former release read what today's code writes: it is checked out beside this one, gets today's golden
# rows and messages, and runs its own tests of reading them. That is what happens during a deployment, and after one that was taken back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

revision=${1:-}
git rev-parse --quiet --verify "$revision^{commit}" >/dev/null || { echo "usage: make former RELEASE=vX.Y.Z (a tag or revision of this repository)" >&2; exit 2; }
former=$(mktemp -d)
trap 'git worktree remove --force "$former" >/dev/null 2>&1 || true; rm -rf "$former"' EXIT
git worktree add --quiet --detach "$former" "$revision"

for folder in shared/aws/dynamo/testdata/rows shared/message/testdata; do
  cp "$folder"/*.golden.json "$former/$folder/"
done
[[ ! -d .local/jars ]] || { mkdir -p "$former/.local" && cp -r .local/jars "$former/.local/"; } # what Maven brought
cd "$former"
go test -count=1 -run 'GoldenMessagesAreRead' ./shared/message
go run ./infra/local/cmd services -- go test -count=1 -run 'GoldenRowsAreRead' ./shared/aws/dynamo
