package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"golang.org/x/image/draw"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// The tones: a night photo, fog, and a high key.
func night(p *image.NRGBA) *image.NRGBA {
	return tone(p, func(at float64) float64 { return math.Pow(at, 4) })
}

func fog(p *image.NRGBA) *image.NRGBA {
	return tone(p, func(at float64) float64 { return 0.7 + 0.15*at })
}

func highKey(p *image.NRGBA) *image.NRGBA {
	return tone(p, func(at float64) float64 { return 0.75 + 0.25*at })
}

// blackOnWhite draws what is darker than the middle in black.
func blackOnWhite(p *image.NRGBA) *image.NRGBA {
	return tone(flatten(p, color.White), func(at float64) float64 { return math.Round(at) })
}

// onWhite puts a cut-out on a white ground, with a soft shadow below it.
func onWhite(p *image.NRGBA) *image.NRGBA {
	bounds := p.Rect
	shadow := image.NewAlpha(image.Rect(0, 0, max(1, bounds.Dx()/16), max(1, bounds.Dy()/16)))
	draw.BiLinear.Scale(shadow, shadow.Rect, p, bounds, draw.Src, nil)
	soft := image.NewAlpha(bounds)
	draw.BiLinear.Scale(soft, bounds, shadow, shadow.Rect, draw.Src, nil)
	for i, value := range soft.Pix {
		soft.Pix[i] = value / 4
	}
	out := filled(bounds, color.White)
	below := image.Pt(0, -bounds.Dy()/32)
	draw.DrawMask(out, bounds, image.Black, image.Point{}, soft, below, draw.Over)
	draw.Draw(out, bounds, p, image.Point{}, draw.Over)
	return out
}

// inScene puts a cut-out before a wall and a floor of two colors.
func inScene(p *image.NRGBA, random *rand.Rand) *image.NRGBA {
	out := filled(p.Rect, randomColor(random))
	floor, horizon := randomColor(random), p.Rect.Dy()*2/3
	for y := range p.Rect.Dy() {
		c := out.NRGBAAt(0, 0)
		if y > horizon {
			c = floor
		}
		light := 0.6 + 0.4*float64(y%max(1, horizon))/float64(max(1, horizon))
		c = color.NRGBA{toByte(light * float64(c.R)), toByte(light * float64(c.G)), toByte(light * float64(c.B)), 255}
		if y > 0 {
			draw.Draw(out, image.Rect(0, y, p.Rect.Dx(), y+1), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
	draw.Draw(out, out.Rect, p, image.Point{}, draw.Over)
	return out
}

func randomColor(random *rand.Rand) color.NRGBA {
	return color.NRGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
}

// silhouette gives every pixel one color, and leaves what shines through.
func silhouette(p *image.NRGBA, c color.NRGBA) *image.NRGBA {
	out := clone(p)
	for i := 0; i < len(out.Pix); i += 4 {
		out.Pix[i], out.Pix[i+1], out.Pix[i+2] = c.R, c.G, c.B
	}
	return out
}

// bordered puts the picture into a border of 8 % a side.
func bordered(p *image.NRGBA) *image.NRGBA {
	out := filled(p.Rect, color.White)
	inner := image.Rect(p.Rect.Dx()*8/100, p.Rect.Dy()*8/100, p.Rect.Dx()*92/100, p.Rect.Dy()*92/100)
	draw.Draw(out, inner, resize(p, inner.Dx(), inner.Dy()), image.Point{}, draw.Over)
	return out
}

// places is how many squares are tried for an edit: somebody edits where something is to be seen.
const places = 16

// locally changes the contrast of a square by half: its side is that part of the shorter one. Of
// some squares it takes the one where this changes most.
func locally(p *image.NRGBA, part int, random *rand.Rand) *image.NRGBA {
	side := max(1, min(p.Rect.Dx(), p.Rect.Dy())/part)
	var best image.Rectangle
	most := -1
	for range places {
		at := image.Pt(random.IntN(p.Rect.Dx()-side+1), random.IntN(p.Rect.Dy()-side+1))
		square := image.Rectangle{at, at.Add(image.Pt(side, side))}
		if effect := halve(p, square, false); effect > most {
			best, most = square, effect
		}
	}
	out := clone(p)
	halve(out, best, true)
	return out
}

// halve sums what half the contrast would change in a square, and changes it if it is to.
func halve(p *image.NRGBA, square image.Rectangle, change bool) int {
	sum := 0
	for y := square.Min.Y; y < square.Max.Y; y++ {
		row := p.Pix[p.PixOffset(square.Min.X, y):][:4*square.Dx()]
		for i, value := range row {
			if i%4 == 3 {
				continue
			}
			half := 128 + (int(value)-128)/2
			sum += max(half-int(value), int(value)-half) * int(row[i|3])
			if change {
				row[i] = uint8(half)
			}
		}
	}
	return sum
}

// cutout is the row's picture where the source is one, none elsewhere.
func cutout(draw func(p *image.NRGBA) []byte) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return only(func(s *subject) []byte {
		if !s.isCutout() {
			return nil
		}
		return draw(s.image)
	})
}

// drawn is the row's picture, left out where the change left one color alone.
func drawn(change func(p *image.NRGBA) *image.NRGBA) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return only(func(s *subject) []byte {
		p := change(s.image)
		if isFlat(p) {
			return nil
		}
		return toPNG(p)
	})
}

// onPaper is the row's picture in a format that lays it on white, left out where nothing is to be
// seen there: white on white.
func onPaper(draw func(s *subject) []byte) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return only(func(s *subject) []byte {
		if isFlat(flatten(s.image, color.White)) {
			return nil
		}
		return draw(s)
	})
}

