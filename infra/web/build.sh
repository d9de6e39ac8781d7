#!/usr/bin/env bash
# Builds the component into .local/web/dist: what npm brings is as package-lock.json pins it, and nothing of it lies among the sources.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
place=$root/.local/web
command -v npm >/dev/null || { echo "missing: npm (Debian: apt-get install nodejs npm)" >&2; exit 1; }
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
cmp -s "$here/package-lock.json" "$place/package-lock.json" && [[ -d $place/node_modules ]] || {
  cp "$here"/package.json "$here"/package-lock.json "$here"/.npmrc "$place"
  # esbuild's program comes in a package of its own; no script is run for it.
  npm ci --prefix "$place" --ignore-scripts --no-audit --no-fund --loglevel=error
}
rm -rf "$place/src" "$place/dist"
cp -r "$here"/src "$here"/README.md "$here"/package.json "$here"/tsconfig.json "$here"/build.mjs "$place"
cp "$root/shared/api/openapi.yaml" "$place"
cd "$place"
node build.mjs
