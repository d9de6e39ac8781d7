package pixel_test

import (
	"fmt"
	"image"
	"image/draw"
	"testing"

	"pgregory.net/rapid"

	"makegood/shared/evidence/pixel"
)

// BenchmarkAt is what a look costs, by the sides of both pictures.
func BenchmarkAt(b *testing.B) {
	for _, side := range []int{1024, 4096} {
		opaque := image.NewRGBA(image.Rect(0, 0, side, side))
		draw.Draw(opaque, opaque.Rect, scene(side, side), image.Point{}, draw.Src)
		for name, encode := range map[string]func(rapid.TB, image.Image) []byte{"png": asPNG, "jpeg": asJPEG} {
			body := encode(b, opaque)
			other := append([]byte(nil), body...)
			b.Run(fmt.Sprintf("%s/%d", name, side), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					pixel.At(pixel.Question{Output: body, Input: other, MustChange: true})
				}
			})
		}
	}
}
