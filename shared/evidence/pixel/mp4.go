package pixel

import (
	"encoding/binary"
	"iter"

	"makegood/shared/evidence"
)

// atom is one box of an MP4: its name and what is in it.
type atom struct {
	name string
	data []byte
	// short says that it ends behind what it lies in.
	short bool
}

// atoms yields the boxes of a body one after another. The last one may be short.
func atoms(body []byte) iter.Seq[atom] {
	return func(yield func(atom) bool) {
		for len(body) >= 8 {
			size, head := uint64(binary.BigEndian.Uint32(body)), 8
			switch {
			case size == 0: // to the end
				size = uint64(len(body))
			case size == 1 && len(body) >= 16:
				size, head = binary.BigEndian.Uint64(body[8:]), 16
			}
			if size < uint64(head) {
				return
			}
			a := atom{name: string(body[4:8]), short: size > uint64(len(body))}
			size = min(size, uint64(len(body)))
			a.data = body[head:size]
			if !yield(a) {
				return
			}
			body = body[size:]
		}
	}
}

// readMP4 reads the index of an MP4, or the fragments that stand for one.
func readMP4(body []byte) film {
	var f film
	for a := range atoms(body) {
		switch a.name {
		case "moov":
			f.indexed = true
			f.index(a.data)
		case "moof":
			f.lasting = true
			f.fragment(a.data)
		case "mdat":
		default:
			continue // what others append behind a film is no part of it
		}
		f.short = f.short || a.short
	}
	return f
}

// index reads a film's index: its length, and of the track of pictures the size and the samples.
func (f *film) index(moov []byte) {
	for a := range atoms(moov) {
		switch a.name {
		case "mvhd":
			f.lasting = f.lasting || lasts(a.data)
		case "trak":
			f.track(a.data)
		}
	}
}

// lasts reports whether a header names a length. Its version says how wide its numbers are.
func lasts(header []byte) bool {
	switch {
	case len(header) >= 32 && header[0] == 1:
		return binary.BigEndian.Uint64(header[24:]) > 0
	case len(header) >= 20 && header[0] == 0:
		return binary.BigEndian.Uint32(header[16:]) > 0
	}
	return false
}

// track reads one track, and takes it over where it is of pictures.
func (f *film) track(trak []byte) {
	var size evidence.Size
	var pictures, lasting bool
	var samples uint32
	for a := range atoms(trak) {
		switch a.name {
		case "tkhd":
			size = trackSize(a.data)
		case "mdia":
			for b := range atoms(a.data) {
				switch b.name {
				case "mdhd":
					lasting = lasts(b.data)
				case "hdlr":
					pictures = len(b.data) >= 12 && string(b.data[8:12]) == "vide"
				case "minf":
					samples = trackSamples(b.data)
				}
			}
		}
	}
	if pictures {
		f.size, f.frames, f.lasting = size, max(f.frames, int(samples)), f.lasting || lasting
	}
}

// trackSize is the last eight bytes of a track's header, in 65,536ths of a pixel.
func trackSize(header []byte) evidence.Size {
	if len(header) < 84 {
		return evidence.Size{}
	}
	end := header[len(header)-8:]
	return evidence.Size{Width: int(binary.BigEndian.Uint16(end)), Height: int(binary.BigEndian.Uint16(end[4:]))}
}

// trackSamples is the number of samples in a track's table. The table itself is not read.
func trackSamples(minf []byte) uint32 {
	for a := range atoms(minf) {
		if a.name != "stbl" {
			continue
		}
		for b := range atoms(a.data) {
			if (b.name == "stsz" || b.name == "stz2") && len(b.data) >= 12 {
				return binary.BigEndian.Uint32(b.data[8:])
			}
		}
	}
	return 0
}

// fragment counts the samples of one fragment, of whatever track.
func (f *film) fragment(moof []byte) {
	for a := range atoms(moof) {
		if a.name != "traf" {
			continue
		}
		for b := range atoms(a.data) {
			if b.name == "trun" && len(b.data) >= 8 {
				f.frames += int(binary.BigEndian.Uint32(b.data[4:]))
			}
		}
	}
}
