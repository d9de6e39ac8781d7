package pixel

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"
)

const (
	// previewQuality is a JPEG's: staff look for defects, and see none of ours.
	previewQuality = 90
	// mapSide is the longer side of a difference map.
	mapSide = 512
	// mapGain is by how much a difference is made brighter: 4 of 255, where a picture begins to
	// have changed, are then seen.
	mapGain = 4
)

// encode draws the preview anew: of the body that was sent nothing is left in it. A transparent one
// is a PNG.
func (s sight) encode() []byte {
	if s.preview == nil {
		return nil
	}
	if !s.preview.opaque() {
		return encodePNG(s.preview.rgba())
	}
	var body bytes.Buffer
	if jpeg.Encode(&body, s.preview.rgba(), &jpeg.Options{Quality: previewQuality}) != nil {
		return nil
	}
	return body.Bytes()
}

func encodePNG(img image.Image) []byte {
	var body bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if encoder.Encode(&body, img) != nil {
		return nil
	}
	return body.Bytes()
}

// sameShape reports whether both were decoded, and their sides stand in one ratio: else one was
// cut, and a pixel of it has none to be compared with.
func sameShape(a, b sight) bool {
	return a.preview != nil && b.preview != nil && aspectGap(a.picture.Size.Width, a.picture.Size.Height, b.picture.Size.Width, b.picture.Size.Height) <= WrongAspect
}

// aspectGap is how much of itself the ratio of two sides differs from that of two others.
func aspectGap(width, height, otherWidth, otherHeight int) float64 {
	ratio := float64(width) * float64(otherHeight) / (float64(height) * float64(otherWidth))
	return math.Max(ratio, 1/ratio) - 1
}

// differenceMap is a grey picture of how much the two differ at each pixel.
func differenceMap(output, input *raster) []byte {
	width, height := fit(output.width, output.height, mapSide)
	a, b := output.scale(width, height), input.scale(width, height)
	grey := image.NewGray(image.Rect(0, 0, width, height))
	for i := range grey.Pix {
		largest := 0
		for channel := range 4 {
			gap := int(a.pix[4*i+channel]) - int(b.pix[4*i+channel])
			largest = max(largest, gap, -gap)
		}
		grey.Pix[i] = uint8(min(255, mapGain*largest))
	}
	return encodePNG(grey)
}
