package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// demanded is the share of a row that must be decided.
const demanded = 0.99

// asDefects completes rows that have one name to be decided by, or none.
func asDefects(demand float64, right []evidence.Name, all ...row) []row {
	for i := range all {
		all[i].group, all[i].right = groupDefect, right
		if all[i].demand == 0 {
			all[i].demand = demand
		}
	}
	return all
}

// inAnyFormat is the subject's own body, or its picture in another format.
func inAnyFormat(s *subject, random *rand.Rand) []byte {
	switch random.IntN(5) {
	case 0:
		return toJPEG(s.image, 85)
	case 1:
		return toGIF(s.image)
	case 2:
		if body := s.toWebP(80); body != nil {
			return body
		}
	case 3:
		return toPNG(s.image)
	}
	return s.small()
}

// cut leaves a part of between so many percent.
func cut(from, to int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		body := inAnyFormat(s, random)
		percent := from + random.IntN(to-from+1)
		return pixel.Question{Output: body[:len(body)*percent/100]}, true
	}
}

// flips changes so many bits, anywhere.
func flips(count int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		body := bytes.Clone(inAnyFormat(s, random))
		for range count {
			body[random.IntN(len(body))] ^= 1 << random.IntN(8)
		}
		return pixel.Question{Output: body}, true
	}
}

// beginning replaces the first bytes.
func beginning(first string) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		if bytes.HasPrefix(s.small(), []byte(first)) {
			return pixel.Question{}, false
		}
		body := bytes.Clone(s.small())
		copy(body, first)
		return pixel.Question{Output: body}, true
	}
}

const page = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"

// byteRows are wrong before any pixel is seen.
func byteRows() []row {
	broken := []evidence.Name{evidence.Truncated, evidence.Undecodable}
	all := asDefects(1, []evidence.Name{evidence.Empty}, row{name: "empty", draw: only(func(*subject) []byte { return []byte{} })})
	all = append(all, asDefects(demanded, broken,
		row{name: "cut to 10–50 %", draw: cut(10, 50)},
		row{name: "cut to 50–90 %", draw: cut(50, 90)},
		row{name: "cut to 90–99 %", draw: cut(90, 99)})...)
	all = append(all, asDefects(0, broken,
		row{name: "1 bit flipped", draw: flips(1)},
		row{name: "16 bits flipped", draw: flips(16)},
		row{name: "256 bits flipped", draw: flips(256)},
		row{name: "begins as PNG, is another", draw: beginning("\x89PNG\r\n\x1a\n")},
		row{name: "begins as JPEG, is another", draw: beginning("\xff\xd8\xff\xe0")},
		row{name: "begins with zeros", draw: beginning("\x00\x00\x00\x00\x00\x00\x00\x00")},
		row{name: "an error page", draw: only(func(*subject) []byte { return []byte(page) })})...)
	return append(all, asDefects(0, []evidence.Name{evidence.FailureCard},
		row{name: "failure card, byte for byte", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: s.small(), FailureCards: []string{hashOf(s.small())}}, true
		}},
		row{name: "failure card, saved again", draw: func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
			return pixel.Question{Output: toJPEG(s.image, 90), FailureCards: []string{hashOf(s.small())}}, !isFlat(flatten(s.image, color.White))
		}})...)
}

// hashOf is a failure card's name in a policy.
func hashOf(body []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256(body))
}

// withNoise adds noise of a standard deviation.
func withNoise(p *image.NRGBA, deviation float64, random *rand.Rand) *image.NRGBA {
	out := clone(p)
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = toByte(float64(out.Pix[i]) + deviation*random.NormFloat64())
		}
	}
	return out
}

// blank makes a picture of nothing, of the source's size: black, white, a brand's color, or
// transparent where it has no noise. A quality of 0 is a PNG.
func blank(deviation float64, quality int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		ways := []color.NRGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, randomColor(random), {}}
		if deviation > 0 || quality > 0 {
			ways = ways[:3]
		}
		p := filled(s.image.Rect, ways[random.IntN(len(ways))])
		if deviation > 0 {
			p = withNoise(p, deviation, random)
		}
		if quality > 0 {
			return pixel.Question{Output: toJPEG(p, quality)}, true
		}
		return pixel.Question{Output: toPNG(p)}, true
	}
}

// watermark draws stripes on white that are so much darker.
func watermark(levels int) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		p := filled(s.image.Rect, color.White)
		for y := range p.Rect.Dy() {
			for x := range p.Rect.Dx() {
				if (x+y)%64 < 6 && (x/96+y/96)%3 == 0 {
					value := uint8(255 - levels)
					p.SetNRGBA(x, y, color.NRGBA{value, value, value, 255})
				}
			}
		}
		return pixel.Question{Output: toPNG(p)}, true
	}
}

