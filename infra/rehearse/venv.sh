#!/usr/bin/env bash
# Prints the Python of a virtual environment that holds MiniStack (.local/rehearse-venv), making it on first use and anew where
# requirements.txt has changed. SAM has one of its own (infra/sam/cli.sh): the two pin different versions of botocore.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
wanted=$root/infra/rehearse/requirements.txt
venv=$root/.local/rehearse-venv

if ! cmp -s "$wanted" "$venv/requirements.txt"; then
  command -v python3 >/dev/null || { echo "python3 is missing; MiniStack and the SAM CLI are Python programs" >&2; exit 1; }
  echo "installing $(head -n 1 "$wanted") into .local/rehearse-venv" >&2
  rm -rf "$venv"
  python3 -m venv "$venv" || { echo "python3 has no venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
  cp "$wanted" "$venv/requirements.txt"
fi
printf '%s\n' "$venv/bin/python"
