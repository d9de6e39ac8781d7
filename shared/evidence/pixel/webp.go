package pixel

import (
	"bytes"
	"encoding/binary"
	"image"
)

// walkWebP reads the chunks. Our decoder knows no animation: it gets the first frame as a picture
// of its own, and what is wrong with that frame says nothing of the picture.
func walkWebP(body []byte) container {
	c := container{frames: 1, head: whole(body), body: whole(body)}
	end := 8 + int(binary.LittleEndian.Uint32(body[4:]))
	c.short = end > len(body)
	var canvas, first []byte
	frames := 0
	for at := webpHead; at+8 <= min(end, len(body)); {
		size := int(binary.LittleEndian.Uint32(body[at+4:]))
		data := body[at+8 : min(at+8+size, len(body))]
		switch string(body[at : at+4]) {
		case "VP8X":
			canvas = data
		case "ANIM":
			c.unread = true
		case "ANMF":
			if frames == 0 {
				first = data
			}
			frames = min(frames+1, MaxFrames+1)
		case "EXIF":
			c.turn = orientation(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))
		}
		at += 8 + size + size%2
	}
	c.frames = max(1, frames)
	if c.unread {
		c.body = nil
		if still := firstFrame(canvas, first); still != nil && frames > 1 {
			c.body = whole(still)
		}
	}
	return c
}

const (
	// webpHead is the length of a WebP's header, and vp8xLength that of the chunk that names its
	// size.
	webpHead, vp8xLength = 12, 10
	// frameHead is how much of an animation's frame is in front of its chunks: place, size,
	// duration.
	frameHead = 16
	// alphaFlag says in a header that transparency stands in a chunk of its own.
	alphaFlag = 0x10
)

// firstFrame makes a picture of its own of an animation's first frame, nil where that is larger
// than what it is a part of.
func firstFrame(canvas, frame []byte) []byte {
	if len(canvas) < vp8xLength || len(frame) < frameHead+8 {
		return nil
	}
	// Both sides are less one, of three bytes each.
	for at := range [2]int{} {
		if uint24(frame[6+3*at:]) > uint24(canvas[4+3*at:]) {
			return nil
		}
	}
	chunks := frame[frameHead:]
	header := make([]byte, vp8xLength)
	if string(chunks[:4]) == "ALPH" {
		header[0] = alphaFlag
	}
	copy(header[4:], frame[6:12])
	size := len("WEBP") + 8 + len(header) + len(chunks)
	still := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))
	still = append(still, "WEBPVP8X"...)
	still = binary.LittleEndian.AppendUint32(still, vp8xLength)
	return append(append(still, header...), chunks...)
}

// uint24 reads three bytes.
func uint24(data []byte) int { return int(data[0]) | int(data[1])<<8 | int(data[2])<<16 }

// widen stretches the colors of a lossy WebP, whose light is from 16 to 235, to those that the
// standard library takes every such picture for. Without it black would be a dark grey, and a
// picture that was saved as WebP would differ from itself by 20 of 255.
func widen(img image.Image) {
	var planes *image.YCbCr
	switch lossy := img.(type) {
	case *image.YCbCr:
		planes = lossy
	case *image.NYCbCrA:
		planes = &lossy.YCbCr
	default:
		return
	}
	var lights, tints [256]uint8
	for i := range lights {
		lights[i] = clamp((float64(i)-16)*255/219 + 0.5)
		tints[i] = clamp((float64(i)-128)*255/224 + 128.5)
	}
	for i, value := range planes.Y {
		planes.Y[i] = lights[value]
	}
	for _, plane := range [][]uint8{planes.Cb, planes.Cr} {
		for i, value := range plane {
			plane[i] = tints[value]
		}
	}
}
