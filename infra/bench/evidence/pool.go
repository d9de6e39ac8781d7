package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"  // read by sizeOf
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/webp" // as above
)

// minSide is the least that a source's shorter side has: what is smaller is an icon, and no
// generator's output.
const minSide = 128

// kind says what a source shows.
type kind string

const (
	kindCutout    kind = "cut-out"
	kindDrawing   kind = "drawing"
	kindScreen    kind = "screen"
	kindFigure    kind = "figure"
	kindPhoto     kind = "photo"
	kindWallpaper kind = "wallpaper"
	kindOwn       kind = "your own"
)

// folders says which kind a folder of the pool holds; the first that fits counts.
var folders = []struct {
	below string
	kind  kind
}{
	{"tuxpaint-stamps-default/", kindCutout},
	{"drawn-cutout/", kindCutout},
	{"drawn-drawing/", kindDrawing},
	{"gimp-help-en/usr/share/gimp/2.0/help/en/images/filters/examples/", kindPhoto},
	{"gimp-help-en/usr/share/gimp/2.0/help/en/images/tutorials/", kindPhoto},
	{"gimp-help-en/", kindScreen},
	{"opencv-doc/usr/share/doc/opencv-doc/examples/", kindPhoto},
	{"opencv-doc/", kindFigure},
	{"python-skimage-doc/", kindFigure},
	{"scikit-image/", kindPhoto},
	{"scikit-learn/", kindPhoto},
	{"palapeli-data/", kindPhoto},
	{"desktop-base/", kindWallpaper},
	{"gnome-backgrounds/", kindWallpaper},
	{"mate-backgrounds/", kindWallpaper},
	{"plasma-workspace-wallpapers/", kindWallpaper},
	{"ukui-wallpapers/", kindWallpaper},
	{"lomiri-wallpapers-16.04/", kindWallpaper},
	{"lomiri-wallpapers-20.04/", kindWallpaper},
}

// half is a part of the pool: thresholds are chosen on one, and tried once on the other.
type half string

const (
	halfTune    half = "tune"
	halfHoldOut half = "hold-out"
)

// source is a picture as a package or a folder has it.
type source struct {
	path   string
	kind   kind
	digest [sha256.Size]byte
}

// half is by the digest, so that a picture is in the same half on every machine. What is made of a
// source is in the source's half.
func (s source) half() half {
	if sha256.Sum256(s.digest[:])[0]&1 == 0 {
		return halfTune
	}
	return halfHoldOut
}

// digestOf is that of the file; a drawing's name is the digest of the file that it was drawn from,
// since another version of the drawing program draws other bytes.
func digestOf(path string, body []byte) [sha256.Size]byte {
	digest := sha256.Sum256(body)
	name := strings.TrimSuffix(filepath.Base(path), ".png")
	if drawn, err := hex.DecodeString(name); err == nil && len(drawn) == sha256.Size {
		return [sha256.Size]byte(drawn)
	}
	return digest
}

// walk returns the pictures below a folder that are large enough, each digest once, by digest.
func walk(root string, kindOf func(below string) (kind, bool)) ([]source, error) {
	byDigest := map[[sha256.Size]byte]source{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp"}, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		below, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		of, listed := kindOf(filepath.ToSlash(below))
		info, err := os.Stat(path)
		if err != nil || !listed || !info.Mode().IsRegular() {
			return nil //nolint:nilerr // a link to nowhere is no picture
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(body))
		if err != nil || min(config.Width, config.Height) < minSide {
			return nil //nolint:nilerr // what is no picture in its package is none here
		}
		digest := digestOf(path, body)
		if prior, again := byDigest[digest]; !again || path < prior.path {
			byDigest[digest] = source{path, of, digest}
		}
		return nil
	})
	var all []source
	for _, one := range byDigest {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b source) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	return all, err
}

func kindOfPool(below string) (kind, bool) {
	for _, one := range folders {
		if strings.HasPrefix(below, one.below) {
			return one.kind, true
		}
	}
	return "", false
}

// digests is the list of the pool: the first 6 bytes of the SHA-256 of each source, in hexadecimal
// digits, eight to a line.
//
//go:embed digests.txt
var digests string

// listDigits is how much of a digest the list holds. Two of 10,000 sources share so much once in
// ten million pools.
const listDigits = 12

// listed returns what the list holds.
func listed() map[string]bool {
	all := map[string]bool{}
	for _, one := range strings.Fields(digests) {
		all[one] = true
	}
	return all
}

func (s source) listName() string { return hex.EncodeToString(s.digest[:])[:listDigits] }

// writeList writes the list of all that the pool holds.
func writeList(root string) error {
	all, err := walk(root, kindOfPool)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, one := range all {
		end := " "
		if i%8 == 7 || i == len(all)-1 {
			end = "\n"
		}
		text.WriteString(one.listName() + end)
	}
	return os.WriteFile("infra/bench/evidence/digests.txt", []byte(text.String()), 0o644)
}

// sourcesOf returns what is looked at: a folder of one's own in whole, or a half of the pool, of
// what the list names.
func sourcesOf(w io.Writer, o options) ([]source, error) {
	if o.folder != "" {
		return walk(o.folder, func(string) (kind, bool) { return kindOwn, true })
	}
	if half(o.half) == halfHoldOut {
		if err := thresholdsAreFrozen(); err != nil {
			return nil, err
		}
	}
	all, err := walk(o.pool, kindOfPool)
	if err != nil {
		return nil, err
	}
	names, found := listed(), 0
	var chosen []source
	for _, one := range all {
		if !names[one.listName()] {
			continue
		}
		found++
		if one.half() == half(o.half) {
			chosen = append(chosen, one)
		}
	}
	fmt.Fprintf(w, "Half: %s. Of %d pictures on the list %d are here, and %d that are not on it are left out.\n", o.half, len(names), found, len(all)-found)
	return chosen, nil
}
