#!/usr/bin/env bash
# Runs the SAM CLI from a virtual environment of this project's own (.local/sam-venv), making it on first use.
# Only deploy asks AWS for anything: else credentials are dummies unless the caller has some.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=1.170.0
venv=$root/.local/sam-venv

if [[ $("$venv/bin/sam" --version 2>/dev/null) != *" $version" ]]; then
  command -v python3 >/dev/null || { echo "python3 is missing; the SAM CLI is a Python program" >&2; exit 1; }
  echo "installing aws-sam-cli $version into .local/sam-venv" >&2
  rm -rf "$venv"
  python3 -m venv "$venv" || { echo "python3 has no venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check "aws-sam-cli==$version" >&2
fi

export SAM_CLI_TELEMETRY=0
if [[ ${1:-} == deploy ]]; then
  # To where the caller's `aws` goes: AWS_REGION, which Python's library does not read, or the profile's region, before which a default would stand.
  [[ -z ${AWS_REGION:-} ]] || export AWS_DEFAULT_REGION=$AWS_REGION
else
  export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
  [[ -n ${AWS_PROFILE:-} || -n ${AWS_ACCESS_KEY_ID:-} ]] || export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
fi
exec "$venv/bin/sam" "$@"
