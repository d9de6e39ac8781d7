package main

import (
	"image"
	"image/color"
	"math"
)

// noticeable is the difference of two colors that a person just notices, in CIE 1976 L*a*b* under
// D65: Mahy, Van Eycken and Oosterlinck, "Evaluation of uniform color spaces developed after the
// adoption of CIELAB and CIELUV" (1994).
const noticeable = 2.3

// showsNothing reports whether no pixel differs noticeably from the picture's mean color, neither
// over white nor over black. Such a source is no legitimate picture. It shares no code and no
// number with the signals: the eye's color space, a published constant, every pixel.
func showsNothing(p *image.NRGBA) bool {
	for _, ground := range []color.Color{color.White, color.Black} {
		if differsAnywhere(flatten(p, ground)) {
			return false
		}
	}
	return true
}

// differsAnywhere reports whether a pixel of an opaque picture is seen beside its mean color.
func differsAnywhere(p *image.NRGBA) bool {
	var sum [3]int
	for i := 0; i < len(p.Pix); i += 4 {
		for channel := range sum {
			sum[channel] += int(p.Pix[i+channel])
		}
	}
	var mean [3]float64
	for channel := range mean {
		mean[channel] = float64(sum[channel]) / float64(max(1, len(p.Pix)/4))
	}
	ground, seen := labOf(mean), [3]uint8{}
	for i := 0; i < len(p.Pix); i += 4 {
		pixel := [3]uint8(p.Pix[i : i+3])
		if i > 0 && pixel == seen {
			continue
		}
		seen = pixel
		if distance(labOf([3]float64{float64(pixel[0]), float64(pixel[1]), float64(pixel[2])}), ground) > noticeable {
			return true
		}
	}
	return false
}

// labOf is a color of sRGB, of 255 each, in L*a*b* (IEC 61966-2-1, CIE 15).
func labOf(srgb [3]float64) [3]float64 {
	var light [3]float64
	for channel, value := range srgb {
		if value /= 255; value <= 0.04045 {
			light[channel] = value / 12.92
		} else {
			light[channel] = math.Pow((value+0.055)/1.055, 2.4)
		}
	}
	x := bend((0.4124*light[0] + 0.3576*light[1] + 0.1805*light[2]) / 0.9505)
	y := bend(0.2126*light[0] + 0.7152*light[1] + 0.0722*light[2])
	z := bend((0.0193*light[0] + 0.1192*light[1] + 0.9505*light[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// bend is the eye's answer to light.
func bend(t float64) float64 {
	const edge = 6.0 / 29
	if t > edge*edge*edge {
		return math.Cbrt(t)
	}
	return t/(3*edge*edge) + 4.0/29
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}
