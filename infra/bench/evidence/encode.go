package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/image/draw"
)

// toPNG is fast rather than small. An error cannot come: the picture has pixels, and memory has
// room.
func toPNG(p image.Image) []byte {
	var body bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&body, p); err != nil {
		panic(err)
	}
	return body.Bytes()
}

// toJPEG has no transparency: what is transparent becomes white.
func toJPEG(p *image.NRGBA, quality int) []byte {
	var body bytes.Buffer
	if !p.Opaque() {
		p = flatten(p, color.White)
	}
	if err := jpeg.Encode(&body, p, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return body.Bytes()
}

func toGIF(p *image.NRGBA) []byte {
	paletted := image.NewPaletted(p.Rect, palette.WebSafe)
	draw.Draw(paletted, p.Rect, flatten(p, color.White), image.Point{}, draw.Src)
	var body bytes.Buffer
	if err := gif.Encode(&body, paletted, nil); err != nil {
		panic(err)
	}
	return body.Bytes()
}

// toWebP returns nothing where there is no encoder: Go has none of its own.
func (s *subject) toWebP(quality int) []byte {
	program := filepath.Join(s.tools, "usr/bin/cwebp")
	if _, err := os.Stat(program); err != nil {
		return nil
	}
	encode := exec.Command(program, "-quiet", "-m", "2", "-q", strconv.Itoa(quality), "-o", "-", "--", "-")
	libraries, _ := filepath.Glob(filepath.Join(s.tools, "usr/lib/*-linux-gnu"))
	encode.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	encode.Stdin = bytes.NewReader(toPNG(s.image))
	body, err := encode.Output()
	if err != nil {
		panic(fmt.Sprintf("cwebp: %v", err)) // fetch.sh brought it, with what it links
	}
	return body
}

// withNote adds a comment to a PNG or JPEG, as programs do that only write metadata, and nothing to
// others.
func withNote(body []byte, note string) []byte {
	switch {
	case bytes.HasPrefix(body, []byte("\x89PNG")):
		const afterHeader = 8 + 25
		chunk := append([]byte("tEXtComment\x00"), note...)
		out := binary.BigEndian.AppendUint32(bytes.Clone(body[:afterHeader]), uint32(len(chunk)-4))
		out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
		return append(out, body[afterHeader:]...)
	case bytes.HasPrefix(body, []byte("\xff\xd8")):
		out := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xfe"), uint16(len(note)+2))
		return append(append(out, note...), body[2:]...)
	}
	return body
}