func legitimateRows() []row {
	white, black := color.NRGBA{255, 255, 255, 255}, color.NRGBA{0, 0, 0, 255}
	all := []row{
		{name: "as it is", draw: only(func(s *subject) []byte { return s.body })},
		{name: "on white, soft shadow", draw: cutout(func(p *image.NRGBA) []byte { return toPNG(onWhite(p)) })},
		{name: "white silhouette", draw: cutout(func(p *image.NRGBA) []byte { return toPNG(silhouette(p, white)) })},
		{name: "black silhouette", draw: cutout(func(p *image.NRGBA) []byte { return toPNG(silhouette(p, black)) })},
		{name: "black on white", draw: drawn(blackOnWhite)},
		{name: "night (gamma 4)", draw: drawn(night)},
		{name: "fog (contrast × 0.15)", draw: drawn(fog)},
		{name: "high key (upper quarter)", draw: drawn(highKey)},
		{name: "border of 8 %", draw: drawn(bordered)},
		{name: "JPEG of quality 50", draw: onPaper(func(s *subject) []byte { return toJPEG(s.image, 50) })},
		{name: "WebP of quality 80", draw: only(func(s *subject) []byte { return s.toWebP(80) })},
		{name: "GIF", draw: onPaper(func(s *subject) []byte { return toGIF(s.image) })},
		{name: "side rounded to 64", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			width, height := s.image.Rect.Dx(), s.image.Rect.Dy()
			rounded := (width + 63) / 64 * 64
			return pixel.Question{Output: s.small(), Requested: evidence.Size{Width: rounded, Height: height * rounded / width}}, height <= width
		}},
		{name: "given back as it came, where it may", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: s.small(), Input: s.small()}, true
		}},
	}
	for i := range all {
		all[i].group = groupLegitimate
	}
	all[0].whole = true
	return all
}

// change makes a pair of the picture and of what became of it.
func change(after func(p *image.NRGBA) *image.NRGBA) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		p := after(s.image)
		return pixel.Question{Output: toPNG(p), Input: s.small(), MustChange: true}, !isFlat(p) && differ(p, s.image)
	}
}

// studio makes a pair of a cut-out on a light ground and of the same on white, with its shadow.
func studio(light uint8) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		if !s.isCutout() {
			return pixel.Question{}, false
		}
		before := toJPEG(flatten(s.image, color.NRGBA{light, light, light, 255}), 92)
		return pixel.Question{Output: toPNG(onWhite(s.image)), Input: before, MustChange: true}, true
	}
}

// edit makes a pair of the picture and of one with a small part changed.
func edit(part int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		p := locally(s.image, part, random)
		return pixel.Question{Output: toPNG(p), Input: s.small(), MustChange: true}, differ(p, s.image)
	}
}

func pairRows() []row {
	all := []row{
		{name: "a filter's example", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: s.body, Input: s.before, MustChange: true}, s.before != nil
		}},
		{name: "cut-out → on white", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: toPNG(onWhite(s.image)), Input: s.small(), MustChange: true}, s.isCutout()
		}},
		{name: "on gray 230 → on white", draw: studio(230)},
		{name: "on gray 245 → on white", draw: studio(245)},
		{name: "on gray 250 → on white", draw: studio(250)},
		{name: "on white → in a scene", draw: func(s *subject, random *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: toJPEG(inScene(s.image, random), 90), Input: toJPEG(onWhite(s.image), 92), MustChange: true}, s.isCutout()
		}},
		{name: "→ night", draw: change(night)},
		{name: "→ fog", draw: change(fog)},
		{name: "→ high key", draw: change(highKey)},
		{name: "→ border of 8 %", draw: change(bordered)},
		{name: "→ a quarter's side at half contrast", draw: edit(4)},
		{name: "→ an eighth's side at half contrast", draw: edit(8)},
		{name: "→ a sixteenth's side at half contrast", draw: edit(16), reported: true}, // a 256th of a picture is not the whole of it
	}
	for i := range all {
		all[i].group = groupPair
	}
	all[0].whole = true
	return all
}
