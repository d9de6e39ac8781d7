package pixel

import "makegood/shared/evidence"

// film is what a video's container tells.
type film struct {
	// size is of its picture, zero where it has none.
	size evidence.Size
	// frames is how many pictures its index or its blocks name.
	frames int
	// lasting says that it has a length, or that its container need not name one.
	lasting bool
	// short says that a part ends behind the body's end.
	short bool
	// indexed says that its container says what is in it.
	indexed bool
}

// watch reads the container of a video: no frame is decoded, and there is no preview.
func (s sight) watch(body []byte) sight {
	read := readMP4
	if s.picture.Format == formatWebM {
		read = readWebM
	}
	f := read(body)
	s.picture.Size, s.picture.Frames = f.size, f.frames
	switch {
	case f.short:
		return s.with(evidence.Truncated, "A part of the video ends behind the end of its bytes.")
	case !f.indexed:
		return s.with(evidence.Undecodable, "The video's container names nothing that is in it.")
	case f.frames == 0:
		return s.with(evidence.Empty, "The video has no frames.")
	case !f.lasting:
		return s.with(evidence.Empty, "The video lasts no time.")
	}
	return s
}
