package main

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"
)

// workingSide is the longer side of what rows change: a look at a larger one takes longer, and sees
// the same.
const workingSide = 512

// subject is a source and what rows make pictures of.
type subject struct {
	source
	// body is the file as it is.
	body []byte
	// image is the picture at its size, of at most workingSide; nil where it was not decoded.
	image *image.NRGBA
	// larger says that the file's picture is.
	larger bool
	// shrunk is the image as PNG where the picture is larger, nil where it is not, or not needed
	// yet.
	shrunk []byte
	// before is the body that a filter's example was made from, nil for all others.
	before []byte
	// tools is where the encoder of WebP lies, "" where there is none.
	tools string
}

// open reads a source, nil where it shows nothing. What Go's decoder refuses still is a legitimate
// picture, which others may read; nothing is made of it.
func open(s source, tools string) (*subject, error) {
	body, err := os.ReadFile(s.path)
	if err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return &subject{source: s, body: body}, nil //nolint:nilerr // the look has to say so
	}
	whole := toNRGBA(picture)
	if showsNothing(whole) {
		return nil, nil //nolint:nilnil // no error, and nothing to look at
	}
	one := &subject{source: s, body: body, image: shrink(whole, workingSide), before: beforeOf(s.path, whole.Bounds()), tools: tools}
	one.larger = one.image != whole
	return one, nil
}

// random is the same for a source and a row on every machine.
func (s *subject) random(row string) *rand.Rand {
	seed := append(bytes.Clone(s.digest[:]), row...)
	return rand.New(rand.NewChaCha8(sha256.Sum256(seed)))
}

// small is the file as it is where its picture has at most workingSide, else its image as PNG.
func (s *subject) small() []byte {
	if !s.larger {
		return s.body
	}
	if s.shrunk == nil {
		s.shrunk = toPNG(s.image)
	}
	return s.shrunk
}

// cutoutShare is how much of a cut-out is fully transparent, at the least, of 100.
const cutoutShare = 10

// isCutout reports whether something else can stand behind what the picture shows.
func (s *subject) isCutout() bool {
	clear := 0
	for i := 3; i < len(s.image.Pix); i += 4 {
		if s.image.Pix[i] == 0 {
			clear++
		}
	}
	return 100*clear >= cutoutShare*len(s.image.Pix)/4
}

// isOpaque reports whether no pixel is transparent.
func (s *subject) isOpaque() bool { return s.image.Opaque() }

// beforeOf finds what a filter's example was made from: the folder's "orig" of the same name before
// its hyphens, and of the same size.
func beforeOf(path string, bounds image.Rectangle) []byte {
	folder, name := filepath.Split(path)
	if !strings.Contains(folder, "/filters/examples/") || strings.Contains(name, "orig") {
		return nil
	}
	stem, _, _ := strings.Cut(strings.TrimSuffix(name, filepath.Ext(name)), "-ex")
	candidates := []string{stem + "-orig", stem + "-ex-orig"}
	for i := strings.LastIndex(stem, "-"); i > 0; i = strings.LastIndex(stem[:i], "-") {
		candidates = append(candidates, stem[:i]+"-orig", stem[:i]+"-original", stem[:i]+"-before")
	}
	if strings.Contains(name, "taj") {
		candidates = append(candidates, "taj_orig", "../taj_orig")
	}
	for _, candidate := range candidates {
		for _, extension := range []string{".png", ".jpg"} {
			body, err := os.ReadFile(filepath.Join(folder, candidate+extension))
			if err != nil {
				continue
			}
			if config, _, err := image.DecodeConfig(bytes.NewReader(body)); err == nil && config.Width == bounds.Dx() && config.Height == bounds.Dy() {
				return body
			}
		}
	}
	return nil
}

func toNRGBA(picture image.Image) *image.NRGBA {
	if same, is := picture.(*image.NRGBA); is && same.Rect.Min == (image.Point{}) {
		return same
	}
	whole := image.NewNRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	draw.Draw(whole, whole.Rect, picture, picture.Bounds().Min, draw.Src)
	return whole
}

// isFlat reports whether every pixel is the same, or transparent.
func isFlat(p *image.NRGBA) bool {
	var first color.NRGBA
	for i := 0; i < len(p.Pix); i += 4 {
		pixel := color.NRGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3]}
		if pixel.A == 0 {
			pixel = color.NRGBA{}
		}
		if i == 0 {
			first = pixel
		}
		if pixel != first {
			return false
		}
	}
	return true
}

// shrink returns the picture with its longer side at most that long.
func shrink(p *image.NRGBA, side int) *image.NRGBA {
	longer := max(p.Rect.Dx(), p.Rect.Dy())
	if longer <= side {
		return p
	}
	return resize(p, max(1, p.Rect.Dx()*side/longer), max(1, p.Rect.Dy()*side/longer))
}

func resize(p *image.NRGBA, width, height int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	var scaler draw.Scaler = draw.ApproxBiLinear
	if width < p.Rect.Dx() {
		scaler = draw.BiLinear // averages, where the other picks
	}
	scaler.Scale(out, out.Rect, p, p.Rect, draw.Src, nil)
	return out
}

// flatten puts the picture on a background.
func flatten(p *image.NRGBA, background color.Color) *image.NRGBA {
	out := filled(p.Rect, background)
	draw.Draw(out, out.Rect, p, image.Point{}, draw.Over)
	return out
}

func filled(bounds image.Rectangle, c color.Color) *image.NRGBA {
	out := image.NewNRGBA(bounds)
	draw.Draw(out, bounds, image.NewUniform(c), image.Point{}, draw.Src)
	return out
}

// differ reports whether two pictures of one size differ anywhere, but for what is transparent.
func differ(a, b *image.NRGBA) bool {
	for i := 0; i < len(a.Pix); i += 4 {
		clear := a.Pix[i+3] == 0 && b.Pix[i+3] == 0
		if !clear && [4]uint8(a.Pix[i:i+4]) != [4]uint8(b.Pix[i:i+4]) {
			return true
		}
	}
	return false
}

func clone(p *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(p.Rect)
	copy(out.Pix, p.Pix)
	return out
}

// tone applies a curve of 0 to 1 to red, green and blue, after the picture was stretched to the
// whole range: whoever photographs at night exposes for what shines.
func tone(p *image.NRGBA, curve func(float64) float64) *image.NRGBA {
	low, high := uint8(255), uint8(0)
	for i := 0; i < len(p.Pix); i += 4 {
		for _, value := range p.Pix[i : i+3] {
			if p.Pix[i+3] > 0 {
				low, high = min(low, value), max(high, value)
			}
		}
	}
	var table [256]uint8
	for value := range table {
		at := (float64(value) - float64(low)) / math.Max(1, float64(high)-float64(low))
		table[value] = toByte(255 * curve(math.Min(1, math.Max(0, at))))
	}
	out := clone(p)
	for i := 0; i < len(out.Pix); i += 4 {
		for channel := range 3 {
			out.Pix[i+channel] = table[out.Pix[i+channel]]
		}
	}
	return out
}

func toByte(value float64) uint8 { return uint8(math.Min(255, math.Max(0, math.Round(value)))) }
