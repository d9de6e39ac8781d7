package acceptance_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/evidence"
	ids "makegood/shared/generation"
	"makegood/shared/refund"
)

// album is an app's host of pictures, on this machine; its links die when it is closed.
type album struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]http.HandlerFunc
}

func openAlbum(t *testing.T) *album {
	t.Helper()
	a := &album{pages: map[string]http.HandlerFunc{}}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		page := a.pages[r.URL.Path]
		a.mu.Unlock()
		if page == nil {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

// page answers at a link of its own.
func (a *album) page(answer http.HandlerFunc) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	path := "/" + unique("page")
	a.pages[path] = answer
	return a.URL + path
}

// shows has a body at a link of its own.
func (a *album) shows(body []byte) string {
	return a.page(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
}

const side = 256

// painted is a PNG of a side's pixels.
func painted(t *testing.T, paint func(*image.NRGBA)) []byte {
	t.Helper()
	canvas := image.NewNRGBA(image.Rect(0, 0, side, side))
	paint(canvas)
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, canvas))
	return file.Bytes()
}

func fill(canvas *image.NRGBA, area image.Rectangle, c color.Color) {
	draw.Draw(canvas, area, image.NewUniform(c), image.Point{}, draw.Src)
}

// photo is a picture of colors that run into each other, another for each seed.
func photo(seed float64) func(*image.NRGBA) {
	return func(canvas *image.NRGBA) {
		for y := range side {
			for x := range side {
				wave := func(shift float64) uint8 {
					return uint8(127 + 120*math.Sin(seed+shift+float64(x)/(11+seed))*math.Cos(shift+float64(y)/(17+shift)))
				}
				canvas.SetNRGBA(x, y, color.NRGBA{wave(0), wave(1), wave(2), 255})
			}
		}
	}
}

// judgedPicture reports a picture of the feature, made from an upload ("" for none).
func judgedPicture(t *testing.T, feature, upload, output string, more ...object) string {
	t.Helper()
	result := with(success(), object{"outputs": []object{{"url": output}}})
	if upload != "" {
		result["input"] = object{"url": upload}
	}
	return reported(t, customer(t, 100), with(object{"feature": feature}, more...), result, object{})
}

// seenOf returns the record of the case from its table.
func seenOf(t *testing.T, caseID string) evidence.Record {
	t.Helper()
	snapshot, err := tables(t).LoadDecision(t.Context(), refund.Subject{
		Case: refund.CaseID(caseID), Generation: madeBy(t, caseID),
	})
	require.NoError(t, err)
	require.NotNil(t, snapshot.Evidence, "nobody has looked")
	return *snapshot.Evidence
}

func TestWhatShowsNothingOrIsTheUploadIsRefundedInSecondsAndTheRecordSaysWhatWasSeen(t *testing.T) {
	a, began := openAlbum(t), time.Now()
	whole := painted(t, photo(1))
	upload, other := a.shows(whole), a.shows(painted(t, photo(2)))
	unchanged := painted(t, photo(3))
	for name, p := range map[string]struct {
		upload, output string
		more           object
		defect         evidence.Name
	}{
		"blank":           {upload, a.shows(painted(t, func(c *image.NRGBA) { fill(c, c.Bounds(), color.White) })), nil, evidence.Blank},
		"cut off":         {upload, a.shows(whole[:2*len(whole)/3]), nil, evidence.Truncated},
		"empty":           {upload, a.shows(nil), nil, evidence.Empty},
		"its upload":      {a.shows(unchanged), a.shows(unchanged), nil, evidence.Unchanged},
		"of another size": {upload, other, object{"asked": object{"width": 1024, "height": 1024}}, evidence.WrongSize},
	} {
		caseID := judgedPicture(t, "virtual-model", p.upload, p.output, p.more)
		decided(t, caseID, "approved", "R2")
		record := seenOf(t, caseID)
		// A decoder that meets the end in the midst of a chunk may call it broken.
		if !slices.Contains(record.Defects, p.defect) {
			require.Equal(t, []evidence.Name{evidence.Truncated, evidence.Undecodable}, []evidence.Name{p.defect, record.Defects[0]}, name)
		}
		require.Equal(t, evidence.VerdictUnusable, record.Verdict, name)
		for _, signal := range record.Signals {
			require.NotEmpty(t, signal.Sentence, signal.Name)
		}
	}
	// The upload is gone by now, but the output is one that was found to be an upload before.
	again := judgedPicture(t, "virtual-model", "", a.shows(unchanged))
	decided(t, again, "approved", "R2")
	require.Equal(t, []evidence.Name{evidence.SameAsUnusable}, seenOf(t, again).Defects)
	require.Less(t, time.Since(began), 20*time.Second)
}

