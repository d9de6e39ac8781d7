package pixel

import (
	"math"
	"math/bits"

	"makegood/shared/evidence"
)

const (
	// copySide is of the copy that every comparison rests on.
	copySide = 256
	// tileSide is of one tile of it, and tilesAcross is how many stand in a row.
	tileSide    = 16
	tilesAcross = copySide / tileSide
)

// printBackground is what a print sees a transparent picture over: a color that few pictures hold.
var printBackground = [3]int{255, 0, 255}

// printOf makes the print of a copy.
func printOf(copied *raster) evidence.Print {
	solid := &raster{width: copied.width, height: copied.height, pix: make([]uint8, len(copied.pix))}
	for at := 0; at < len(solid.pix); at += 4 {
		for channel, background := range printBackground {
			solid.pix[at+channel] = uint8(min(255, over(copied.pix[at+channel], copied.pix[at+3], background)))
		}
		solid.pix[at+3] = 255
	}
	tiles := solid.scale(tilesAcross, tilesAcross)
	print := evidence.Print{Tiles: make([]byte, 0, 3*tilesAcross*tilesAcross)}
	for at := 0; at < len(tiles.pix); at += 4 {
		print.Tiles = append(print.Tiles, tiles.pix[at:at+3]...)
	}
	// Eight rows of nine: each bit says whether a pixel is brighter than the one to its right.
	small := solid.scale(9, 8)
	for y := range 8 {
		row := small.row(y)
		for x := range 8 {
			print.Hash <<= 1
			if bright(row[4*x:]) > bright(row[4*x+4:]) {
				print.Hash |= 1
			}
		}
	}
	return print
}

// Difference is how much the tile that differs most differs between two prints, of 255; that of a
// print without tiles to any other is 255.
func Difference(a, b evidence.Print) float64 {
	if len(a.Tiles) != len(b.Tiles) || len(a.Tiles) == 0 {
		return 255
	}
	largest := 0
	for i := range a.Tiles {
		gap := int(a.Tiles[i]) - int(b.Tiles[i])
		largest = max(largest, gap, -gap)
	}
	return float64(largest)
}

// Near reports whether two prints are of what looks like one picture: hashes propose, tiles
// confirm.
func Near(a, b evidence.Print) bool {
	return bits.OnesCount64(a.Hash^b.Hash) <= NearBits && Difference(a, b) < NearTiles
}

// tileDifference is how much the tile that differs most differs between two copies. It is seen over
// white and over black, since a cut-out on white is no picture that was left as it is.
func tileDifference(a, b *raster) float64 {
	largest, seen := 0.0, []int{255, 0}
	if a.opaque() && b.opaque() {
		seen = seen[:1] // both are alike
	}
	for _, background := range seen {
		for top := 0; top < copySide; top += tileSide {
			for left := 0; left < copySide; left += tileSide {
				largest = math.Max(largest, tileGap(a, b, left, top, background))
			}
		}
	}
	return largest
}

// tileGap is the mean difference of the light of a tile's pixels, or half of that of its mean
// color: saving a picture again moves colors between neighbors, and no light. A thin line is little
// of a tile, so that the pixel whose light differs most counts too, with SpotWeight of it.
func tileGap(a, b *raster, left, top, background int) float64 {
	light, blue, red, spot := 0, 0, 0, 0
	for y := top; y < top+tileSide; y++ {
		from, to := 4*left, 4*(left+tileSide)
		rowA, rowB := a.row(y)[from:to], b.row(y)[from:to]
		for at := 0; at < len(rowA); at += 4 {
			lightA, blueA, redA := tones(rowA[at:at+4], background)
			lightB, blueB, redB := tones(rowB[at:at+4], background)
			gap := max(lightA-lightB, lightB-lightA)
			light += gap
			spot = max(spot, gap)
			blue += blueA - blueB
			red += redA - redB
		}
	}
	tint := max(blue, -blue, red, -red)
	return max(max(float64(light), float64(tint)/2)/(tileSide*tileSide), SpotWeight*float64(spot)) / 1000
}

// tones are a pixel's light, and how far blue and red are from it, in thousandths of 255 levels
// each, as JPEG weighs them.
func tones(pixel []uint8, background int) (light, blue, red int) {
	r, g, b := over(pixel[0], pixel[3], background), over(pixel[1], pixel[3], background), over(pixel[2], pixel[3], background)
	light = 299*r + 587*g + 114*b
	return light, (1000*b - light) * 564 / 1000, (1000*r - light) * 713 / 1000
}
