package pixel

import (
	"encoding/binary"
	"iter"
	"math"
)

// The elements of a WebM that are read, by their ids.
const (
	idHead     = 0x1a45dfa3
	idSegment  = 0x18538067
	idInfo     = 0x1549a966
	idDuration = 0x4489
	idTracks   = 0x1654ae6b
	idTrack    = 0xae
	idNumber   = 0xd7
	idType     = 0x83
	idVideo    = 0xe0
	idWidth    = 0xb0
	idHeight   = 0xba
	idCluster  = 0x1f43b675
	idBlock    = 0xa1
	idSimple   = 0xa3
	idGroup    = 0xa0
)

// element is one of a WebM's: its id and what is in it.
type element struct {
	id   uint64
	data []byte
	// short says that it ends behind what it lies in.
	short bool
}

// elements yields those of a body. One that does not say where it ends, as live recordings write,
// is yielded empty, and those in it follow as if they stood beside it.
func elements(body []byte) iter.Seq[element] {
	return func(yield func(element) bool) {
		for len(body) > 0 {
			id, n := varint(body, false)
			size, m := varint(body[n:], true)
			if n == 0 || m == 0 {
				return
			}
			body = body[n+m:]
			open := size == 1<<(7*m)-1
			e := element{id: id, short: !open && size > uint64(len(body))}
			if !open {
				e.data = body[:min(size, uint64(len(body)))]
			}
			if !yield(e) {
				return
			}
			body = body[len(e.data):]
		}
	}
}

// varint reads a number of one to eight bytes, with or without the bit that tells how many, and
// says how many they are, 0 where it is none.
func varint(body []byte, bare bool) (value uint64, n int) {
	if len(body) == 0 || body[0] == 0 {
		return 0, 0
	}
	n = 1
	for body[0]&(0x80>>(n-1)) == 0 {
		n++
	}
	if n > len(body) {
		return 0, 0
	}
	value = uint64(body[0])
	if bare {
		value &= 1<<(8-n) - 1
	}
	for _, b := range body[1:n] {
		value = value<<8 | uint64(b)
	}
	return value, n
}

// webmReader gathers what a WebM tells.
type webmReader struct {
	film film
	// track is the number of the first track of pictures, 0 for none.
	track uint64
	// zero says that it names its length, as nothing.
	zero bool
}

// maxDepth is how deep what we read lies: a block in a group in a cluster in the segment.
const maxDepth = 4

// readWebM reads the index of a WebM and counts its blocks.
func readWebM(body []byte) film {
	var r webmReader
	r.level(body, maxDepth)
	// Live recordings name no length, and some name 0: more than one frame lasts all the same.
	r.film.lasting = !r.zero || r.film.frames > 1
	return r.film
}

// level reads elements of any level: their ids tell them apart.
func (r *webmReader) level(body []byte, depth int) {
	if depth == 0 {
		return
	}
	for e := range elements(body) {
		switch e.id {
		case idInfo, idTracks:
			r.film.indexed = true
			fallthrough
		case idSegment, idCluster, idGroup:
			r.film.short = r.film.short || e.short
			r.level(e.data, depth-1)
		case idTrack:
			r.entry(e.data)
		case idDuration:
			r.zero = isZero(e.data)
		case idSimple, idBlock:
			r.film.short = r.film.short || e.short
			if number, _ := varint(e.data, true); number == r.track && number != 0 {
				r.film.frames++
			}
		}
	}
}

// entry reads one track, and takes over the first of pictures.
func (r *webmReader) entry(body []byte) {
	const pictures = 1
	var number, kind uint64
	var video []byte
	for e := range elements(body) {
		switch e.id {
		case idNumber:
			number = whole64(e.data)
		case idType:
			kind = whole64(e.data)
		case idVideo:
			video = e.data
		}
	}
	if kind != pictures || r.track != 0 {
		return
	}
	r.track = number
	for e := range elements(video) {
		switch e.id {
		case idWidth:
			r.film.size.Width = int(whole64(e.data) & math.MaxInt32)
		case idHeight:
			r.film.size.Height = int(whole64(e.data) & math.MaxInt32)
		}
	}
}

// whole64 reads a whole number of at most eight bytes.
func whole64(data []byte) uint64 {
	var value uint64
	for _, b := range data[:min(len(data), 8)] {
		value = value<<8 | uint64(b)
	}
	return value
}

// isZero reports whether a float of four or eight bytes is 0.
func isZero(data []byte) bool {
	switch len(data) {
	case 4:
		return math.Float32frombits(binary.BigEndian.Uint32(data)) == 0
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(data)) == 0
	}
	return false
}
