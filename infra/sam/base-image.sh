#!/usr/bin/env bash
# Makes a stand-in for public.ecr.aws/lambda/provided:al2023 in the engine at $DOCKER_HOST, for machines that can pull no image.
# A Go binary built with CGO_ENABLED=0 needs nothing of the real one: the SAM CLI adds its own runtime emulator to /var/rapid and
# wants sh, mv and chmod while it does. So: a static busybox (Debian: busybox-static) and the folders. An image of that name
# that is there already is left alone.
set -euo pipefail

case $(uname -m) in
  x86_64) arch=x86_64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) echo "no Lambda base image for $(uname -m)" >&2; exit 1 ;;
esac
image=public.ecr.aws/lambda/provided:al2023-$arch

if docker image inspect "$image" >/dev/null 2>&1; then
  exit 0
fi
busybox=$(command -v busybox) || { echo "busybox is missing (Debian: apt-get install busybox-static)" >&2; exit 1; }
if ldd "$busybox" >/dev/null 2>&1; then
  echo "$busybox is not static: it would find no libraries in the image (Debian: apt-get install busybox-static)" >&2
  exit 1
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,usr/bin,tmp,etc,var/task,var/runtime,var/rapid}
chmod 1777 "$tree/tmp"
cp "$busybox" "$tree/bin/busybox"
for command in sh mv chmod; do ln -s busybox "$tree/bin/$command"; done
tar -C "$tree" -c . | docker import \
  --change 'WORKDIR /var/task' --change 'ENV PATH=/usr/bin:/bin' --change 'ENV LAMBDA_TASK_ROOT=/var/task' \
  --change 'ENV LAMBDA_RUNTIME_DIR=/var/runtime' --change 'ENTRYPOINT ["/var/rapid/init"]' \
  --message 'stand-in for the Lambda base image' - "$image" >/dev/null
echo "made a stand-in for $image" >&2
