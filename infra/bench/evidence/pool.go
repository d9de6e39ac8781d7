package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
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
	{"endless-sky-data/usr/share/games/endless-sky/images/land/", kindPhoto},
	{"endless-sky-data/usr/share/games/endless-sky/images/outfit/", kindCutout},
	{"endless-sky-data/usr/share/games/endless-sky/images/planet/", kindCutout},
	{"endless-sky-data/usr/share/games/endless-sky/images/ship/", kindCutout},
	{"endless-sky-data/usr/share/games/endless-sky/images/scene/", kindWallpaper},
	{"gnome-user-docs/", kindScreen},
	{"qtbase5-doc-html/", kindScreen},
	{"qtcreator-doc/", kindScreen},
	{"octave-doc/", kindFigure},
	{"python-sklearn-doc/", kindFigure},
	{"python-statsmodels-doc/", kindFigure},
	{"jigzo-data/", kindPhoto},
	{"neverball-data/", kindWallpaper},
	{"propaganda-debian/", kindWallpaper},
	{"xfdesktop4-data/", kindWallpaper},
}

// half is a part of the pool: thresholds are chosen on one, and tried once on the other.
type half string

const (
	halfTune    half = "tune"
	halfHoldOut half = "hold-out"
)

// The lists of both halves: the first 6 bytes of the SHA-256 of each source, in hexadecimal digits,
// eight to a line. A source that was ever looked at is on the first.
var (
	//go:embed tune.txt
	tuneList string
	//go:embed hold-out.txt
	holdOutList string

	lists = map[half]string{halfTune: tuneList, halfHoldOut: holdOutList}
)

// holdOutFile is where the list of the hold-out lies.
const holdOutFile = "infra/bench/evidence/hold-out.txt"

// source is a picture as a package or a folder has it.
type source struct {
	path   string
	kind   kind
	digest [sha256.Size]byte
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

// listDigits is how much of a digest the list holds. Two of 10,000 sources share so much once in
// ten million pools.
const listDigits = 12

// listed returns what the list of a half holds.
func listed(of half) map[string]bool {
	all := map[string]bool{}
	for _, one := range strings.Fields(lists[of]) {
		all[one] = true
	}
	return all
}

func (s source) listName() string { return hex.EncodeToString(s.digest[:])[:listDigits] }

// writeList writes the hold-out's list: all that the pool holds, and that was never looked at.
func writeList(root string) error {
	all, err := walk(root, kindOfPool)
	if err != nil {
		return err
	}
	opened := listed(halfTune)
	all = slices.DeleteFunc(all, func(s source) bool { return opened[s.listName()] })
	var text strings.Builder
	for i, one := range all {
		end := " "
		if i%8 == 7 || i == len(all)-1 {
			end = "\n"
		}
		text.WriteString(one.listName() + end)
	}
	return os.WriteFile(holdOutFile, []byte(text.String()), 0o644)
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
	names := listed(half(o.half))
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: %s", errNoHalf, o.half)
	}
	here := len(all)
	all = slices.DeleteFunc(all, func(s source) bool { return !names[s.listName()] })
	fmt.Fprintf(w, "Half: %s. Of %d pictures on its list %d are here, of %d in all.\n", o.half, len(names), len(all), here)
	return all, nil
}

// errNoHalf is a half that is none.
var errNoHalf = errors.New("no such half: tune or hold-out")
