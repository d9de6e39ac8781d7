#!/usr/bin/env bash
# make.sh PYTHON FFMPEG: draws what the tests read and Go has no encoder for. PYTHON has Pillow 13.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
"$1" - <<'PY'
from PIL import Image, ImageDraw
def scene(mode="RGB", shift=0):
    img = Image.new("RGB", (96, 64))
    for y in range(64):
        for x in range(96):
            img.putpixel((x, y), (255 * x // 96, 255 * y // 64, 90))
    d = ImageDraw.Draw(img)
    d.ellipse((20 + shift, 12, 56 + shift, 48), fill=(220, 40, 30))
    d.rectangle((60, 40, 90, 60), fill=(20, 20, 20))
    return img.convert(mode)
cut = scene("RGBA")
mask = Image.new("L", (96, 64), 0)
ImageDraw.Draw(mask).ellipse((20, 12, 56, 48), fill=255)
cut.putalpha(mask)
scene().save("lossy.webp", quality=90)
scene().save("lossless.webp", lossless=True)
cut.save("cutout.webp", quality=90)
cut.save("cutout-lossless.webp", lossless=True)
scene().save("animated.webp", save_all=True, append_images=[scene(shift=20)], duration=100)
scene().save("animated.png", save_all=True, append_images=[scene(shift=20)], duration=100)
scene().save("progressive.jpg", quality=90, progressive=True)
scene("CMYK").save("cmyk.jpg", quality=90)
ends = Image.new("RGB", (64, 64)); ImageDraw.Draw(ends).rectangle((32, 0, 63, 63), fill=(255, 255, 255)); ends.save("ends.webp", quality=90)
exif = Image.Exif(); exif[0x0112] = 6
scene().save("turned.jpg", quality=90, exif=exif)
scene().save("turned.webp", lossless=True, exif=exif)
scene().save("turned.png", exif=exif)
scene().save("scene.png")
scene().rotate(-90, expand=True).save("upright.png")
PY
film() { "$2" -y -loglevel error -loop 1 -framerate 5 -i scene.png -t 1 -pix_fmt yuv420p -an "${@:3}" "$1"; }
film plain.mp4 "$2" -c:v libx264 -preset ultrafast -crf 35
film fast.mp4 "$2" -c:v libx264 -preset ultrafast -crf 35 -movflags +faststart
film fragments.mp4 "$2" -c:v libx264 -preset ultrafast -crf 35 -movflags +frag_keyframe+empty_moov
film plain.webm "$2" -c:v libvpx -b:v 40k
film live.webm "$2" -c:v libvpx -b:v 40k -f webm -live 1
film empty.mp4 "$2" -c:v libx264 -frames:v 0
film plain.mkv "$2" -c:v libvpx -b:v 40k
film plain.mov "$2" -c:v libx264 -preset ultrafast -crf 35
