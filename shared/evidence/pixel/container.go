package pixel

import (
	"bytes"
	"encoding/binary"
	"io"
	"iter"
)

// whole reads all of a body.
func whole(body []byte) func() io.Reader {
	return func() io.Reader { return bytes.NewReader(body) }
}

// walkPNG reads the chunks. The decoder gets only those that make pixels: a broken text or profile
// makes no picture unusable.
func walkPNG(body []byte) container {
	pixels := func() io.Reader { return &pixelChunks{part: body[:pngHead], rest: body[pngHead:]} }
	c := container{frames: 1, head: pixels, body: pixels}
	for name, chunk := range chunks(body[pngHead:]) {
		switch data := chunk[min(len(chunk), 8):max(min(len(chunk), 8), len(chunk)-4)]; name {
		case "acTL":
			if len(data) >= 4 {
				c.frames = int(min(binary.BigEndian.Uint32(data), MaxFrames+1))
			}
		case "eXIf":
			c.turn = orientation(data)
		}
	}
	return c
}

// pngHead is the length of a PNG's signature.
const pngHead = 8

// chunks yields a PNG's chunks up to its end, each whole: length, name, data and checksum. What is
// cut is yielded as it is.
func chunks(body []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		name := ""
		for len(body) > 0 && name != "IEND" {
			size := len(body)
			name = ""
			if size >= 12 {
				name, size = string(body[4:8]), min(size, 12+int(binary.BigEndian.Uint32(body)))
			}
			if !yield(name, body[:size]) {
				return
			}
			body = body[size:]
		}
	}
}

// pixelChunks reads a PNG without the chunks that make no pixels.
type pixelChunks struct {
	// part is what is read now, and rest is behind it.
	part, rest []byte
}

// Read implements io.Reader.
func (p *pixelChunks) Read(into []byte) (int, error) {
	for len(p.part) == 0 {
		if len(p.rest) == 0 {
			return 0, io.EOF
		}
		for name, chunk := range chunks(p.rest) {
			p.rest = p.rest[len(chunk):]
			if makesPixels(name) {
				p.part = chunk
				break
			}
		}
	}
	n := copy(into, p.part)
	p.part = p.part[n:]
	return n, nil
}

// makesPixels reports whether a decoder needs the chunk; the last one, cut short, has no name.
func makesPixels(name string) bool {
	switch name {
	case "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "":
		return true
	}
	return false
}

// walkJPEG reads the segments before the first scan.
func walkJPEG(body []byte) container {
	c := container{frames: 1, head: whole(body), body: whole(body)}
	for at := 2; at+4 <= len(body) && body[at] == 0xff; {
		marker, size := body[at+1], int(binary.BigEndian.Uint16(body[at+2:]))
		if marker == 0xff { // a byte that fills
			at++
			continue
		}
		if marker == 0xda || size < 2 || at+2+size > len(body) {
			break
		}
		if data := body[at+4 : at+2+size]; marker == 0xe1 && bytes.HasPrefix(data, []byte("Exif\x00\x00")) {
			c.turn = orientation(data[6:])
		}
		at += 2 + size
	}
	return c
}

// walkGIF reads the blocks. One that ends after a whole block lacks its last byte alone, which
// nobody misses.
func walkGIF(body []byte) container {
	c := container{head: whole(body), body: whole(body)}
	const head = 13
	if len(body) < head {
		c.short = true
		return c
	}
	at := head + colors(body[10])
	for at < len(body) && c.frames <= MaxFrames {
		switch body[at] {
		case 0x21: // an extension: its label and its sub-blocks
			at = subBlocks(body, at+2)
		case 0x2c: // a frame: its place, its colors, its code size and its sub-blocks
			if at+10 > len(body) {
				at = len(body) + 1
				break
			}
			at = subBlocks(body, at+11+colors(body[at+9]))
			c.frames++
		default: // the trailer, or what no reader knows
			return c
		}
	}
	c.short = at > len(body)
	return c
}

// colors is the length of the table that a GIF's flags announce.
func colors(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// subBlocks returns where the chain ends that begins there, past the body where it does not end.
func subBlocks(body []byte, at int) int {
	for at < len(body) {
		size := int(body[at])
		at += 1 + size
		if size == 0 {
			return at
		}
	}
	return len(body) + 1
}

// orientation reads that entry of a camera's notes, which are a TIFF: 1 to 8, 0 for none.
func orientation(notes []byte) int {
	if len(notes) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(notes[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int(order.Uint32(notes[4:]))
	if at < 0 || at+2 > len(notes) {
		return 0
	}
	for entry := at + 2; entry+12 <= min(len(notes), at+2+12*int(order.Uint16(notes[at:]))); entry += 12 {
		if order.Uint16(notes[entry:]) == 0x0112 {
			if turn := int(order.Uint16(notes[entry+8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 0
		}
	}
	return 0
}
