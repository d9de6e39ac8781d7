package pixel

import (
	"image"
	"math"
)

// measures are of all pixels of one picture.
type measures struct {
	// reach is the largest distance between the lightest and the darkest pixel of a channel, over
	// the background where that is largest.
	reach float64
	// deviation is the largest standard deviation of a channel of the copy, likewise.
	deviation float64
	// noise is the standard deviation of the noise.
	noise float64
}

// backgrounds are what a transparent picture is seen over: whatever it shows differs from one of
// them, a shadow from white, a white cut-out from black, any grey from magenta.
var backgrounds = [...][3]int{{255, 255, 255}, {0, 0, 0}, {128, 128, 128}, {255, 0, 255}}

// over is a channel's value over a background, of a color that was multiplied by alpha.
func over(color, alpha uint8, background int) int {
	if alpha == 255 {
		return int(color)
	}
	return int(color) + int(uint32(255-alpha)*uint32(background)+127)/255
}

// meter measures rows at full resolution.
type meter struct {
	// solid are the extremes of pixels that hide their background, and through of the others, over
	// each.
	solid   extremes
	through [len(backgrounds)]extremes
	// swings counts how far three rows of three pixels are from a plane, by sixths of a level.
	swings [4096]int
	count  int
}

// extremes are the darkest and lightest value of each channel; the zero value has met none.
type extremes struct {
	low, high [3]int
	any       bool
}

// meet takes one pixel.
func (e *extremes) meet(red, green, blue int) {
	if !e.any {
		e.low, e.high, e.any = [3]int{red, green, blue}, [3]int{red, green, blue}, true
		return
	}
	e.low[0], e.high[0] = min(e.low[0], red), max(e.high[0], red)
	e.low[1], e.high[1] = min(e.low[1], green), max(e.high[1], green)
	e.low[2], e.high[2] = min(e.low[2], blue), max(e.high[2], blue)
}

// add takes one row.
func (m *meter) add(row []uint8) {
	solid := m.solid
	for ; len(row) >= 4; row = row[4:] {
		if row[3] == 255 {
			solid.meet(int(row[0]), int(row[1]), int(row[2]))
			continue
		}
		for i, b := range backgrounds {
			m.through[i].meet(over(row[0], row[3], b[0]), over(row[1], row[3], b[1]), over(row[2], row[3], b[2]))
		}
	}
	m.solid = solid
}

// noiseEvery is of which rows the noise is measured: an eighth tells as much as all of them.
const noiseEvery = 8

// addNoise takes every eighth row of a strip, with those beside it. What three rows of three pixels
// have beyond a slope is noise or an edge; the median of it is noise, since edges are few.
func (m *meter) addNoise(strip *image.RGBA, rows int) {
	for y := 1; y+1 < rows; y += noiseEvery {
		above, here, below := strip.Pix[(y-1)*strip.Stride:], strip.Pix[y*strip.Stride:], strip.Pix[(y+1)*strip.Stride:]
		for x := 4; x+8 <= strip.Stride; x += 4 {
			swing := bright(above[x-4:]) - 2*bright(above[x:]) + bright(above[x+4:]) -
				2*bright(here[x-4:]) + 4*bright(here[x:]) - 2*bright(here[x+4:]) +
				bright(below[x-4:]) - 2*bright(below[x:]) + bright(below[x+4:])
			m.swings[min(max(swing, -swing), len(m.swings)-1)]++
			m.count++
		}
	}
}

// bright is how bright a pixel is over white, of 255.
func bright(pixel []uint8) int {
	return (299*int(pixel[0])+587*int(pixel[1])+114*int(pixel[2])+500)/1000 + 255 - int(pixel[3])
}

// measures returns what the rows come to.
func (m *meter) measures() measures {
	var all measures
	for _, seen := range m.through {
		if m.solid.any {
			seen.meet(m.solid.low[0], m.solid.low[1], m.solid.low[2])
			seen.meet(m.solid.high[0], m.solid.high[1], m.solid.high[2])
		}
		for channel := range 3 {
			all.reach = max(all.reach, float64(seen.high[channel]-seen.low[channel]))
		}
	}
	all.noise = m.noise()
	return all
}

// noise is the standard deviation of normal noise whose swings have this median: a swing has six
// times the deviation of a pixel, and the median of a normal one is 0.6745 of it.
func (m *meter) noise() float64 {
	half := m.count / 2
	for swing, n := range m.swings {
		if half -= n; half < 0 {
			return float64(swing) / (6 * 0.6745)
		}
	}
	return 0
}

// deviation is the largest standard deviation of a channel, over the background where it is
// largest.
func (r *raster) deviation() float64 {
	largest, seen := 0.0, backgrounds[:]
	if r.opaque() {
		seen = seen[:1] // all are alike
	}
	for _, background := range seen {
		for channel, value := range background {
			sum, squares := 0, 0
			for at := 0; at < len(r.pix); at += 4 {
				v := over(r.pix[at+channel], r.pix[at+3], value)
				sum += v
				squares += v * v
			}
			n := float64(len(r.pix) / 4)
			mean := float64(sum) / n
			largest = max(largest, math.Sqrt(max(0, float64(squares)/n-mean*mean)))
		}
	}
	return largest
}

// flatBand is which share of the height one color fills from some row to the bottom.
func (r *raster) flatBand() float64 {
	low, high := [4]uint8{255, 255, 255, 255}, [4]uint8{}
	for y := r.height - 1; y >= 0; y-- {
		for i, value := range r.row(y) {
			low[i%4], high[i%4] = min(low[i%4], value), max(high[i%4], value)
		}
		for channel := range low {
			if high[channel]-low[channel] > FlatBandRange {
				return float64(r.height-1-y) / float64(r.height)
			}
		}
	}
	return 1
}

// blurReach is how many pixels a neighbor's mean reaches to each side.
const blurReach = 4

// blur is how little is lost of the steps between neighbors when the picture is blurred once more,
// of 1: Crété and others, "The blur effect" (2007). What has no steps is not blurred.
func (r *raster) blur() float64 {
	lights := make([]int, r.width*r.height)
	for i := range lights {
		lights[i] = bright(r.pix[4*i : 4*i+4])
	}
	line := make([]int, max(r.width, r.height))
	var steps, lost float64
	for y := range r.height {
		s, l := losses(lights[y*r.width : (y+1)*r.width])
		steps, lost = steps+s, lost+l
	}
	across := share(steps-lost, steps)
	steps, lost = 0, 0
	for x := range r.width {
		for y := range r.height {
			line[y] = lights[y*r.width+x]
		}
		s, l := losses(line[:r.height])
		steps, lost = steps+s, lost+l
	}
	return max(across, share(steps-lost, steps))
}

// losses sums a line's steps between neighbors, and what they lose when the line is blurred.
func losses(line []int) (steps, lost float64) {
	const window = 2*blurReach + 1
	if len(line) <= window {
		return 0, 0
	}
	sum := 0
	for _, value := range line[:window] {
		sum += value
	}
	for at := blurReach + 1; at+blurReach < len(line); at++ {
		// The blurred line's step is what enters the window less what leaves it.
		entry, exit := line[at+blurReach], line[at-blurReach-1]
		step := math.Abs(float64(line[at] - line[at-1]))
		steps += step
		lost += max(0, step-math.Abs(float64(entry-exit))/window)
	}
	return steps, lost
}

// share is a part of a whole, 0 of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}
