#!/usr/bin/env bash
# Generates clients in other languages from the HTTP contract into .local/clients: python, swift, kotlin (all, or those named).
# Fails where one lacks an operation of the contract. `compile` behind them compiles what was generated in Kotlin.
# Needs Python with venv for the first; a JDK and Maven, which fetches the generator and the compiler, for the others.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
place=$root/.local/clients
contract=$root/shared/api/openapi.yaml
generator=openapi-generator-cli-7.17.0.jar
# These programs run for seconds: what would be won by more of the compiler that a JVM has is not.
brief=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
mkdir -p "$place"
cd "$place"

python() {
  [[ -x venv/bin/openapi-python-client ]] || { python3 -m venv venv && venv/bin/pip --quiet install openapi-python-client==0.29.1 ruff==0.14.5; }
  PATH=$place/venv/bin:$PATH openapi-python-client generate --path "$contract" --meta setup --output-path python --overwrite --fail-on-warning
}

java_generator() {
  [[ -f $generator ]] || mvn -q dependency:copy -Dartifact=org.openapitools:openapi-generator-cli:7.17.0 -DoutputDirectory=.
  java "${brief[@]}" -jar "$generator" generate -i "$contract" -g "$1" -o "$2" --global-property apiTests=false,modelTests=false >"$2.log" 2>&1 || { cat "$2.log" >&2; return 1; }
}

swift() { java_generator swift6 swift; }
kotlin() { java_generator kotlin kotlin; }
compile() { MAVEN_OPTS="${brief[*]}" mvn -q -B -f "$root/infra/client/kotlin" compile; }

# The operations of the contract's paths, and those that a client has: all lower-case letters, as each language has its own way to write a name.
operations() { sed '/^x-webhooks:/,$d' "$contract" | sed -n 's/^ *operationId: //p' | tr '[:upper:]' '[:lower:]' | sort -u; }
have() {
  case $1 in
    python) find python/makegood_client/api -name '*.py' | sed 's|.*/||; s/\.py$//; s/_//g' ;;
    swift) grep -rhoE 'func [a-z][A-Za-z0-9]*\(' swift/Sources/OpenAPIClient/APIs ;;
    kotlin) grep -rhoE 'fun [a-z][A-Za-z0-9]*\(' kotlin/src/main/kotlin/org/openapitools/client/apis ;;
  esac | sed 's/^fun[c]* //; s/($//' | tr '[:upper:]' '[:lower:]' | sort -u
}

for one in ${*:-python swift kotlin}; do
  case $one in
    compile) compile; continue ;;
    python | swift | kotlin) ;;
    *) sed -n '2,4p' "$root/infra/client/generate.sh" >&2; exit 2 ;;
  esac
  rm -rf "${place:?}/$one"
  "$one"
  lacks=$(comm -23 <(operations) <(have "$one"))
  [[ -z $lacks ]] || { printf '%s lacks: %s\n' "$one" "${lacks//$'\n'/ }" >&2; exit 1; }
  printf '%s: all %s operations in .local/clients/%s\n' "$one" "$(operations | wc -l)" "$one"
done
