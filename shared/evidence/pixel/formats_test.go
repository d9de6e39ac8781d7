package pixel_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// sample reads a file that testdata/make.sh drew.
func sample(t rapid.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return body
}

var deciding = []evidence.Name{
	evidence.Empty, evidence.Undecodable, evidence.Truncated, evidence.Blank, evidence.WrongSize, evidence.FailureCard, evidence.Unchanged,
}

// decidable are the signals that are present and may decide.
func decidable(look pixel.Look) []evidence.Name {
	names := []evidence.Name{}
	for _, name := range present(look) {
		for _, may := range deciding {
			if name == may {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestEachFormatIsReadAndDrawnAnew(t *testing.T) {
	for name, format := range map[string]string{
		"lossy.webp": "webp", "lossless.webp": "webp", "cutout.webp": "webp", "cutout-lossless.webp": "webp",
		"progressive.jpg": "jpeg", "cmyk.jpg": "jpeg", "scene.png": "png",
	} {
		look := pixel.At(pixel.Question{Output: sample(t, name)})
		assert.Equal(t, format, look.Output.Format, name)
		assert.Equal(t, evidence.Size{Width: 96, Height: 64}, look.Output.Size, name)
		assert.Equal(t, 1, look.Output.Frames, name)
		assert.Empty(t, decidable(look), name)
		preview, kind, err := image.Decode(bytes.NewReader(look.OutputPreview))
		require.NoError(t, err, name)
		assert.Equal(t, image.Pt(96, 64), preview.Bounds().Size(), name)
		want := "jpeg"
		if strings.HasPrefix(name, "cutout") {
			want = "png" // nothing else keeps what shines through
		}
		assert.Equal(t, want, kind, name)
	}
}

func TestDeepAndPaletteColorsAreRead(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 60, 60))
	grey := image.NewGray16(image.Rect(0, 0, 60, 60))
	colors := image.NewPaletted(image.Rect(0, 0, 60, 60), color.Palette{color.Transparent, color.White, color.NRGBA{200, 0, 0, 255}})
	for y := range 60 {
		for x := range 60 {
			deep.Set(x, y, color.NRGBA64{uint16(x * 1000), uint16(y * 1000), 0, 0xffff})
			grey.Set(x, y, color.Gray16{uint16(x * y * 18)})
			colors.SetColorIndex(x, y, uint8((x/20+y/20)%3))
		}
	}
	for _, img := range []image.Image{deep, grey, colors} {
		look := pixel.At(pixel.Question{Output: asPNG(t, img)})
		assert.Empty(t, decidable(look))
		assert.Empty(t, look.Output.Problem)
		assert.NotEmpty(t, look.OutputPreview)
		assert.Greater(t, signalOf(t, look, evidence.Blank).Value, 100.0)
	}
}

func TestAPictureStandsAsItsCameraWasHeld(t *testing.T) {
	upright := sample(t, "upright.png")
	for _, name := range []string{"turned.jpg", "turned.png", "turned.webp"} {
		look := pixel.At(pixel.Question{Output: sample(t, name), Input: upright, MustChange: true, Requested: evidence.Size{Width: 64, Height: 96}})
		assert.Equal(t, evidence.Size{Width: 64, Height: 96}, look.Output.Size, name)
		assert.True(t, signalOf(t, look, evidence.Unchanged).Present, name)
		assert.False(t, signalOf(t, look, evidence.WrongSize).Present, name)
		preview, _, err := image.DecodeConfig(bytes.NewReader(look.OutputPreview))
		require.NoError(t, err)
		assert.Equal(t, []int{64, 96}, []int{preview.Width, preview.Height}, name)
	}
}

func TestOfWhatMovesTheFirstFrameDecidesNothing(t *testing.T) {
	first := image.NewPaletted(image.Rect(0, 0, 40, 40), color.Palette{color.White, color.Black})
	second := image.NewPaletted(image.Rect(0, 0, 40, 40), first.Palette)
	for i := range second.Pix[:800] {
		second.Pix[i] = 1
	}
	var body bytes.Buffer
	require.NoError(t, gif.EncodeAll(&body, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{9, 9}}))
	look := pixel.At(pixel.Question{Output: body.Bytes(), MustChange: true, Input: asPNG(t, first)})
	assert.Equal(t, 2, look.Output.Frames)
	assert.Empty(t, decidable(look))
	assert.NotEmpty(t, look.OutputPreview)

	look = pixel.At(pixel.Question{Output: sample(t, "animated.png")})
	assert.Equal(t, 2, look.Output.Frames)
	assert.Empty(t, decidable(look))
}

func TestOfAWebPThatMovesStaffSeeTheFirstFrame(t *testing.T) {
	body := sample(t, "animated.webp")
	look := pixel.At(pixel.Question{Output: body, MustChange: true, Input: sample(t, "scene.png")})
	assert.Empty(t, look.Output.Problem)
	assert.Equal(t, 2, look.Output.Frames)
	assert.Equal(t, evidence.Size{Width: 96, Height: 64}, look.Output.Size)
	assert.Empty(t, decidable(look))
	assert.Less(t, pixel.Difference(look.Output.Print, look.Input.Print), 30.0)

	// One that moves by a single frame, and one whose frame is larger than what it is a part of.
	one := bytes.Clone(body)
	copy(one[bytes.LastIndex(one, []byte("ANMF")):], "JUNK")
	large := bytes.Clone(body)
	large[bytes.Index(large, []byte("ANMF"))+8+6] = 0xff
	for _, body := range [][]byte{one, large} {
		look = pixel.At(pixel.Question{Output: body})
		assert.Equal(t, evidence.ProblemFormat, look.Output.Problem)
		assert.Empty(t, look.Signals)
	}
	// A frame that our decoder refuses is for a person, one that is cut is cut.
	broken := bytes.Clone(body)
	copy(broken[bytes.Index(broken, []byte("ANMF"))+8+16+8:], "\xff\xff\xff\xff")
	assert.Equal(t, evidence.ProblemFormat, pixel.At(pixel.Question{Output: broken}).Output.Problem)
	assert.Equal(t, []evidence.Name{evidence.Truncated}, decidable(pixel.At(pixel.Question{Output: body[:len(body)/2]})))
}

func TestBlackAndWhiteOfALossyWebPAreBlackAndWhite(t *testing.T) {
	assert.InDelta(t, 255, signalOf(t, pixel.At(pixel.Question{Output: sample(t, "ends.webp")}), evidence.Blank).Value, 1)
	for name, exact := range map[string]string{"lossy.webp": "scene.png", "cutout.webp": "cutout-lossless.webp"} {
		look := pixel.At(pixel.Question{Output: sample(t, name), Input: sample(t, exact), MustChange: true})
		assert.True(t, signalOf(t, look, evidence.Unchanged).Present, signalOf(t, look, evidence.Unchanged).Sentence)
	}
}

func TestWhatIsNeitherPictureNorVideoIsForAPerson(t *testing.T) {
	for _, body := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "<!doctype html><p>not found", `{"error":"gone"}`, "\x00", "BM\x00\x00",
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "RIFF\x00\x00\x00\x00WAVE", "%PDF-1.7", "PK\x03\x04",
	} {
		look := pixel.At(pixel.Question{Output: []byte(body)})
		assert.Equal(t, evidence.ProblemFormat, look.Output.Problem, body)
		assert.Empty(t, look.Signals, body)
		assert.Nil(t, look.OutputPreview, body)
		assert.Equal(t, "application/octet-stream", pixel.MediaType([]byte(body)), body)
	}
	for _, name := range []string{"plain.mkv", "plain.mov"} {
		assert.Equal(t, evidence.ProblemFormat, pixel.At(pixel.Question{Output: sample(t, name)}).Output.Problem, name)
	}
	assert.Equal(t, "video/mp4", pixel.MediaType(sample(t, "plain.mp4")))
}

