package pixel

import (
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"makegood/shared/evidence"
)

// codec is one format's decoder.
type codec struct {
	// config reads the size alone, in a few kilobytes of memory.
	config func(io.Reader) (image.Config, error)
	// decode reads the first frame.
	decode func(io.Reader) (image.Image, error)
	// walk reads the container without decoding anything.
	walk func([]byte) container
}

// codecs are by format, of the standard library and its sister.
var codecs = map[string]codec{
	formatPNG:  {png.DecodeConfig, png.Decode, walkPNG},
	formatJPEG: {jpeg.DecodeConfig, jpeg.Decode, walkJPEG},
	formatWebP: {webp.DecodeConfig, webp.Decode, walkWebP},
	formatGIF:  {gif.DecodeConfig, gif.Decode, walkGIF},
}

// container is what a walk over a picture's blocks tells.
type container struct {
	// head opens what names its size.
	head func() io.Reader
	// body opens what its decoder reads, without the blocks that make no pixels; nil for what our
	// decoder does not know.
	body func() io.Reader
	// frames is how many there are, counted no further than just past MaxFrames.
	frames int
	// turn is the orientation that its camera noted, 1 to 8; 0 for none.
	turn int
	// short says that it ends within a block.
	short bool
	// unread says that our decoder does not know this kind, but for a part of it.
	unread bool
}

// decode reads a still picture, or the first frame of one that moves.
func (s sight) decode(body []byte) (seen sight) {
	// A decoder that panics at these bytes says nothing about the picture: a person looks.
	defer func() {
		if recover() != nil {
			s.picture.Problem = evidence.ProblemCrashed
			seen = s
		}
	}()
	coder := codecs[s.picture.Format]
	walk := coder.walk(body)
	s.picture.Frames = walk.frames

	// The size is known before any pixel has memory: a kilobyte may claim 50,000 × 50,000.
	config, err := coder.config(walk.head())
	if err != nil {
		return s.refuse(err, walk)
	}
	s.picture.Size = upright(evidence.Size{Width: config.Width, Height: config.Height}, walk.turn)
	if walk.frames > MaxFrames || max(config.Width, config.Height) > MaxSide || config.Width*config.Height > MaxPixels {
		s.picture.Problem = evidence.ProblemLarge
		return s
	}
	if walk.short {
		return s.with(evidence.Truncated, "It ends within one of its blocks.")
	}
	if walk.body == nil {
		s.picture.Problem = evidence.ProblemFormat
		return s
	}

	img, err := coder.decode(walk.body())
	if err != nil {
		return s.refuse(err, walk)
	}
	if img.Bounds().Empty() {
		s.picture.Problem = evidence.ProblemFormat
		return s
	}
	if s.picture.Format == formatWebP {
		widen(img)
	}
	s.preview, s.measures = reduce(img)
	s.preview = s.preview.turn(walk.turn)
	small := s.preview.scale(copySide, copySide)
	s.measures.deviation = small.deviation()
	s.picture.Print = printOf(small)
	return s
}

// refuse tells what a decoder's error says: the body was cut, it is broken, or the decoder lacks
// what other readers have.
func (s sight) refuse(err error, walk container) sight {
	var pngLacks png.UnsupportedError
	var jpegLacks jpeg.UnsupportedError
	switch {
	case walk.short || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return s.with(evidence.Truncated, "It ends before its decoder is done.")
	case walk.unread || errors.As(err, &pngLacks) || errors.As(err, &jpegLacks) || tolerable(err):
		s.picture.Problem = evidence.ProblemFormat
		return s
	}
	return s.with(evidence.Undecodable, fmt.Sprintf("Its decoder refuses it: %s.", err))
}

// tolerable reports whether browsers draw what our decoder refuses: a frame that stands out of its
// screen, and data after the last pixel.
func tolerable(err error) bool {
	for _, words := range []string{"frame bounds larger than image bounds", "too much image data", "too much pixel data"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// upright is the size as it is drawn: four of the eight orientations lie on their side.
func upright(size evidence.Size, turn int) evidence.Size {
	if turn >= 5 {
		return evidence.Size{Width: size.Height, Height: size.Width}
	}
	return size
}
