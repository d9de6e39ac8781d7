#!/usr/bin/env bash
# Generates clients in other languages from the HTTP contract into .local/clients: python, swift, kotlin (all, or those named).
# Needs Python with venv for the first; a JDK and Maven, which fetches the generator, for the others.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
place=$root/.local/clients
contract=$root/shared/api/openapi.yaml
generator=openapi-generator-cli-7.17.0.jar
mkdir -p "$place"
cd "$place"

python() {
  [[ -x venv/bin/openapi-python-client ]] || { python3 -m venv venv && venv/bin/pip --quiet install openapi-python-client==0.29.1 ruff==0.14.5; }
  PATH=$place/venv/bin:$PATH openapi-python-client generate --path "$contract" --meta setup --output-path python --overwrite --fail-on-warning
}

java_generator() {
  [[ -f $generator ]] || mvn -q dependency:copy -Dartifact=org.openapitools:openapi-generator-cli:7.17.0 -DoutputDirectory=.
  java -jar "$generator" generate -i "$contract" -g "$1" -o "$2" --global-property apiTests=false,modelTests=false >"$2.log" 2>&1 || { cat "$2.log" >&2; return 1; }
}

swift() { java_generator swift6 swift; }
kotlin() { java_generator kotlin kotlin; }

for language in "${@:-python swift kotlin}"; do
  for one in $language; do
    [[ $one =~ ^(python|swift|kotlin)$ ]] || { sed -n '2,3p' "$0" >&2; exit 2; }
    rm -rf "${place:?}/$one"
    "$one"
    printf '%s: %s files in .local/clients/%s\n' "$one" "$(find "$one" -name '*.py' -o -name '*.swift' -o -name '*.kt' | wc -l)" "$one"
  done
done
