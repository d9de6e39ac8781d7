#!/usr/bin/env bash
# Lints the HTTP contract by redocly and spectral, as package-lock.json pins them. Needs Node and npm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..
place=$root/.local/openapi
command -v npm >/dev/null || { echo "missing: npm (Debian: apt-get install nodejs npm)" >&2; exit 1; }
mkdir -p "$place"
cmp -s "$here/package-lock.json" "$place/package-lock.json" && [[ -d $place/node_modules ]] || {
  cp "$here"/package.json "$here"/package-lock.json "$here"/.npmrc "$place"
  npm ci --prefix "$place" --ignore-scripts --no-audit --no-fund --loglevel=error
}
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
"$place/node_modules/.bin/redocly" lint --config "$here/redocly.yaml" "$root/shared/api/openapi.yaml"
"$place/node_modules/.bin/spectral" lint --ruleset "$here/spectral.yaml" --fail-severity=hint "$root/shared/api/openapi.yaml"