func TestWhatIsHiddenBehindAPictureIsInNoPreview(t *testing.T) {
	hidden := "<script>alert(1)</script>"
	for _, body := range [][]byte{sample(t, "scene.png"), sample(t, "lossy.webp"), sample(t, "progressive.jpg"), asGIF(t, scene(40, 40))} {
		look := pixel.At(pixel.Question{Output: append(bytes.Clone(body), hidden...)})
		assert.Empty(t, look.Output.Problem)
		assert.Empty(t, decidable(look))
		assert.NotContains(t, string(look.OutputPreview), hidden)
	}
	// In a comment of the picture, too.
	withText := chunked(t, sample(t, "scene.png"), "tEXt", []byte("Comment\x00"+hidden), true)
	assert.NotContains(t, string(pixel.At(pixel.Question{Output: withText}).OutputPreview), hidden)
}

// chunked puts a chunk behind a PNG's header, with a checksum that is right or not.
func chunked(t rapid.TB, body []byte, name string, data []byte, sound bool) []byte {
	t.Helper()
	const header = 8 + 25
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, name...), data...)
	sum := crc32.ChecksumIEEE(chunk[4:])
	if !sound {
		sum++
	}
	chunk = binary.BigEndian.AppendUint32(chunk, sum)
	return append(append(bytes.Clone(body[:header]), chunk...), body[header:]...)
}

