#!/usr/bin/env bash
# Looks at the package as it is built: what it exports and whether each way to import it finds its types (publint, attw), and whether a page in React compiles.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
web=$here/../../.local/web
place=$here/../../.local/web-check
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
cmp -s "$here/check/package-lock.json" "$place/package-lock.json" && [[ -d $place/node_modules ]] || {
  cp "$here"/check/package.json "$here"/check/package-lock.json "$here"/.npmrc "$place"
  npm ci --prefix "$place" --ignore-scripts --no-audit --no-fund --loglevel=error
}
cp "$here"/check/react.tsx "$here"/check/tsconfig.json "$place"
mkdir -p "$place/node_modules/@makegood"
ln -sfn ../../../web "$place/node_modules/@makegood/web"
cd "$place"
node_modules/.bin/publint --strict "$web"
# Only as modules: there is no CommonJS, and nothing that resolves without exports.
node_modules/.bin/attw --pack "$web" --profile esm-only --no-color --no-emoji
node_modules/.bin/tsc
