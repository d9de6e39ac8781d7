#!/usr/bin/env bash
# Says what this machine lacks. With CI=true, as root on Debian, it installs it.
#   deps.sh run   what `make run` and `make demo` need: Go, a JDK 17 or newer, Maven
#   deps.sh test  what `make test` needs besides: curl, jq and Python with venv, for the examples of the READMEs; Chromium, for
#                  the pages; Node and npm, for what they are built of
#   deps.sh rehearse  what `make rehearse` needs besides Go: Python with venv
#   deps.sh sam   what SAM's local commands need besides: Python with venv, a Docker engine, a static busybox
set -euo pipefail

packages=()
need() { # command, Debian packages, what it is
  command -v "$1" >/dev/null || {
    echo "missing: $1 ($3; Debian: apt-get install $2)" >&2
    read -ra more <<<"$2"; packages+=("${more[@]}")
  }
}

javac_major() { javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'; }

need_venv() { # what for
  if ! command -v python3 >/dev/null || ! python3 -c 'import ensurepip' 2>/dev/null; then
    echo "missing: python3 with venv ($1; Debian: apt-get install python3-venv)" >&2
    packages+=(python3-venv)
  fi
}

command -v go >/dev/null || { echo "missing: go (go.mod names the version; https://go.dev/dl)" >&2; exit 1; }

case ${1:-run} in
  run | test)
    if ! command -v javac >/dev/null || (($(javac_major) < 17)); then
      echo "missing: a JDK, 17 or newer (DynamoDB Local and ElasticMQ run on it; Debian: apt-get install default-jdk-headless)" >&2
      packages+=(default-jdk-headless)
    fi
    need mvn maven "it fetches DynamoDB Local and ElasticMQ"
    if [[ $1 == test ]]; then
      need curl curl "the examples of the READMEs ask with it"
      need jq jq "the examples of the READMEs read answers with it"
      need_venv "one of them is in Python"
      need node nodejs "what browsers load is built with it"
      need npm npm "it brings what builds it, as a lock file has it"
      # infra/browsertest looks for the same names.
      if ! command -v chromium chromium-browser google-chrome >/dev/null && ! compgen -G '/Applications/*Chrom*.app' >/dev/null; then
        need chromium chromium "pages are tested in it"
      fi
    fi
    ;;
  rehearse | sam)
    need_venv "the SAM CLI is a Python program"
    if [[ $1 == sam ]]; then
      need docker docker.io "SAM's local commands run functions in containers"
      # Without an engine that answers, one is started by hand, with a stand-in for an image that cannot be pulled.
      if ! timeout 10 docker version >/dev/null 2>&1; then
        need dockerd "docker.io cgroupfs-mount iptables" "no Docker engine answers, and this starts one"
        need busybox busybox-static "the stand-in for Lambda's base image is made of it"
      fi
    fi
    ;;
  *) sed -n '2,8p' "$0" >&2; exit 2 ;;
esac

((${#packages[@]} == 0)) && exit 0
if [[ ${CI:-} == true && $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  echo "installing: ${packages[*]}" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  exit 0
fi
exit 1