func TestABrokenTextMakesNoPictureUnusable(t *testing.T) {
	look := pixel.At(pixel.Question{Output: chunked(t, sample(t, "scene.png"), "tEXt", []byte("Comment\x00x"), false)})
	assert.Empty(t, decidable(look))
	assert.NotEmpty(t, look.OutputPreview)
}

func TestWhatOurDecoderLacksIsNoDefect(t *testing.T) {
	// A frame that stands out of its screen: browsers draw it.
	body := asGIF(t, plain(20, 20, color.White))
	body[6] = 10
	look := pixel.At(pixel.Question{Output: body})
	assert.Equal(t, evidence.ProblemFormat, look.Output.Problem)
	assert.Empty(t, look.Signals)
	// A JPEG of twelve bits a channel.
	body = asJPEG(t, scene(32, 32))
	at := bytes.Index(body, []byte{0xff, 0xc0})
	body[at+4] = 12
	look = pixel.At(pixel.Question{Output: body})
	assert.Equal(t, evidence.ProblemFormat, look.Output.Problem)
	assert.Empty(t, look.Signals)
}

func TestABrokenPictureIsUndecodable(t *testing.T) {
	body := sample(t, "scene.png")
	body[bytes.Index(body, []byte("IDAT"))+20] ^= 0x10
	assert.Equal(t, []evidence.Name{evidence.Undecodable}, present(pixel.At(pixel.Question{Output: body})))
}

func TestNoBytesAreEmptyAndNoBodyIsNothing(t *testing.T) {
	look := pixel.At(pixel.Question{Output: []byte{}, Input: sample(t, "scene.png"), MustChange: true})
	assert.Equal(t, []evidence.Name{evidence.Empty}, decidable(look))
	assert.NotNil(t, look.InputPreview)
	look = pixel.At(pixel.Question{Input: sample(t, "scene.png"), MustChange: true, FailureCards: []string{""}})
	assert.Empty(t, decidable(look))
	assert.Zero(t, look.Output)
	assert.NotNil(t, look.Input)
	assert.Equal(t, pixel.Look{}, pixel.At(pixel.Question{}))
}

func TestAFailureCardIsKnownByItsBytesWhateverItIs(t *testing.T) {
	for _, body := range [][]byte{sample(t, "scene.png"), []byte("<svg/>"), sample(t, "plain.mp4")} {
		card := pixel.At(pixel.Question{Output: body}).Output.SHA256
		assert.Equal(t, []evidence.Name{evidence.FailureCard}, decidable(pixel.At(pixel.Question{Output: body, FailureCards: []string{"00", card}})))
		assert.Empty(t, decidable(pixel.At(pixel.Question{Output: append(bytes.Clone(body), 0), FailureCards: []string{card}})))
	}
}

