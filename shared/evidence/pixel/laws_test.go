package pixel_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// TestMain has each law tried 30 times, for CI's sake; a caller's own -rapid.checks is kept.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("30"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// shades draws a color of any transparency.
func shades(t *rapid.T, label string) color.NRGBA {
	b := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, label)
	return color.NRGBA{b[0], b[1], b[2], b[3]}
}

// boxes draws a place in a picture that is at least an eighth of each side.
func boxes(t *rapid.T, bounds image.Rectangle) image.Rectangle {
	width, height := rapid.IntRange(bounds.Dx()/8, bounds.Dx()/2).Draw(t, "width"), rapid.IntRange(bounds.Dy()/8, bounds.Dy()/2).Draw(t, "height")
	at := image.Pt(rapid.IntRange(0, bounds.Dx()-width).Draw(t, "left"), rapid.IntRange(0, bounds.Dy()-height).Draw(t, "top"))
	return image.Rectangle{at, at.Add(image.Pt(width, height))}
}

// encoded draws one of the formats that Go writes.
func encoded(t *rapid.T, img image.Image) []byte {
	return encoders[rapid.SampledFrom([]string{"png", "jpeg", "gif"}).Draw(t, "format")](t, img)
}

func TestALawOneColorIsBlankWhateverShinesThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		img := plain(32, 24, shades(t, "color"))
		// Noise of two levels, which a JPEG may spread.
		for i, noise := range rapid.SliceOfN(rapid.IntRange(-2, 2), 64, 64).Draw(t, "noise") {
			for at := 4 * i; at+2 < len(img.Pix); at += 256 {
				img.Pix[at] = uint8(min(255, max(0, int(img.Pix[at])+noise)))
			}
		}
		body := asPNG(t, img)
		if img.Pix[3] == 255 && rapid.Bool().Draw(t, "jpeg") {
			body = asJPEG(t, img)
		}
		assert.True(t, signalOf(t, pixel.At(pixel.Question{Output: body}), evidence.Blank).Present)
	})
}

func TestALawWhatDiffersOverAnyBackgroundIsNotBlank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ground, figure := shades(t, "ground"), shades(t, "figure")
		img := plain(48, 40, ground)
		draw.Draw(img, boxes(t, img.Rect), image.NewUniform(figure), image.Point{}, draw.Src)
		// What a person would see of the two, over each background, by the standard library's hand.
		apart := 0
		for _, background := range []color.Color{color.White, color.Black, color.Gray{128}, color.NRGBA{255, 0, 255, 255}} {
			pair := plain(2, 1, background)
			draw.Draw(pair, image.Rect(0, 0, 1, 1), image.NewUniform(ground), image.Point{}, draw.Over)
			draw.Draw(pair, image.Rect(1, 0, 2, 1), image.NewUniform(figure), image.Point{}, draw.Over)
			for channel := range 3 {
				gap := int(pair.Pix[channel]) - int(pair.Pix[4+channel])
				apart = max(apart, gap, -gap)
			}
		}
		s := signalOf(t, pixel.At(pixel.Question{Output: asPNG(t, img)}), evidence.Blank)
		assert.InDelta(t, apart, s.Value, 2)
		if apart > pixel.BlankRange+2 {
			assert.False(t, s.Present)
		}
	})
}

func TestALawAGoodPictureSavedAgainIsNeverBlank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		img := scene(rapid.IntRange(24, 80).Draw(t, "width"), rapid.IntRange(24, 80).Draw(t, "height"))
		for range rapid.IntRange(0, 3).Draw(t, "times") {
			again, _, err := image.Decode(bytes.NewReader(quality(t, img, rapid.IntRange(1, 100).Draw(t, "quality"))))
			require.NoError(t, err)
			draw.Draw(img, img.Rect, again, image.Point{}, draw.Src)
		}
		look := pixel.At(pixel.Question{Output: encoded(t, img)})
		assert.Empty(t, decidable(look))
	})
}

func TestALawACutPictureIsFoundCut(t *testing.T) {
	bodies := [][]byte{
		sample(t, "scene.png"), sample(t, "animated.png"), sample(t, "progressive.jpg"), sample(t, "cmyk.jpg"), sample(t, "turned.jpg"), sample(t, "lossy.webp"),
		sample(t, "lossless.webp"), sample(t, "cutout.webp"), sample(t, "cutout-lossless.webp"), asJPEG(t, scene(50, 40)), asGIF(t, scene(50, 40)),
	}
	for _, body := range bodies {
		for end := 0; end < len(body)-1; end += 1 + end%3 {
			look := pixel.At(pixel.Question{Output: body[:end]})
			switch names := decidable(look); {
			case end == 0:
				assert.Equal(t, []evidence.Name{evidence.Empty}, names)
			case look.Output.Format == "":
				assert.Equal(t, evidence.ProblemFormat, look.Output.Problem) // not even its first bytes
			default:
				assert.Len(t, names, 1, "%s %d", look.Output.Format, end)
				assert.Subset(t, []evidence.Name{evidence.Truncated, evidence.Undecodable}, names)
			}
		}
	}
}

