package pixel_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// soft is the picture with each pixel the mean of those around it.
func soft(img *image.NRGBA, reach int) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			var sum [4]int
			n := 0
			window := image.Rect(x-reach, y-reach, x+reach+1, y+reach+1).Intersect(img.Rect)
			for v := window.Min.Y; v < window.Max.Y; v++ {
				for u := window.Min.X; u < window.Max.X; u++ {
					for i := range sum {
						sum[i] += int(img.Pix[img.PixOffset(u, v)+i])
					}
					n++
				}
			}
			for i := range sum {
				out.Pix[out.PixOffset(x, y)+i] = uint8(sum[i] / n)
			}
		}
	}
	return out
}

// noisy is the picture with noise of that deviation in each channel.
func noisy(img *image.NRGBA, deviation float64) *image.NRGBA {
	random := rand.New(rand.NewPCG(1, 2))
	out := image.NewNRGBA(img.Rect)
	for i, value := range img.Pix {
		out.Pix[i] = value
		if i%4 != 3 {
			out.Pix[i] = uint8(min(255, max(0, float64(value)+deviation*random.NormFloat64()+0.5)))
		}
	}
	return out
}

func TestWhatAPersonLooksAtIsMeasured(t *testing.T) {
	img := scene(200, 160)
	whole := asPNG(t, img)
	half := scene(200, 160)
	draw.Draw(half, image.Rect(0, 80, 200, 160), image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	for name, one := range map[evidence.Name]struct{ output, input []byte }{
		evidence.FlatBand:     {asPNG(t, half), whole},
		evidence.Noisy:        {asPNG(t, noisy(img, 20)), whole},
		evidence.Blurred:      {asPNG(t, soft(img, 4)), whole},
		evidence.BlurredInput: {whole, asPNG(t, soft(img, 6))},
		evidence.SmallInput:   {whole, whole},
	} {
		look := pixel.At(pixel.Question{Output: one.output, Input: one.input})
		s := signalOf(t, look, name)
		assert.True(t, s.Present, s.Sentence)
		assert.Empty(t, decidable(look))
	}
	look := pixel.At(pixel.Question{Output: whole, Input: whole})
	assert.Equal(t, []evidence.Name{evidence.AlmostUnchanged, evidence.SmallInput}, present(look))
	assert.InDelta(t, 0.5, signalOf(t, pixel.At(pixel.Question{Output: asPNG(t, half)}), evidence.FlatBand).Value, 0.01)
}

func TestNoiseIsMeasuredInLevels(t *testing.T) {
	for _, deviation := range []float64{4, 8, 16} {
		look := pixel.At(pixel.Question{Output: asPNG(t, noisy(plain(200, 200, color.Gray{128}), deviation))})
		assert.InEpsilon(t, deviation*0.669, signalOf(t, look, evidence.Noisy).Value, 0.15) // of three channels, as light weighs them
	}
}

func TestFogIsNotBlank(t *testing.T) {
	fog := plain(80, 60, color.Gray{120})
	draw.Draw(fog, image.Rect(0, 0, 40, 60), image.NewUniform(color.Gray{134}), image.Point{}, draw.Src)
	s := signalOf(t, pixel.At(pixel.Question{Output: asPNG(t, fog)}), evidence.Blank)
	assert.Equal(t, []any{14.0, false}, []any{s.Value, s.Present})

	speck := plain(400, 400, color.White) // one pixel, which the copy loses
	speck.Set(7, 7, color.Gray{230})
	s = signalOf(t, pixel.At(pixel.Question{Output: asPNG(t, speck)}), evidence.Blank)
	assert.Equal(t, []any{25.0, false}, []any{s.Value, s.Present})
}

func TestADrawingOnNothingIsNotBlank(t *testing.T) {
	for _, ink := range []color.Color{color.Black, color.White, color.Gray{128}, color.NRGBA{255, 0, 255, 255}, color.NRGBA{0, 0, 0, 40}} {
		img := plain(80, 60, color.Transparent)
		draw.Draw(img, image.Rect(30, 20, 50, 40), image.NewUniform(ink), image.Point{}, draw.Src)
		assert.Empty(t, decidable(pixel.At(pixel.Question{Output: asPNG(t, img)})), ink)
	}
	assert.Equal(t, []evidence.Name{evidence.Blank}, decidable(pixel.At(pixel.Question{Output: asPNG(t, plain(80, 60, color.NRGBA{1, 2, 3, 0}))})))
}

func TestTheMapIsBrightWhereThePicturesDiffer(t *testing.T) {
	img := scene(120, 80)
	input := asPNG(t, img)
	draw.Draw(img, image.Rect(0, 0, 30, 20), image.NewUniform(color.White), image.Point{}, draw.Src)
	look := pixel.At(pixel.Question{Output: asPNG(t, img), Input: input})
	drawn, err := png.Decode(bytes.NewReader(look.Difference))
	require.NoError(t, err)
	assert.Equal(t, color.Gray{255}, drawn.At(10, 10))
	assert.Equal(t, color.Gray{0}, drawn.At(90, 60))

	look = pixel.At(pixel.Question{Output: asPNG(t, scene(80, 80)), Input: input})
	assert.Nil(t, look.Difference, "no pixel of one stands where the other's does")
}

func TestAPictureThatIsPulledIntoAnotherShapeIsNotUnchanged(t *testing.T) {
	wide, square := plain(128, 64, color.White), plain(64, 64, color.White)
	draw.Draw(wide, image.Rect(32, 16, 96, 48), image.Black, image.Point{}, draw.Src)
	draw.Draw(square, image.Rect(16, 16, 48, 48), image.Black, image.Point{}, draw.Src)
	look := pixel.At(pixel.Question{Output: asPNG(t, square), Input: asPNG(t, wide), MustChange: true})
	assert.Empty(t, decidable(look))
	assert.Less(t, signalOf(t, look, evidence.Unchanged).Value, 1.0)
}

func TestAPreviewHasAThousandPixelsAtMost(t *testing.T) {
	look := pixel.At(pixel.Question{Output: asPNG(t, scene(1500, 300)), Input: asPNG(t, scene(750, 150)), MustChange: true})
	preview, err := png.DecodeConfig(bytes.NewReader(look.Difference))
	require.NoError(t, err)
	assert.Equal(t, []int{512, 102}, []int{preview.Width, preview.Height})
	drawn, _, err := image.DecodeConfig(bytes.NewReader(look.OutputPreview))
	require.NoError(t, err)
	assert.Equal(t, []int{1024, 204}, []int{drawn.Width, drawn.Height})
}

func TestATintAloneIsAChange(t *testing.T) {
	img := scene(120, 80)
	input := asPNG(t, img)
	for y := range 20 {
		for x := range 30 {
			c := img.NRGBAAt(x, y)
			img.SetNRGBA(x, y, color.NRGBA{c.R + 40, c.G, c.B - 60, 255}) // lighter by 5, and far from blue
		}
	}
	s := signalOf(t, pixel.At(pixel.Question{Output: asPNG(t, img), Input: input, MustChange: true}), evidence.Unchanged)
	assert.Greater(t, s.Value, 10.0)
	assert.False(t, s.Present)
}

func TestAThinLineThatFadesIsAChange(t *testing.T) {
	line, faded := plain(512, 512, color.NRGBA{}), plain(512, 512, color.NRGBA{})
	draw.Draw(line, image.Rect(200, 80, 201, 430), image.NewUniform(color.NRGBA{A: 255}), image.Point{}, draw.Src)
	draw.Draw(faded, image.Rect(200, 80, 201, 430), image.NewUniform(color.NRGBA{64, 64, 64, 255}), image.Point{}, draw.Src)
	look := pixel.At(pixel.Question{Output: asPNG(t, faded), Input: asPNG(t, line), MustChange: true})
	s := signalOf(t, look, evidence.Unchanged)
	assert.False(t, s.Present, s.Sentence)
	assert.InDelta(t, 32*pixel.SpotWeight, s.Value, 0.3, "half of 64 levels, since two pixels of the picture are one of the copy")
}

func TestHashesProposeAndTilesConfirm(t *testing.T) {
	tiles := bytes.Repeat([]byte{100}, 768)
	other := bytes.Clone(tiles)
	other[5] = 110
	a := evidence.Print{Hash: 0, Tiles: tiles}
	assert.True(t, pixel.Near(a, evidence.Print{Hash: 0xf, Tiles: tiles}))
	assert.False(t, pixel.Near(a, evidence.Print{Hash: 0x1f, Tiles: tiles}))
	assert.False(t, pixel.Near(a, evidence.Print{Hash: 0, Tiles: other}))
	assert.InDelta(t, 10, pixel.Difference(a, evidence.Print{Tiles: other}), 0)
	assert.InDelta(t, 255, pixel.Difference(a, evidence.Print{}), 0)
}

func TestEachOrientationStandsUpright(t *testing.T) {
	stored := plain(60, 40, color.Gray{100})
	draw.Draw(stored, image.Rect(0, 0, 20, 20), image.NewUniform(color.NRGBA{255, 0, 0, 255}), image.Point{}, draw.Src)  // its first row and column
	draw.Draw(stored, image.Rect(40, 0, 60, 20), image.NewUniform(color.NRGBA{0, 0, 255, 255}), image.Point{}, draw.Src) // its first row and last column
	body := asPNG(t, stored)
	// Where the two stand, as the standard of EXIF says: 0 left or top, 1 right or bottom.
	for turn, corners := range map[byte][2]image.Point{
		1: {{0, 0}, {1, 0}}, 2: {{1, 0}, {0, 0}}, 3: {{1, 1}, {0, 1}}, 4: {{0, 1}, {1, 1}},
		5: {{0, 0}, {0, 1}}, 6: {{1, 0}, {1, 1}}, 7: {{1, 1}, {1, 0}}, 8: {{0, 1}, {0, 0}},
	} {
		for _, notes := range []string{
			"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(turn) + "\x00\x00\x00",
			"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00",
		} {
			look := pixel.At(pixel.Question{Output: chunked(t, body, "eXIf", []byte(notes), true)})
			want := evidence.Size{Width: 60, Height: 40}
			if turn >= 5 {
				want = evidence.Size{Width: 40, Height: 60}
			}
			assert.Equal(t, want, look.Output.Size)
			drawn, _, err := image.Decode(bytes.NewReader(look.OutputPreview))
			require.NoError(t, err)
			at := func(corner image.Point) (red, blue uint32) {
				red, _, blue, _ = drawn.At(5+corner.X*(want.Width-10), 5+corner.Y*(want.Height-10)).RGBA()
				return red >> 8, blue >> 8
			}
			red, _ := at(corners[0])
			_, blue := at(corners[1])
			assert.Greater(t, min(red, blue), uint32(200), "%d", turn)
		}
	}
}