func blankRows() []row {
	return append(asDefects(0, []evidence.Name{evidence.Blank},
		row{name: "blank", draw: blank(0, 0), demand: demanded},
		row{name: "blank, JPEG of quality 75", draw: blank(0, 75), demand: demanded},
		row{name: "blank, noise σ 1", draw: blank(1, 0), demand: demanded},
		row{name: "blank, noise σ 1, JPEG", draw: blank(1, 75), demand: demanded},
		row{name: "blank, noise σ 2", draw: blank(2, 0)},
		row{name: "blank, noise σ 4", draw: blank(4, 0)},
		row{name: "blank, noise σ 4, JPEG", draw: blank(4, 75)},
		row{name: "blank, noise σ 8", draw: blank(8, 0)},
		row{name: "blank, noise σ 8, JPEG", draw: blank(8, 75)}),
		asDefects(0, []evidence.Name{evidence.Blank},
			row{name: "a watermark alone, of 4 levels", draw: watermark(4)},
			row{name: "a watermark alone, of 16 levels", draw: watermark(16)},
			row{name: "a watermark alone, of 64 levels", draw: watermark(64)})...)
}

// sized is a picture of another size than was asked for.
func sized(of func(width, height int, random *rand.Rand) evidence.Size) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, random *rand.Rand) (pixel.Question, bool) {
		return pixel.Question{Output: s.small(), Requested: of(s.image.Rect.Dx(), s.image.Rect.Dy(), random)}, true
	}
}

func sizeRows() []row {
	return asDefects(demanded, []evidence.Name{evidence.WrongSize},
		row{name: "65 to 128 pixels less a side", draw: sized(func(width, height int, random *rand.Rand) evidence.Size {
			return evidence.Size{Width: width + 65 + random.IntN(64), Height: height + 65 + random.IntN(64)}
		})},
		row{name: "half the size", draw: sized(func(width, height int, _ *rand.Rand) evidence.Size {
			return evidence.Size{Width: 2 * width, Height: 2 * height}
		})},
		row{name: "another shape", draw: sized(func(width, height int, random *rand.Rand) evidence.Size {
			return evidence.Size{Width: width, Height: height * (106 + random.IntN(100)) / 100}
		})})
}

// kept makes a pair of the picture and of the same, however it was saved.
func kept(save func(s *subject) []byte) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		body := save(s)
		return pixel.Question{Output: body, Input: s.small(), MustChange: true}, body != nil
	}
}

// opaqueJPEG is only of what no background shines through: another picture comes of the rest.
func opaqueJPEG(quality int) func(*subject) []byte {
	return func(s *subject) []byte {
		if !s.isOpaque() {
			return nil
		}
		return toJPEG(s.image, quality)
	}
}

func unchangedRows() []row {
	webp := func(quality int) func(*subject) []byte {
		return func(s *subject) []byte { return s.toWebP(quality) }
	}
	part := func(divisor int) func(*subject) []byte {
		return func(s *subject) []byte {
			return toPNG(resize(s.image, max(1, s.image.Rect.Dx()/divisor), max(1, s.image.Rect.Dy()/divisor)))
		}
	}
	return append(asDefects(demanded, []evidence.Name{evidence.Unchanged},
		row{name: "unchanged, byte for byte", draw: kept(func(s *subject) []byte { return s.small() })},
		row{name: "unchanged, another note", draw: kept(func(s *subject) []byte { return withNote(s.small(), "made by a model") })},
		row{name: "unchanged, PNG", draw: kept(func(s *subject) []byte { return toPNG(s.image) })},
		row{name: "unchanged, JPEG 95", draw: kept(opaqueJPEG(95)), sparse: true},
		row{name: "unchanged, JPEG 90", draw: kept(opaqueJPEG(90)), sparse: true},
		row{name: "unchanged, WebP 90", draw: kept(webp(90))}),
		asDefects(0, []evidence.Name{evidence.Unchanged},
			row{name: "unchanged, JPEG 75", draw: kept(opaqueJPEG(75))},
			row{name: "unchanged, JPEG 50", draw: kept(opaqueJPEG(50))},
			row{name: "unchanged, WebP 75", draw: kept(webp(75))},
			row{name: "unchanged, half the size", draw: kept(part(2))},
			row{name: "unchanged, a quarter of the size", draw: kept(part(4))})...)
}
