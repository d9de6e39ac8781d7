package pixel_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// encoders write a picture in a format.
var encoders = map[string]func(rapid.TB, image.Image) []byte{"png": asPNG, "jpeg": asJPEG, "gif": asGIF}

func asPNG(t rapid.TB, img image.Image) []byte {
	t.Helper()
	var body bytes.Buffer
	require.NoError(t, png.Encode(&body, img))
	return body.Bytes()
}

func asJPEG(t rapid.TB, img image.Image) []byte { t.Helper(); return quality(t, img, 90) }

func quality(t rapid.TB, img image.Image, q int) []byte {
	t.Helper()
	var body bytes.Buffer
	require.NoError(t, jpeg.Encode(&body, img, &jpeg.Options{Quality: q}))
	return body.Bytes()
}

func asGIF(t rapid.TB, img image.Image) []byte {
	t.Helper()
	var body bytes.Buffer
	require.NoError(t, gif.Encode(&body, img, nil))
	return body.Bytes()
}

// plain is one color all over.
func plain(width, height int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// scene is a drawing with slopes, edges and a disk: a picture that shows something.
func scene(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(255 * x / width), uint8(255 * y / height), 90, 255}
			if dx, dy := x-width/3, y-height/2; dx*dx+dy*dy < width*height/16 {
				c = color.NRGBA{220, 40, uint8(x % 256), 255}
			}
			if x*7/width%2 == 0 && y > 3*height/4 {
				c = color.NRGBA{20, 20, 20, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// signalOf returns the signal of that name, which must be there.
func signalOf(t rapid.TB, look pixel.Look, name evidence.Name) evidence.Signal {
	t.Helper()
	for _, s := range look.Signals {
		if s.Name == name {
			return s
		}
	}
	require.Failf(t, "no signal", "%s in %v", name, look.Signals)
	return evidence.Signal{}
}

// present are the names of the signals that are present.
func present(look pixel.Look) []evidence.Name {
	names := []evidence.Name{}
	for _, s := range look.Signals {
		if s.Present {
			names = append(names, s.Name)
		}
	}
	return names
}

func TestAGoodPictureHasNothingOfWhatDecides(t *testing.T) {
	for name, encode := range encoders {
		look := pixel.At(pixel.Question{Output: encode(t, scene(140, 100)), Requested: evidence.Size{Width: 140, Height: 100}, MustChange: true, Input: encode(t, scene(128, 128)), FailureCards: []string{"00"}})
		for _, name := range []evidence.Name{evidence.Empty, evidence.Truncated, evidence.Undecodable, evidence.Blank, evidence.WrongSize, evidence.FailureCard, evidence.Unchanged} {
			assert.False(t, signalOf(t, look, name).Present, name)
		}
		assert.Equal(t, evidence.Size{Width: 140, Height: 100}, look.Output.Size, name)
		assert.Equal(t, name, look.Output.Format)
		assert.Equal(t, 1, look.Output.Frames)
		assert.Len(t, look.Output.SHA256, 64)
		assert.Empty(t, look.Output.Problem)
		assert.NotEmpty(t, look.OutputPreview)
		for _, s := range look.Signals {
			assert.NotZero(t, s.Version, s.Name)
			assert.NotEmpty(t, s.Sentence)
			assert.False(t, s.Decides)
		}
	}
}
