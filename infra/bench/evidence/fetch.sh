#!/usr/bin/env bash
# fetch.sh brings the pictures of `make bench-evidence` below .local/evidence: Debian packages and wheels, unpacked there and installed
# nowhere, and drawings drawn by rsvg-convert. What is there already is not fetched again. Needs apt-get, dpkg, pip and unzip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

to=$PWD/.local/evidence
mkdir -p "$to/debs" "$to/root" "$to/tools" "$to/wheels"

# Pictures: one folder of root for each package.
pictures=(tuxpaint-stamps-default openclipart-svg gimp-help-en opencv-doc python-skimage-doc palapeli-data desktop-base
  gnome-backgrounds mate-backgrounds plasma-workspace-wallpapers ukui-wallpapers lomiri-wallpapers-16.04 lomiri-wallpapers-20.04
  endless-sky-data gnome-user-docs jigzo-data neverball-data octave-doc propaganda-debian python-sklearn-doc python-statsmodels-doc
  qtbase5-doc-html qtcreator-doc xfdesktop4-data)
wheels=(scikit-image==0.25.2 scikit-learn==1.7.2)

unpack() { # package, folder
  [[ ! -d $2 ]] || return 0
  (cd "$to/debs" && apt-get -qq download "$1" 2>/dev/null) || { echo "cannot fetch $1 (apt-get update first?)" >&2; return 1; }
  dpkg -x "$to/debs/$1"_*.deb "$2.part"
  rm -f "$to/debs/$1"_*.deb
  if [[ -d $2 ]]; then cp -a "$2.part/." "$2/" && rm -rf "$2.part"; else mv "$2.part" "$2"; fi
}

for package in "${pictures[@]}"; do unpack "$package" "$to/root/$package"; done
for wheel in "${wheels[@]}"; do
  folder=$to/root/${wheel%%==*}
  [[ ! -d $folder ]] || continue
  pip download -q --no-deps --only-binary :all: --python-version 3.11 --implementation cp --platform manylinux2014_x86_64 -d "$to/wheels" "$wheel"
  unzip -q "$to/wheels/${wheel%%[=-]*}"*.whl -d "$folder.part"
  mv "$folder.part" "$folder"
  rm -f "$to"/wheels/*.whl
done

# Tools: rsvg-convert and cwebp with the libraries that this machine lacks, run from where they lie.
if ! ls "$to"/tools/usr/bin/{rsvg-convert,cwebp} >/dev/null 2>&1; then
  mapfile -t closure < <(apt-get install -s --reinstall --no-install-recommends librsvg2-bin librsvg2-2 webp libwebpdemux2 fonts-dejavu-core | awk '$1 == "Inst" {print $2}')
  for package in "${closure[@]}"; do
    rm -rf "$to/tool" && unpack "$package" "$to/tool" && cp -a "$to/tool/." "$to/tools/" && rm -rf "$to/tool"
  done
fi
export LD_LIBRARY_PATH=$to/tools/usr/lib/x86_64-linux-gnu:$to/tools/usr/lib/aarch64-linux-gnu

# Drawings: the name of each is the hash of its file. Of openclipart's 7,458 those whose hash begins with 0 to 5, which were looked at, and
# with 60 to 66, which are held out.
draw() { # package, folder, what the hashes begin with
  mkdir -p "$to/root/$2"
  find "$to/root/$1" -name '*.svg' -print0 | xargs -0 sha256sum | sort -u -k1,1 | grep -E "^($3)" | while read -r hash file; do
    [[ -e $to/root/$2/$hash.png ]] || printf '%s\0%s\0' "$file" "$to/root/$2/$hash.png"
  done | xargs -0 -r -n 2 -P 2 bash -c 'timeout 20 "$0" -w 512 -h 512 --keep-aspect-ratio -o "$2.part" "$1" 2>/dev/null && mv "$2.part" "$2" || { rm -f "$2.part"; : >"$2"; }' \
    "$to/tools/usr/bin/rsvg-convert"
}
draw openclipart-svg drawn-drawing '[0-5]|6[0-6]'
draw tuxpaint-stamps-default drawn-cutout ''