func TestOfAVideoTheContainerDecides(t *testing.T) {
	for _, name := range []string{"plain.mp4", "fast.mp4", "fragments.mp4", "plain.webm", "live.webm"} {
		body := sample(t, name)
		look := pixel.At(pixel.Question{Output: body, Requested: evidence.Size{Width: 1, Height: 1}})
		assert.Empty(t, present(look), name)
		assert.Equal(t, evidence.Size{Width: 96, Height: 64}, look.Output.Size, name)
		assert.Equal(t, 5, look.Output.Frames, name)
		assert.Nil(t, look.OutputPreview, name)
		for _, percent := range []int{50, 90, 99} {
			look = pixel.At(pixel.Question{Output: body[:len(body)*percent/100]})
			assert.Subset(t, []evidence.Name{evidence.Truncated, evidence.Undecodable}, decidable(look), "%s %d", name, percent)
			if name != "fragments.mp4" {
				assert.NotEmpty(t, decidable(look), "%s %d", name, percent)
			}
		}
		look = pixel.At(pixel.Question{Output: body, Input: body, MustChange: true})
		assert.Equal(t, []evidence.Name{evidence.Unchanged}, decidable(look), name)
	}
	assert.Equal(t, []evidence.Name{evidence.Undecodable}, decidable(pixel.At(pixel.Question{Output: sample(t, "plain.mp4")[:28]})))

	assert.Equal(t, []evidence.Name{evidence.Empty}, decidable(pixel.At(pixel.Question{Output: sample(t, "empty.mp4")})))

	// An index that names a track without samples, and one without a length.
	none := bytes.Clone(sample(t, "fast.mp4"))
	at := bytes.Index(none, []byte("stsz"))
	copy(none[at+12:], []byte{0, 0, 0, 0})
	assert.Equal(t, []evidence.Name{evidence.Empty}, decidable(pixel.At(pixel.Question{Output: none})))
	none = bytes.Clone(sample(t, "fast.mp4"))
	for _, header := range []string{"mvhd", "mdhd"} {
		copy(none[bytes.Index(none, []byte(header))+20:], []byte{0, 0, 0, 0})
	}
	assert.Equal(t, []evidence.Name{evidence.Empty}, decidable(pixel.At(pixel.Question{Output: none})))
}

func TestWhatAGIFLacksAtItsEndIsMissedWhereItIsMoreThanTheTrailer(t *testing.T) {
	body := asGIF(t, scene(40, 40))
	assert.Empty(t, decidable(pixel.At(pixel.Question{Output: body[:len(body)-1]})))
	assert.Equal(t, []evidence.Name{evidence.Truncated}, decidable(pixel.At(pixel.Question{Output: body[:len(body)-2]})))
}

// header is a PNG of those sides, whose pixels are not there.
func header(t rapid.TB, width, height uint32) []byte {
	t.Helper()
	body := asPNG(t, plain(1, 1, color.White))
	binary.BigEndian.PutUint32(body[16:], width)
	binary.BigEndian.PutUint32(body[20:], height)
	binary.BigEndian.PutUint32(body[29:], crc32.ChecksumIEEE(body[12:29]))
	return body
}

func TestWhatIsTooLargeIsRefusedBeforeItHasMemory(t *testing.T) {
	_, err := png.DecodeConfig(bytes.NewReader(header(t, 50_000, 50_000)))
	require.NoError(t, err)
	frame := asGIF(t, plain(2, 2, color.White))
	frames := bytes.Clone(frame[:len(frame)-1])
	at := bytes.IndexByte(frame[13+3*256:], 0x2c) + 13 + 3*256
	for range 100_000 {
		frames = append(frames, frame[at:len(frame)-1]...)
	}
	for name, body := range map[string][]byte{
		"a kilobyte of 50,000 × 50,000": append(header(t, 50_000, 50_000), make([]byte, 1000)...),
		"a line":                        header(t, pixel.MaxSide+1, 1),
		"100,000 frames":                append(frames, 0x3b),
		"a GIF of 65,535 × 65,535":      append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), frame[13:]...),
		"bytes":                         make([]byte, pixel.MaxBytes+1),
	} {
		look, bytes := allocated(pixel.Question{Output: body})
		assert.Equal(t, evidence.ProblemLarge, look.Output.Problem, name)
		assert.Empty(t, look.Signals, name)
		assert.Less(t, bytes, uint64(64<<10), name)
	}
	look := pixel.At(pixel.Question{Output: header(t, 1<<31-1, 1<<31-1)})
	assert.NotEmpty(t, look.Output.Problem)
}

// allocated looks, and counts the bytes that the look took in all, given back or not.
func allocated(q pixel.Question) (pixel.Look, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	look := pixel.At(q)
	runtime.ReadMemStats(&after)
	return look, after.TotalAlloc - before.TotalAlloc
}
