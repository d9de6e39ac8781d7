package browsertest_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// hand draws a photograph of a hand with that many fingers before a wall of that colour, as a model
// makes one; the wall of the input is another.
func hand(fingers int, wall color.RGBA) []byte {
	const side = 512
	drawn := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			drawn.SetRGBA(x, y, shaded(float64(x), float64(y), fingers, wall))
		}
	}
	var text bytes.Buffer
	_ = png.Encode(&text, drawn) // into memory
	return text.Bytes()
}

// shaded returns the colour of one pixel: the hand is a union of capsules, lit from the upper left.
func shaded(x, y float64, fingers int, wall color.RGBA) color.RGBA {
	deepest := capsule(x, y, 225, 372, 285, 372, 88) // the palm
	deepest = math.Max(deepest, capsule(x, y, 255, 400, 255, 560, 66))
	deepest = math.Max(deepest, capsule(x, y, 180, 410, 92, 300, 27)) // the thumb
	for i := range fingers - 1 {
		at := float64(i)/float64(fingers-2)*2 - 1 // from -1, the index, to 1
		width := 27 - 1.6*float64(fingers-5)
		deepest = math.Max(deepest, capsule(x, y, 255+72*at, 340, 255+128*at, 112+62*at*at+22*at, width))
	}
	light := 1.08 - 0.45*math.Hypot(x-140, y-90)/512
	if deepest <= 0 {
		// Its shadow falls on the wall.
		light -= 0.22 * math.Exp(deepest/14)
		return lit(wall, light)
	}
	return lit(color.RGBA{R: 226, G: 172, B: 138, A: 255}, light*(0.72+0.36*math.Sqrt(math.Min(1, deepest*1.6))))
}

// capsule returns how deep a point lies in a finger from a to b of that radius: 1 on its line, 0 on
// its edge, and below 0 its distance outside.
func capsule(x, y, ax, ay, bx, by, radius float64) float64 {
	along := math.Max(0, math.Min(1, ((x-ax)*(bx-ax)+(y-ay)*(by-ay))/math.Max(1, (bx-ax)*(bx-ax)+(by-ay)*(by-ay))))
	distance := math.Hypot(x-ax-along*(bx-ax), y-ay-along*(by-ay))
	if distance > radius {
		return radius - distance
	}
	return 1 - distance/radius
}

func lit(c color.RGBA, light float64) color.RGBA {
	of := func(part uint8) uint8 { return uint8(math.Max(0, math.Min(255, float64(part)*light))) }
	return color.RGBA{R: of(c.R), G: of(c.G), B: of(c.B), A: 255}
}
