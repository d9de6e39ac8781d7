package main

import (
	"bytes"
	"encoding/hex"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of the README is of these thresholds. Whoever changes one measures anew: on the tune
// half first, then the digest, then a hold-out of sources that were never looked at.
func TestTheThresholdsAreThoseOfTheTable(t *testing.T) {
	texts, err := readThresholds("../../..")
	require.NoError(t, err)
	require.NoError(t, compareDigest(frozen, texts...), "choose thresholds by make bench-evidence HALF=tune, write the digest, run make bench-evidence, and put its table into the README")
}

func TestTheHoldOutIsClosedToOtherThresholds(t *testing.T) {
	first, err := codeDigest([]byte("package pixel\n\n// Four.\nconst A = 4 // levels\n"))
	require.NoError(t, err)
	require.NoError(t, compareDigest(first, []byte("package pixel\n\n// In words that are clearer.\nconst A = 4\n")))
	require.ErrorIs(t, compareDigest(first, []byte("package pixel\n\n// Four.\nconst A = 5 // levels\n")), errThawed)
	require.Error(t, compareDigest(first, []byte("no code")))
}

func TestNothingIsWhatNoEyeTellsFromItsGround(t *testing.T) {
	ground := filled(image.Rect(0, 0, 160, 160), color.NRGBA{24, 26, 30, 255})
	residue, mark, white := clone(ground), clone(ground), silhouette(ground, color.NRGBA{255, 255, 255, 255})
	for i := 0; i < len(residue.Pix); i += 4 {
		for channel := range 3 {
			residue.Pix[i+channel] += uint8(i / 4 % 5)
		}
	}
	fill(mark, image.Rect(80, 80, 81, 81), color.NRGBA{36, 38, 42, 255})
	for i := 3; i < len(white.Pix)/2; i += 4 {
		white.Pix[i] = 0
	}
	assert.True(t, showsNothing(ground))
	assert.True(t, showsNothing(residue))
	assert.True(t, showsNothing(image.NewNRGBA(ground.Rect)), "wholly transparent")
	assert.False(t, showsNothing(mark), "one pixel that is seen is enough")
	assert.False(t, showsNothing(white), "white on nothing is seen over black")
	assert.InDelta(t, 100, labOf([3]float64{255, 255, 255})[0], 0.01)
	red := labOf([3]float64{255, 0, 0})
	assert.InDeltaSlice(t, []float64{53.24, 80.09, 67.20}, red[:], 0.05, "as tables of L*a*b* have it")
}

// pictures writes a photo, a cut-out and a page of text, and returns their folder.
func pictures(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	cutout := image.NewNRGBA(image.Rect(0, 0, 160, 160))
	for i := range 9 {
		fill(cutout, image.Rect(40+i*8, 30+i*10, 120, 120), color.NRGBA{uint8(20 * i), 90, uint8(255 - 20*i), 255})
	}
	page := filled(image.Rect(0, 0, 160, 200), color.White)
	for y := 10; y < 190; y += 12 {
		fill(page, image.Rect(12, y, 60+(y*37)%90, y+5), color.Black)
	}
	for name, body := range map[string][]byte{"photo.jpg": toJPEG(scene(160), 92), "cut-out.png": toPNG(cutout), "page.png": toPNG(page)} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), body, 0o644))
	}
	return folder
}

func TestAFewPicturesHoldEveryDemand(t *testing.T) {
	sources, err := sourcesOf(io.Discard, options{folder: pictures(t)})
	require.NoError(t, err)
	require.Len(t, sources, 3)
	all := lookAtAll(t.Context(), sources, options{sample: 3})
	var text bytes.Buffer
	require.NoError(t, all.write(&text), all.sights)
	assert.Greater(t, all.looks(), 100)
	assert.Contains(t, text.String(), "| cut to 10–50 % | 3/0/0 | 3/0/0 | 36.840 % | – |")
	assert.Contains(t, text.String(), "| as it is | 0/3/0 | 0/3/0 | 63.16 % |")
}

func TestTheListsNameEachPictureOnce(t *testing.T) {
	tune, holdOut := listed(halfTune), listed(halfHoldOut)
	assert.Greater(t, len(tune), 4000)
	assert.Greater(t, len(holdOut), 2000)
	for of, names := range map[half]map[string]bool{halfTune: tune, halfHoldOut: holdOut} {
		assert.Len(t, strings.Fields(lists[of]), len(names))
		for name := range names {
			_, err := hex.DecodeString(name)
			require.NoError(t, err)
			require.Len(t, name, listDigits)
			assert.False(t, tune[name] && holdOut[name], "%s was looked at: it is held out no more", name)
		}
	}
}

func TestEnoughIsTriedForABoundOfNinetyNinePercent(t *testing.T) {
	assert.GreaterOrEqual(t, lowerBound(6*enough, 6*enough), 0.99)
	assert.Equal(t, enough, row{group: groupDefect, demand: demanded}.of(1))
	assert.Equal(t, 100, row{group: groupDefect, demand: demanded}.of(100))
}

func TestABoundIsThreeOverTheCountForNone(t *testing.T) {
	assert.InDelta(t, 3.0/4000, upperBound(0, 4000), 0.000_002)
	assert.InDelta(t, 0.394, upperBound(1, 10), 0.001, "Clopper and Pearson's tables")
	assert.InDelta(t, 1-0.394, lowerBound(9, 10), 0.001)
	assert.InDelta(t, 1, upperBound(10, 10), 0)
}

func TestANoteChangesNoPixel(t *testing.T) {
	p := scene(256)
	for name, body := range map[string][]byte{"png": toPNG(p), "jpeg": toJPEG(p, 90)} {
		before, _, err := image.Decode(bytes.NewReader(body))
		require.NoError(t, err, name)
		after, _, err := image.Decode(bytes.NewReader(withNote(body, "made by a model")))
		require.NoError(t, err, name)
		assert.Equal(t, before, after, name)
		assert.NotEqual(t, body, withNote(body, "made by a model"), name)
	}
}

func TestALookAtOnePictureHasACost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picture")
	require.NoError(t, os.WriteFile(path, toPNG(scene(256)), 0o644))
	var text bytes.Buffer
	require.NoError(t, costOf(&text, path, lookOnce))
	assert.Regexp(t, `^\d+ \d+\n$`, text.String())
}
