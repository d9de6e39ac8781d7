#!/usr/bin/env bash
# Finds or starts a Docker engine for the SAM CLI's local commands.
#   docker.sh start   prints the DOCKER_HOST to use; starts an engine by hand when none answers (Linux, root, docker.io installed)
#   docker.sh stop    ends the engine that `start` started, and no other
#   docker.sh own     succeeds when the engine in use is the one that `start` started
# The engine's data lies in .local/docker; its socket in a short path of its own, since a socket's path may have 107 bytes at most.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=$root/.local/docker
run=/tmp/makegood-docker-$(printf %s "$root" | cksum | cut -d' ' -f1)
socket=unix://$run/docker.sock
ready_seconds=30

say() { printf '%s\n' "$*" >&2; }

answers() { DOCKER_HOST=$1 timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# The engine's own pid file, and a look at whose it is: a stale file must not end a stranger's process.
pid() {
  local p
  p=$(cat "$run/docker.pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q -- "$run" || return 1
  printf %s "$p"
}

try() {
  say "starting a Docker engine: dockerd $*"
  mkdir -p "$state" "$run"
  nohup setsid dockerd --host "$socket" --data-root "$state/data" --exec-root "$run/exec" --pidfile "$run/docker.pid" "$@" \
    >"$state/dockerd.log" 2>&1 </dev/null &
  local started=$! waited=0
  while ((waited++ < ready_seconds)); do
    sleep 1
    answers "$socket" && return 0
    kill -0 "$started" 2>/dev/null || break
  done
  kill "$started" 2>/dev/null || true
  wait "$started" 2>/dev/null || true
  say "  it did not answer: $(tail -n 1 "$state/dockerd.log")"
  return 1
}

start() {
  if ! command -v docker >/dev/null; then
    say "No docker command. SAM's local commands need a Docker engine: install Docker, or Debian's docker.io."
    return 1
  fi
  if [[ -n ${DOCKER_HOST:-} ]] && answers "$DOCKER_HOST"; then
    printf '%s\n' "$DOCKER_HOST"
    return 0
  fi
  local host
  for host in "$socket" unix:///var/run/docker.sock; do
    if answers "$host"; then
      printf '%s\n' "$host"
      return 0
    fi
  done
  if ! command -v dockerd >/dev/null || [[ $(id -u) != 0 ]]; then
    say "No Docker engine answers, and one can be started by hand only by root with dockerd installed (Debian: docker.io)."
    return 1
  fi
  # A machine without an init system may have no control groups mounted.
  if [[ ! -e /sys/fs/cgroup/cgroup.controllers && ! -d /sys/fs/cgroup/memory ]] && command -v cgroupfs-mount >/dev/null; then
    cgroupfs-mount
  fi
  # As the distribution means it; then without its firewall rules (containers only need the host); then without overlay mounts.
  if try || try --iptables=false || try --iptables=false --storage-driver=vfs; then
    printf '%s\n' "$socket"
    return 0
  fi
  say "No Docker engine could be started. Its log: $state/dockerd.log"
  return 1
}

stop() {
  local p
  p=$(pid) || return 0
  kill "$p"
  for _ in $(seq 20); do
    kill -0 "$p" 2>/dev/null || break
    sleep 0.5
  done
  rm -rf "$run"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  own) pid >/dev/null ;;
  *) sed -n '2,7p' "$0" >&2; exit 2 ;;
esac
