package pixel

import (
	"image"
	"image/color"
	"image/draw"
)

// raster is a small picture: red, green, blue and alpha of each pixel, row by row, the colors
// multiplied by alpha.
type raster struct {
	width, height int
	pix           []uint8
}

// rgba lends the pixels to the standard library.
func (r *raster) rgba() *image.RGBA {
	return &image.RGBA{Pix: r.pix, Stride: 4 * r.width, Rect: image.Rect(0, 0, r.width, r.height)}
}

// opaque reports whether no background shines through.
func (r *raster) opaque() bool { return r.rgba().Opaque() }

// span is which of a line's pixels one pixel of a shorter or longer line covers.
type span struct {
	// from and to are the first pixel and the one past the last.
	from, to int
	// first and last are how much of the two at the ends it covers.
	first, last float32
	// share is one part of its length.
	share float32
}

// spans cuts a line of n pixels into equal pieces.
func spans(n, pieces int) []span {
	all := make([]span, pieces)
	for i := range all {
		// In units of 1/pieces of a pixel, so that whole numbers stay whole.
		begin, end := i*n, (i+1)*n
		s := span{from: begin / pieces, to: (end + pieces - 1) / pieces, share: float32(pieces) / float32(n)}
		s.first = 1 - float32(begin%pieces)/float32(pieces)
		s.last = 1 - float32((pieces-end%pieces)%pieces)/float32(pieces)
		if s.to == s.from+1 {
			s.first, s.last = float32(n)/float32(pieces), 0
		}
		all[i] = s
	}
	return all
}

// shrinker averages rows into a smaller raster, by the area that each pixel covers.
type shrinker struct {
	width, height int
	columns       []span
	// rows are of the source, and next is the first piece that the coming row reaches.
	rows []span
	next int
	// line is one row of the source on the columns, and sums are the pieces so far.
	line, sums []float32
}

func newShrinker(width, height, toWidth, toHeight int) *shrinker {
	return &shrinker{
		width: toWidth, height: toHeight, columns: spans(width, toWidth), rows: spans(height, toHeight),
		line: make([]float32, 4*toWidth), sums: make([]float32, 4*toWidth*toHeight),
	}
}

// add takes the source's row y.
func (s *shrinker) add(y int, row []uint8) {
	for x, column := range s.columns {
		s.squeeze(s.line[4*x:4*x+4:4*x+4], column, row)
	}
	for s.next < s.height && s.rows[s.next].to <= y {
		s.next++
	}
	for piece := s.next; piece < s.height && s.rows[piece].from <= y; piece++ {
		weight := s.rows[piece].weight(y) * s.rows[piece].share
		sums := s.sums[4*s.width*piece : 4*s.width*(piece+1)]
		for i, value := range s.line {
			sums[i] += weight * value
		}
	}
}

// weight is how much of that pixel the span covers.
func (s span) weight(at int) float32 {
	switch at {
	case s.from:
		return s.first
	case s.to - 1:
		return s.last
	}
	return 1
}

// squeeze averages the span of a row.
func (s *shrinker) squeeze(into []float32, column span, row []uint8) {
	pixels := row[4*column.from : 4*column.to]
	var red, green, blue, alpha uint32
	for ; len(pixels) >= 4; pixels = pixels[4:] {
		red += uint32(pixels[0])
		green += uint32(pixels[1])
		blue += uint32(pixels[2])
		alpha += uint32(pixels[3])
	}
	// The pixels between were counted whole; those at the ends give back what lies outside.
	first, last := row[4*column.from:], row[4*column.to-4:]
	outside, behind := 1-column.first, 1-column.last
	if column.to == column.from+1 {
		behind = 0
	}
	for i, sum := range [4]uint32{red, green, blue, alpha} {
		into[i] = column.share * (float32(sum) - outside*float32(first[i]) - behind*float32(last[i]))
	}
}

// raster returns what was averaged.
func (s *shrinker) raster() *raster {
	r := &raster{width: s.width, height: s.height, pix: make([]uint8, len(s.sums))}
	for i, sum := range s.sums {
		r.pix[i] = clamp(float64(sum) + 0.5)
	}
	return r
}

// clamp cuts a value to a byte.
func clamp(value float64) uint8 { return uint8(min(255, max(0, value))) }

// scale averages the raster into one of another size.
func (r *raster) scale(width, height int) *raster {
	if r.width == width && r.height == height {
		return r
	}
	s := newShrinker(r.width, r.height, width, height)
	for y := range r.height {
		s.add(y, r.row(y))
	}
	return s.raster()
}

