package shop

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// What comes of a generation.
const (
	kindSound = "sound"
	kindBlank = "blank"
	kindCut   = "cut"
	kindNone  = "none" // it fails
)

// kinds are what chance takes from: every other picture is sound.
var kinds = []string{kindSound, kindSound, kindSound, kindBlank, kindCut, kindNone}

const width, height = 480, 320

var errNoPicture = errors.New("there is no such picture")

func nameOf(kind string, seed uint32) string { return fmt.Sprintf("%s-%08x.png", kind, seed) }

// Picture draws the picture of that name, the same each time, as PNG.
func Picture(name string) ([]byte, error) {
	kind, digits, _ := strings.Cut(strings.TrimSuffix(name, ".png"), "-")
	seed, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return nil, errNoPicture
	}
	switch kind {
	case kindSound:
		return encode(draw(uint32(seed))), nil
	case kindBlank:
		blank := image.NewRGBA(image.Rect(0, 0, width, height))
		for n := range blank.Pix {
			blank.Pix[n] = 255
		}
		return encode(blank), nil
	case kindCut:
		whole := encode(draw(uint32(seed)))
		return whole[:len(whole)*3/5], nil
	}
	return nil, errNoPicture
}

// draw paints a landscape: a sky, a sun, three ranges of hills.
func draw(seed uint32) image.Image {
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	hue := random.Float64() * 6
	sunX, sunY, sunR := 60+random.Float64()*(width-120), 50+random.Float64()*60, 18+random.Float64()*16
	type hills struct{ level, swell, length, phase float64 }
	var ranges [3]hills
	for n := range ranges {
		ranges[n] = hills{
			level: height * (0.5 + 0.16*float64(n)), swell: 14 + random.Float64()*22,
			length: 40 + random.Float64()*50, phase: random.Float64() * 6,
		}
	}
	drawn := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fx, fy := float64(x), float64(y)
			at := shade(hue, 0.95-0.35*fy/height)
			if math.Hypot(fx-sunX, fy-sunY) < sunR {
				at = color.RGBA{R: 255, G: 236, B: 170, A: 255}
			}
			for n, r := range ranges {
				ridge := r.level + r.swell*(math.Sin(fx/r.length+r.phase)+0.4*math.Sin(3*fx/r.length))
				if fy > ridge {
					at = shade(hue+2+0.4*float64(n), 0.62-0.16*float64(n)-0.1*(fy-ridge)/height)
				}
			}
			drawn.SetRGBA(x, y, at)
		}
	}
	return drawn
}

// shade is a soft colour of that hue, from dark at 0 to light at 1.
func shade(hue, light float64) color.RGBA {
	part := func(shift float64) uint8 { return uint8(255 * light * (0.75 + 0.25*math.Cos(hue+shift))) }
	return color.RGBA{R: part(0), G: part(2), B: part(4), A: 255}
}

func encode(drawn image.Image) []byte {
	var body bytes.Buffer
	_ = png.Encode(&body, drawn) // of a size that PNG has, into memory
	return body.Bytes()
}