func TestWhatHasAnInnocentReasonWaitsForStaffWithPicturesThatOutliveTheirLinks(t *testing.T) {
	a := openAlbum(t)
	upload := a.shows(painted(t, photo(4)))
	product := image.Rect(60, 70, 190, 200)
	cases := map[string]string{}
	for name, paint := range map[string]func(*image.NRGBA){
		"a product on white": func(c *image.NRGBA) {
			fill(c, c.Bounds(), color.White)
			fill(c, product, color.NRGBA{180, 40, 30, 255})
		},
		"a logo": func(c *image.NRGBA) {
			fill(c, c.Bounds(), color.White)
			fill(c, image.Rect(100, 120, 150, 130), color.Black)
		},
		"a cut-out": func(c *image.NRGBA) { fill(c, product, color.NRGBA{20, 90, 160, 255}) },
		"fog": func(c *image.NRGBA) {
			for y := range side {
				shade := uint8(170 + 30*y/side)
				fill(c, image.Rect(0, y, side, y+1), color.NRGBA{shade, shade, shade + 4, 255})
			}
		},
		"a line drawing": func(c *image.NRGBA) {
			fill(c, c.Bounds(), color.White)
			for n := range side {
				fill(c, image.Rect(n, n, n+2, n+2), color.Black)
				fill(c, image.Rect(side-n, n, side-n+2, n+2), color.Black)
			}
		},
	} {
		cases[name] = judgedPicture(t, "virtual-model", upload, a.shows(painted(t, paint)))
	}
	for name, caseID := range cases {
		decided(t, caseID, "in_review", "R8")
		require.Empty(t, seenOf(t, caseID).Defects, name)
	}
	a.Close() // the app has thrown them away
	for name, caseID := range cases {
		record := seenOf(t, caseID)
		for _, key := range []string{record.Output.Copy, record.Output.Preview, record.Input.Copy, record.Input.Preview, record.Difference} {
			require.NotEmpty(t, bucketed(t, key), "%s: %s", name, key)
		}
	}
}

func TestWhatCannotBeLookedAtSafelyGoesToAPersonWithASentence(t *testing.T) {
	a, elsewhere := openAlbum(t), openAlbum(t)
	stranger := elsewhere.shows(painted(t, photo(5)))
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	for name, p := range map[string]struct {
		output  string
		problem evidence.Problem
	}{
		"2.5 billion pixels in a kilobyte": {a.shows(bomb(t)), evidence.ProblemLarge},
		"a film of many frames":            {a.shows(flipbook(t)), evidence.ProblemLarge},
		"a host that sends on": {a.page(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stranger, http.StatusFound)
		}), evidence.ProblemRedirect},
		"a drawing that runs":       {a.shows(svg), evidence.ProblemFormat},
		"two things at once":        {a.shows(append([]byte("%PDF-1.7\n"), painted(t, photo(6))...)), evidence.ProblemFormat},
		"a host that is not listed": {"https://images.example/one.png", evidence.ProblemHost},
		"the metadata of a cloud":   {"http://169.254.169.254/latest/meta-data", evidence.ProblemLink},
		"five gigabytes": {a.page(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5368709120")
			_, _ = io.WriteString(w, "\x89PNG")
		}), evidence.ProblemLarge},
		"nothing there": {a.URL + "/none", evidence.ProblemGone},
	} {
		caseID := judgedPicture(t, "virtual-model", "", p.output)
		decided(t, caseID, "in_review", "R8")
		record := seenOf(t, caseID)
		require.Equal(t, p.problem, record.Output.Problem, name)
		require.NotEmpty(t, record.Output.Problem.Sentence())
		require.Empty(t, record.Verdict, name)
	}
}

// bomb is a PNG of 50,000 pixels a side in a kilobyte.
func bomb(t *testing.T) []byte {
	t.Helper()
	var file, rows bytes.Buffer
	chunk := func(kind string, data []byte) {
		body := append([]byte(kind), data...)
		require.NoError(t, binary.Write(&file, binary.BigEndian, uint32(len(data))))
		file.Write(body)
		require.NoError(t, binary.Write(&file, binary.BigEndian, crc32.ChecksumIEEE(body)))
	}
	file.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000)
	chunk("IHDR", append(head, 1, 0, 0, 0, 0))
	packer := zlib.NewWriter(&rows)
	_, err := packer.Write(make([]byte, 100_000))
	require.NoError(t, err)
	require.NoError(t, packer.Close())
	chunk("IDAT", rows.Bytes())
	chunk("IEND", nil)
	return file.Bytes()
}

// flipbook is a GIF of 10,000 frames.
func flipbook(t *testing.T) []byte {
	t.Helper()
	frame := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White})
	frames, delays := make([]*image.Paletted, 10_000), make([]int, 10_000)
	for n := range frames {
		frames[n] = frame
	}
	var file bytes.Buffer
	require.NoError(t, gif.EncodeAll(&file, &gif.GIF{Image: frames, Delay: delays}))
	return file.Bytes()
}

// tables is the running stack's, read as its functions read them.
func tables(t *testing.T) *dynamo.Store {
	t.Helper()
	return dynamo.New(local.DynamoDB(stack.Endpoints.DynamoDBURL), dynamo.Tables{
		Wallets: stack.Tables["WalletsTable"], Generations: stack.Tables["GenerationsTable"], Cases: stack.Tables["CasesTable"],
		Evidence: stack.Tables["EvidenceTable"],
	})
}

// madeBy returns the generation that the case is about.
func madeBy(t *testing.T, caseID string) ids.ID {
	t.Helper()
	return ids.ID(matter(t, caseID)["generation"].(string))
}

// bucketed returns an object of the evidence bucket.
func bucketed(t *testing.T, key string) []byte {
	t.Helper()
	name := stack.Buckets["EvidenceBucket"]
	object, err := local.S3(stack.S3URL()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &name, Key: &key})
	require.NoError(t, err)
	body, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	return body
}
