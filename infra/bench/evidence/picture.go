package main

import (
	"image"
	"image/color"
	"math/rand/v2"

	"golang.org/x/image/draw"

	"makegood/shared/evidence/pixel"
)

// worse changes a picture for the worse.
type worse func(p *image.NRGBA, strength int, random *rand.Rand)

// made is a row's picture: a result beside its input, on one of which something was done. What is
// left blank by it, or as it was, has another defect or none.
func made(change worse, strength int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		p := clone(s.image)
		change(p, strength, random)
		return pixel.Question{Output: toPNG(p), Input: s.small()}, !isFlat(p) && differ(p, s.image)
	}
}

func fill(p *image.NRGBA, part image.Rectangle, c color.Color) {
	draw.Draw(p, part.Intersect(p.Rect), image.NewUniform(c), image.Point{}, draw.Src)
}

// square is somewhere in the picture, with that many percent of the shorter side.
func square(p *image.NRGBA, percent int, random *rand.Rand) image.Rectangle {
	side := max(1, min(p.Rect.Dx(), p.Rect.Dy())*percent/100)
	at := image.Pt(random.IntN(p.Rect.Dx()-side+1), random.IntN(p.Rect.Dy()-side+1))
	return image.Rectangle{at, at.Add(image.Pt(side, side))}
}

var gray = color.NRGBA{128, 128, 128, 255}

// grayBelow leaves the upper part, as a decoder that was given too little.
func grayBelow(p *image.NRGBA, percent int, _ *rand.Rand) {
	fill(p, image.Rect(0, p.Rect.Dy()*(100-percent)/100, p.Rect.Dx(), p.Rect.Dy()), gray)
}

func stripe(p *image.NRGBA, percent int, random *rand.Rand) {
	at := p.Rect.Dx() * random.IntN(100-percent) / 100
	fill(p, image.Rect(at, 0, at+max(1, p.Rect.Dx()*percent/100), p.Rect.Dy()), randomColor(random))
}

func loseBlocks(p *image.NRGBA, percent int, random *rand.Rand) {
	const side = 16
	for y := 0; y < p.Rect.Dy(); y += side {
		for x := 0; x < p.Rect.Dx(); x += side {
			if random.IntN(100) < percent {
				fill(p, image.Rect(x, y, x+side, y+side), gray)
			}
		}
	}
}

// smear repeats one row over those below it.
func smear(p *image.NRGBA, percent int, random *rand.Rand) {
	from := random.IntN(max(1, p.Rect.Dy()*(100-percent)/100))
	row := p.Pix[from*p.Stride : (from+1)*p.Stride]
	for y := from; y < min(p.Rect.Dy(), from+p.Rect.Dy()*percent/100); y++ {
		copy(p.Pix[y*p.Stride:], row)
	}
}

func swapPatches(p *image.NRGBA, percent int, random *rand.Rand) {
	a, b := square(p, percent, random), square(p, percent, random)
	prior := clone(p)
	draw.Draw(p, a, prior, b.Min, draw.Src)
	draw.Draw(p, b, prior, a.Min, draw.Src)
}

// duplicate pastes a part a second time: a third hand, as far as pixels can say.
func duplicate(p *image.NRGBA, percent int, random *rand.Rand) {
	draw.Draw(p, square(p, percent, random), clone(p), square(p, percent, random).Min, draw.Src)
}

// mirror lays a part of the left half over the right one.
func mirror(p *image.NRGBA, percent int, _ *rand.Rand) {
	width := p.Rect.Dx() / 2 * percent / 100
	for y := range p.Rect.Dy() {
		for x := range width {
			p.SetNRGBA(p.Rect.Dx()-1-x, y, p.NRGBAAt(x, y))
		}
	}
}

// swapColors turns red into blue in the upper part.
func swapColors(p *image.NRGBA, percent int, _ *rand.Rand) {
	for i := 0; i < len(p.Pix)*percent/100-3; i += 4 {
		p.Pix[i], p.Pix[i+2] = p.Pix[i+2], p.Pix[i]
	}
}

// soften draws the picture so many times smaller, and large again.
func soften(p *image.NRGBA, times int, _ *rand.Rand) {
	small := resize(p, max(1, p.Rect.Dx()/times), max(1, p.Rect.Dy()/times))
	copy(p.Pix, resize(small, p.Rect.Dx(), p.Rect.Dy()).Pix)
}

func addNoise(p *image.NRGBA, deviation int, random *rand.Rand) {
	copy(p.Pix, withNoise(p, float64(deviation), random).Pix)
}

// pictureRows are wrong in what they show. All are left to a person: each has an innocent case.
func pictureRows() []row {
	return asDefects(0, nil,
		row{name: "gray below, 25 %", draw: made(grayBelow, 25)},
		row{name: "gray below, 50 %", draw: made(grayBelow, 50)},
		row{name: "gray below, 75 %", draw: made(grayBelow, 75)},
		row{name: "stripe, 3 %", draw: made(stripe, 3)},
		row{name: "stripe, 6 %", draw: made(stripe, 6)},
		row{name: "stripe, 12 %", draw: made(stripe, 12)},
		row{name: "blocks lost, 1 %", draw: made(loseBlocks, 1)},
		row{name: "blocks lost, 10 %", draw: made(loseBlocks, 10)},
		row{name: "blocks lost, 40 %", draw: made(loseBlocks, 40)},
		row{name: "smear, 10 %", draw: made(smear, 10)},
		row{name: "smear, 30 %", draw: made(smear, 30)},
		row{name: "smear, 60 %", draw: made(smear, 60)},
		row{name: "patches swapped, 10 %", draw: made(swapPatches, 10)},
		row{name: "patches swapped, 25 %", draw: made(swapPatches, 25)},
		row{name: "patches swapped, 40 %", draw: made(swapPatches, 40)},
		row{name: "part twice, 10 %", draw: made(duplicate, 10)},
		row{name: "part twice, 20 %", draw: made(duplicate, 20)},
		row{name: "part twice, 40 %", draw: made(duplicate, 40)},
		row{name: "mirrored, 33 % of half", draw: made(mirror, 33)},
		row{name: "mirrored, 66 % of half", draw: made(mirror, 66)},
		row{name: "mirrored half", draw: made(mirror, 100)},
		row{name: "red for blue, 25 %", draw: made(swapColors, 25)},
		row{name: "red for blue, 50 %", draw: made(swapColors, 50)},
		row{name: "red for blue", draw: made(swapColors, 100)},
		row{name: "soft, 4 ×", draw: made(soften, 4)},
		row{name: "soft, 8 ×", draw: made(soften, 8)},
		row{name: "soft, 16 ×", draw: made(soften, 16)},
		row{name: "noise σ 10", draw: made(addNoise, 10)},
		row{name: "noise σ 30", draw: made(addNoise, 30)},
		row{name: "noise σ 80", draw: made(addNoise, 80)})
}