func TestALawAPictureAndItsCopiesAreNearFromBothSides(t *testing.T) {
	prints := rapid.Custom(func(t *rapid.T) evidence.Print {
		img := plain(40, 40, shades(t, "ground"))
		for range rapid.IntRange(0, 3).Draw(t, "boxes") {
			draw.Draw(img, boxes(t, img.Rect), image.NewUniform(shades(t, "color")), image.Point{}, draw.Src)
		}
		return pixel.At(pixel.Question{Output: asPNG(t, img)}).Output.Print
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := prints.Draw(t, "a"), prints.Draw(t, "b")
		assert.Equal(t, pixel.Difference(a, b), pixel.Difference(b, a))
		assert.Equal(t, pixel.Near(a, b), pixel.Near(b, a))
		assert.Zero(t, pixel.Difference(a, a))
		assert.True(t, pixel.Near(a, a))
		assert.False(t, pixel.Near(a, evidence.Print{}))
		assert.False(t, pixel.Near(evidence.Print{}, evidence.Print{}))
	})
}

func TestALawUnchangedIsSaidOfWhatMustChangeAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		img := scene(rapid.IntRange(24, 80).Draw(t, "width"), rapid.IntRange(24, 80).Draw(t, "height"))
		must := rapid.Bool().Draw(t, "must change")
		input := asPNG(t, img)
		for _, output := range [][]byte{input, chunked(t, input, "tEXt", []byte("Software\x00any"), true)}[rapid.IntRange(0, 1).Draw(t, "way"):][:1] {
			look := pixel.At(pixel.Question{Output: output, Input: input, MustChange: must})
			if must {
				assert.Equal(t, []evidence.Name{evidence.Unchanged}, decidable(look))
				assert.Zero(t, signalOf(t, look, evidence.Unchanged).Value)
			} else {
				assert.Empty(t, decidable(look))
				assert.True(t, signalOf(t, look, evidence.AlmostUnchanged).Present)
			}
		}
		// A box in another color, an eighth of a side: somebody worked on it.
		box := boxes(t, img.Rect)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				c := img.NRGBAAt(x, y)
				img.SetNRGBA(x, y, color.NRGBA{c.R ^ 0x80, c.G, c.B, c.A})
			}
		}
		assert.Empty(t, decidable(pixel.At(pixel.Question{Output: asPNG(t, img), Input: input, MustChange: must})))
	})
}

func TestACutOutOnWhiteIsNoUnchangedPicture(t *testing.T) {
	photo := plain(60, 60, color.White)
	cut := plain(60, 60, color.Transparent)
	for _, img := range []*image.NRGBA{photo, cut} {
		draw.Draw(img, image.Rect(20, 20, 40, 40), image.NewUniform(color.NRGBA{90, 20, 20, 255}), image.Point{}, draw.Src)
	}
	look := pixel.At(pixel.Question{Output: asPNG(t, cut), Input: asPNG(t, photo), MustChange: true})
	assert.Empty(t, decidable(look))
	assert.NotNil(t, look.Difference)
}

func TestALawASizeIsWrongBeyondWhatGeneratorsRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(60, 200).Draw(t, "width"), rapid.IntRange(60, 200).Draw(t, "height")
		side := rapid.IntRange(60, 200).Draw(t, "side")
		body := asPNG(t, plain(width, height, color.White))
		near := func(a, b int) bool { return max(a-b, b-a) <= pixel.WrongSide }
		far := !near(side, width) || !near(side, height) || 100*max(width, height) > 105*min(width, height)
		for _, one := range []struct {
			requested evidence.Size
			wrong     bool
		}{
			{evidence.Size{Width: side}, !near(side, width)},
			{evidence.Size{Height: side}, !near(side, height)},
			{evidence.Size{Width: side, Height: side}, far},
			{evidence.Size{Width: width, Height: height}, false},
		}[rapid.IntRange(0, 3).Draw(t, "named"):][:1] {
			look := pixel.At(pixel.Question{Output: body, Requested: one.requested})
			assert.Equal(t, one.wrong, signalOf(t, look, evidence.WrongSize).Present, "%v", one.requested)
		}
	})
	assert.NotContains(t, names(pixel.At(pixel.Question{Output: sample(t, "scene.png")})), evidence.WrongSize)
}

// FuzzAt has any bytes looked at, alone or beside the picture that they were made of.
func FuzzAt(f *testing.F) {
	for i, name := range []string{"scene.png", "animated.png", "progressive.jpg", "turned.jpg", "cutout.webp", "animated.webp", "fast.mp4", "fragments.mp4", "plain.webm", "live.webm"} {
		f.Add(sample(f, name), i%3 == 0)
	}
	f.Add(asGIF(f, scene(9, 9)), false)
	scene := asPNG(f, scene(9, 9))
	f.Fuzz(func(t *testing.T, output []byte, compare bool) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(output)); err == nil && config.Width*config.Height > 1<<16 {
			t.Skip("a fuzzer that clears pixels finds nothing")
		}
		q := pixel.Question{Output: output, MustChange: true}
		if compare {
			q.Input = scene
		}
		look := pixel.At(q)
		assert.Equal(t, look.OutputPreview != nil, look.Output.Print.Tiles != nil)
		for _, preview := range [][]byte{look.OutputPreview, look.InputPreview, look.Difference} {
			if preview != nil {
				config, _, err := image.DecodeConfig(bytes.NewReader(preview))
				assert.NoError(t, err)
				assert.LessOrEqual(t, max(config.Width, config.Height), pixel.PreviewSide)
			}
		}
		if look.Output.Problem != "" {
			assert.Subset(t, []evidence.Name{evidence.SmallInput, evidence.BlurredInput}, names(look))
		}
		assert.LessOrEqual(t, len(decidable(look)), 2)
	})
}

// names are those of all signals.
func names(look pixel.Look) []evidence.Name {
	all := []evidence.Name{}
	for _, s := range look.Signals {
		all = append(all, s.Name)
	}
	return all
}