// row returns one row.
func (r *raster) row(y int) []uint8 { return r.pix[4*r.width*y : 4*r.width*(y+1)] }

// fit returns the size whose longer side is at most that long, of the same shape.
func fit(width, height, side int) (int, int) {
	longer := max(width, height)
	if longer <= side {
		return width, height
	}
	return max(1, width*side/longer), max(1, height*side/longer)
}

// stripRows is how many rows are turned into eight-bit colors at once.
const stripRows = 32

// reduce reads a decoded picture once, from top to bottom: it returns its preview, and what is
// measured on every pixel.
func reduce(img image.Image) (*raster, measures) {
	bounds := img.Bounds()
	width, height := fit(bounds.Dx(), bounds.Dy(), PreviewSide)
	preview := &raster{width: width, height: height}
	var small *shrinker // nil where there is nothing to average
	if width != bounds.Dx() || height != bounds.Dy() {
		small = newShrinker(bounds.Dx(), bounds.Dy(), width, height)
	}
	var full meter
	strip := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), min(stripRows, bounds.Dy())))
	for top := 0; top < bounds.Dy(); top += stripRows {
		rows := min(stripRows, bounds.Dy()-top)
		draw.Draw(strip, image.Rect(0, 0, bounds.Dx(), rows), img, image.Pt(bounds.Min.X, bounds.Min.Y+top), draw.Src)
		for y := range rows {
			row := strip.Pix[y*strip.Stride : (y+1)*strip.Stride]
			full.add(row)
			if small == nil {
				preview.pix = append(preview.pix, row...)
				continue
			}
			small.add(top+y, row)
		}
		full.addNoise(strip, rows)
	}
	if small != nil {
		preview = small.raster()
	}
	return preview, full.measures()
}

// turn returns the raster as its camera was held.
func (r *raster) turn(orientation int) *raster {
	if orientation <= 1 {
		return r
	}
	t := &raster{width: r.width, height: r.height, pix: make([]uint8, len(r.pix))}
	if orientation >= 5 {
		t.width, t.height = r.height, r.width
	}
	for y := range t.height {
		for x := range t.width {
			fromX, fromY := origin(orientation, x, y, r.width, r.height)
			copy(t.pix[4*(y*t.width+x):][:4], r.pix[4*(fromY*r.width+fromX):][:4])
		}
	}
	return t
}

// origin returns where the pixel stood in the stored picture of that size.
func origin(orientation, x, y, width, height int) (int, int) {
	switch orientation {
	case 2:
		return width - 1 - x, y
	case 3:
		return width - 1 - x, height - 1 - y
	case 4:
		return x, height - 1 - y
	case 5:
		return y, x
	case 6:
		return y, height - 1 - x
	case 7:
		return width - 1 - y, height - 1 - x
	case 8:
		return width - 1 - y, x
	}
	return x, y
}

// subsample returns the raster with one color for two rows of two pixels, as nearly all JPEG and
// all lossy WebP have it. A picture and what was saved of it are alike then, but for what saving
// lost of their light: at quality 90 else every third would seem changed, by the edges of its reds
// alone.
func (r *raster) subsample() *raster {
	out := &raster{width: r.width, height: r.height, pix: make([]uint8, len(r.pix))}
	for y := 0; y < r.height; y += 2 {
		for x := 0; x < r.width; x += 2 {
			out.share(r, x, y, min(x+2, r.width), min(y+2, r.height))
		}
	}
	return out
}

// share gives a few pixels of another raster the mean of their colors, and each its own light.
func (r *raster) share(from *raster, left, top, right, bottom int) {
	var lights [4]uint8
	blue, red, n := 0, 0, 0
	for y := top; y < bottom; y++ {
		for x := left; x < right; x++ {
			at := 4 * (y*from.width + x)
			light, cb, cr := color.RGBToYCbCr(from.pix[at], from.pix[at+1], from.pix[at+2])
			lights[n] = light
			blue, red, n = blue+int(cb), red+int(cr), n+1
		}
	}
	cb, cr := uint8((blue+n/2)/n), uint8((red+n/2)/n)
	n = 0
	for y := top; y < bottom; y++ {
		for x := left; x < right; x++ {
			at := 4 * (y*r.width + x)
			r.pix[at], r.pix[at+1], r.pix[at+2] = color.YCbCrToRGB(lights[n], cb, cr)
			r.pix[at+3] = from.pix[at+3]
			n++
		}
	}
}
