// Package pixel looks at the bytes and pixels of a result and of what it was made from, and says
// what it measured.
//
// It refuses to know where the bytes come from, what time it is, what a policy makes of a signal,
// and other cases' pictures, but for how two prints are compared.
//
// Invariants:
//   - Any bytes get an answer, in bounded memory: sizes are read before anything is decoded.
//   - A signal that a policy may let decide has no innocent case that was met: thresholds.go has
//     each threshold with its figure.
//   - A decoder's error is trusted, what it drew before is not. What a decoder does not support is
//     a problem, never a defect.
//   - Transparent pixels are seen over several backgrounds, never through a grey model.
//   - Of what moves only the container is judged: its first frame may well be blank.
//
// Words: preview (the copy of at most 1,024 pixels a side), copy (the one of 256 × 256, which every
// comparison rests on), tile (16 × 16 pixels of it), still (a picture of one frame).
package pixel

import (
	"crypto/sha256"
	"encoding/hex"
	"runtime"

	"makegood/shared/evidence"
)

// The bounds of what is looked at. Beyond them a picture is too large, and a person looks at it.
const (
	// MaxBytes is of one body: a 4,096 × 4,096 PNG of noise has 50 MB.
	MaxBytes = 64 << 20
	// MaxPixels is of one frame, 8,192 × 4,096: the dearest decoder, of a progressive JPEG of four
	// components, takes 24 bytes for each, which are 805 MB.
	MaxPixels = 1 << 25
	// MaxSide is of one side.
	MaxSide = 1 << 15
	// MaxFrames is of a GIF, a PNG or a WebP that moves.
	MaxFrames = 2000
	// PreviewSide is the longer side of a preview.
	PreviewSide = 1024
)

// Question is what is looked at.
type Question struct {
	// Output is the body of the result; nil where it was not had, which no signal follows from. A
	// body of no bytes is not nil.
	Output []byte
	// Input is the body that it was made from, nil where there is none or it was not had.
	Input []byte
	// Requested is the size that the start named, zero where it named none.
	Requested evidence.Size
	// MustChange says that the feature has to change the whole picture.
	MustChange bool
	// FailureCards are the SHA-256 of pictures that the app shows for a failure, in hexadecimal.
	FailureCards []string
}

// Look is what was seen.
type Look struct {
	// Output is the result, zero where it was not had. Its keys in the bucket are the caller's to
	// set.
	Output evidence.Picture
	// Input is what it was made from, nil where that was not had.
	Input *evidence.Picture
	// Signals are all that were measured, in a fixed order. None of them decides yet.
	Signals []evidence.Signal
	// OutputPreview is a PNG or JPEG that we drew ourselves, nil where nothing was decoded.
	OutputPreview []byte
	// InputPreview is the input's.
	InputPreview []byte
	// Difference is a PNG, the brighter the more the two differ; nil where they cannot be compared.
	Difference []byte
}

// manyPixels is from how many on the memory of one picture is collected before the next is decoded.
const manyPixels = 1 << 22

// At looks at a result. It is total: any bytes get an answer.
func At(q Question) Look {
	// One picture is decoded at a time, and only its small copy is kept.
	var output, input sight
	if q.Output != nil {
		output = see(q.Output)
	}
	if q.Input != nil {
		if output.picture.Size.Width*output.picture.Size.Height > manyPixels {
			runtime.GC() // else two of the largest pictures could stand in memory at once
		}
		input = see(q.Input)
	}

	look := Look{Output: output.picture, OutputPreview: output.encode(), InputPreview: input.encode()}
	if q.Input != nil {
		look.Input = &input.picture
	}
	if sameShape(output, input) {
		look.Difference = differenceMap(output.preview, input.preview)
	}
	look.Signals = signals(q, output, input)
	return look
}

// sight is what was seen of one body.
type sight struct {
	// picture has no keys yet.
	picture evidence.Picture
	// defect is empty, truncated, undecodable or "", and cause is its sentence.
	defect evidence.Name
	cause  string
	// preview is nil where nothing was decoded.
	preview *raster
	// measures are of all its pixels.
	measures measures
}

// still reports whether its pixels may be judged: they are there, and are all that it shows.
func (s sight) still() bool { return s.preview != nil && s.picture.Frames <= 1 }

// hash returns the SHA-256 of the body in hexadecimal digits.
func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// see looks at one body.
func see(body []byte) sight {
	s := sight{picture: evidence.Picture{SHA256: hash(body), Bytes: int64(len(body))}}
	switch {
	case len(body) == 0:
		return s.with(evidence.Empty, "It has no bytes.")
	case len(body) > MaxBytes:
		s.picture.Problem = evidence.ProblemLarge
		return s
	}
	s.picture.Format = Format(body)
	switch s.picture.Format {
	case "":
		s.picture.Problem = evidence.ProblemFormat
		return s
	case formatMP4, formatWebM:
		return s.watch(body)
	}
	return s.decode(body)
}

// with notes what is wrong with the body.
func (s sight) with(defect evidence.Name, cause string) sight {
	s.defect, s.cause = defect, cause
	return s
}
