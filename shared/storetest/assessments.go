package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/assessment"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// outputLink is where the first output of World.Success lies.
const outputLink = "https://images.example/0.png"

// drawn returns a PNG of 64 pixels a side.
func drawn(at func(x, y int) color.Color) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for x := range 64 {
		for y := range 64 {
			picture.Set(x, y, at(x, y))
		}
	}
	var body bytes.Buffer
	_ = png.Encode(&body, picture) // into memory
	return body.Bytes()
}

// The pictures of the stories: one that shows nothing, and one that shows something.
var (
	blank = drawn(func(int, int) color.Color { return color.White })
	sharp = drawn(func(x, y int) color.Color { return color.RGBA{uint8(4 * x), uint8(4 * y), uint8(x * y), 255} })
)

// seen is a record of the case as a look makes it.
func (w *World) seen(id refund.CaseID) (evidence.Record, *assessment.Imprint) {
	record := evidence.Record{
		Case: string(id), Customer: w.CaseOf(id).Customer, Feature: "recolor", At: w.Now, Verdict: evidence.VerdictUnsure,
		Output: evidence.Picture{SHA256: strings.Repeat("0f", 32), Print: evidence.Print{Hash: 1 << 63}},
	}
	return record, &assessment.Imprint{
		Case: id, Feature: record.Feature, SHA256: record.Output.SHA256, Print: evidence.Print{Hash: 1 << 63, Tiles: make([]byte, 768)},
		Until: w.Now.Add(time.Hour),
	}
}

// records is RecordEvidence with the steps that a look leaves.
func (w *World) records(id refund.CaseID) error {
	record, imprint := w.seen(id)
	return w.Store.RecordEvidence(w.ctx(), id, record, imprint, todo.List{todo.StepRefund: w.Now.Add(todo.Resend)})
}

// reported is a case whose one picture is that, and nobody has looked.
func (w *World) reported(name string, picture []byte) refund.CaseID {
	w.t.Helper()
	customer := w.Customer(name)
	w.Grants(customer, 4)
	w.Pictures[outputLink] = picture
	return w.Reports(w.Generated(customer, 1), 0)
}

// evidenceOf returns what was seen of the case, nil while nobody has looked.
func (w *World) evidenceOf(id refund.CaseID) *evidence.Record {
	w.t.Helper()
	return w.snapshot(refund.Subject{Case: id, Generation: w.generationOf(id)}).Evidence
}

var assessmentStories = map[string]func(*testing.T, *World){
	"a blank picture is refunded without a person, and the record says what was seen": func(t *testing.T, w *World) {
		id := w.reported("alice", blank)
		require.Equal(t, 1, w.Deliver())
		w.WantVerdict(id, refund.StateApproved, "R2")
		w.WantAvailable(w.Customer("alice"), 4)
		record := w.evidenceOf(id)
		require.Equal(t, []any{evidence.VerdictUnusable, []evidence.Name{evidence.Blank}}, []any{record.Verdict, record.Defects})
		require.Equal(t, []string{record.Output.Copy, record.Output.Preview}, w.Shelf.Keys(evidence.Folder(id.CustomerKey())))
		w.WantLaws(w.Customer("alice"))
	},
	"a picture that shows something waits for staff, with its copy": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "R8")
		record := w.evidenceOf(id)
		require.Equal(t, []any{evidence.VerdictUnsure, w.Now, 64}, []any{record.Verdict, record.At, record.Output.Size.Width})
		require.Empty(t, record.Defects)
		require.NotEmpty(t, record.Signals)
		require.NotEmpty(t, w.Shelf.Keys(record.Output.Copy))
	},
	"a picture that is gone is no bad result: a person decides, and reads why": func(t *testing.T, w *World) {
		id := w.reported("alice", nil)
		delete(w.Pictures, outputLink)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "R8")
		require.Equal(t, evidence.Picture{Problem: evidence.ProblemGone}, w.evidenceOf(id).Output)
		require.Empty(t, w.Shelf.Keys(""))
	},
	"a request that overtakes the look decides nothing": func(t *testing.T, w *World) {
		id := w.reported("alice", blank)
		require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(id), w.Now) }))
		require.Equal(t, refund.StateReceived, w.CaseOf(id).State)
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
	},
	"a case from before looks is decided as before": func(t *testing.T, w *World) {
		id := w.reported("alice", blank)
		require.NoError(t, settled(func() error { return w.records(id) })) // it leaves the step that they have
		w.Lose()
		require.NoError(t, w.Assess(w.ctx(), message.NewResultReported(string(id), "")))
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "R8")
	},
	"what no look can change is not looked at, and nothing is written": inGoopter(func(t *testing.T, w *World) {
		customer := w.Customer("alice")
		w.Grants(customer, 100)
		w.Pictures[outputLink] = blank
		id := w.Reports(w.Generated(customer, 1), 0)
		before := w.CaseOf(id)
		w.Assesses()
		require.Equal(t, before, w.CaseOf(id))
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "G3.2")
		require.Nil(t, w.evidenceOf(id))
		require.Empty(t, w.Shelf.Keys(""))
	}),
	"from the third delivery on, and after many sweeps, nothing is fetched": func(t *testing.T, w *World) {
		for name, try := range map[string]func(refund.CaseID) error{
			"deliveries": func(id refund.CaseID) error {
				return w.Assessor().Assess(w.ctx(), message.NewResultReported(string(id), ""), assessment.MaxTries+1, w.Now)
			},
			"sweeps": func(id refund.CaseID) error {
				for w.CaseOf(id).Attempts <= assessment.MaxSweeps {
					w.Pass(time.Hour)
					w.Nudge()
					w.Sweep()
				}
				return w.Assessor().Assess(w.ctx(), message.NewResultReported(string(id), ""), 1, w.Now)
			},
		} {
			id := w.reported(name, blank)
			require.NoError(t, again(func() error { return try(id) }))
			record := w.evidenceOf(id)
			require.Equal(t, []any{evidence.ProblemCrashed, evidence.Verdict("")}, []any{record.Output.Problem, record.Verdict}, name)
			require.Zero(t, w.CaseOf(id).Attempts, name)
			w.Deliver()
			w.WantVerdict(id, refund.StateInReview, "R8")
		}
		require.Empty(t, w.Shelf.Keys(""))
	},
	"a record is written once, of a case that waits for it, and leaves its steps": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		require.NoError(t, settled(func() error { return w.records(id) }))
		c := w.CaseOf(id)
		require.Equal(t, todo.List{todo.StepRefund: w.Now.Add(todo.Resend)}, c.Todo)
		w.wantNoRecord(id, "it has one")
		w.Lose()
		// A look that was lost after its record is decided by the sweep.
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateReceived })
		w.wantNoRecord(id, "it is decided")
		w.wantNoRecord(refund.ReportCaseID(w.generationOf(id), 7), "it is no case")
	},
	"a record of what was decided without it is refused": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		effect := declining(w.snapshot(refund.Subject{Case: id, Generation: w.generationOf(id)}))
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		w.wantNoRecord(id, "it is decided")
		require.Nil(t, w.evidenceOf(id))
	},
	"a stuck report that is looked at is stuck no more": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		for sweeps := 0; stuckOf(w, w.Customer("alice")) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Lose()
			w.Pass(2 * time.Hour)
			w.Sweep()
		}
		require.NoError(t, settled(func() error { return w.records(id) }))
		w.Nudge()
		require.Zero(t, stuckOf(w, w.Customer("alice")))
	},
	"pictures are found again by their bytes and by each band of their print, so many and no more": func(t *testing.T, w *World) {
		const many = assessment.MaxImprints + 3
		hash, tiles := uint64(0xfedc_ba98_7654_3210), bytes.Repeat([]byte{9}, 768)
		sha := fmt.Sprintf("%064x", w.keys.Add(1)+time.Now().UnixNano()) // of this story alone: stores are shared
		customer := w.Customer("alice")
		w.Grants(customer, 4*many)
		for n := range many {
			id := w.Reports(w.Generated(customer, 1), 0)
			record, imprint := w.seen(id)
			record.Output.SHA256, imprint.SHA256, imprint.Print.Hash, imprint.Print.Tiles = sha, sha, hash^1<<n, tiles
			imprint.Unusable = n == 0
			require.NoError(t, settled(func() error {
				return w.Store.RecordEvidence(w.ctx(), id, record, imprint, todo.List{todo.StepRefund: w.Now})
			}))
		}
		equal := w.imprints(sha, evidence.Print{})
		require.Len(t, equal, assessment.MaxImprints)
		require.Equal(t, []any{sha, "recolor", w.Now.Add(time.Hour)}, []any{equal[0].SHA256, equal[0].Feature, equal[0].Until})
		// Four bits apart, and another four: each is found by the band that is left alone.
		for _, bits := range []uint64{0b1111, 1 | 1<<13 | 1<<26 | 1<<39, 1 | 1<<13 | 1<<26 | 1<<52, 1<<63 | 1<<40} {
			near := w.imprints("none", evidence.Print{Hash: hash ^ bits, Tiles: tiles})
			require.NotEmpty(t, near)
			require.LessOrEqual(t, len(near), len(assessment.Bands(0))*assessment.MaxImprints)
			require.Equal(t, tiles, near[0].Print.Tiles)
			require.Equal(t, sha, near[0].SHA256)
		}
		require.Empty(t, w.imprints("none", evidence.Print{Hash: ^hash, Tiles: tiles}), "every band is another")
	},
	"a picture that is byte for byte one that was found unusable is refunded by that, of the same feature alone": func(t *testing.T, w *World) {
		first := w.reported("alice", sharp)
		record, imprint := w.seen(first)
		imprint.SHA256, imprint.Unusable = fmt.Sprintf("%x", sha256.Sum256(w.own(sharp))), true
		record.Output.SHA256 = imprint.SHA256
		require.NoError(t, settled(func() error {
			return w.Store.RecordEvidence(w.ctx(), first, record, imprint, todo.List{todo.StepRefund: w.Now})
		}))
		w.Lose()
		second := w.reported("bob", w.own(sharp))
		w.Deliver()
		seen := w.evidenceOf(second)
		require.Equal(t, []any{evidence.VerdictUnusable, []evidence.Name{evidence.SameAsUnusable}}, []any{seen.Verdict, seen.Defects})
		require.Equal(t, []evidence.Match{{Case: string(first), Equal: true, Unusable: true}}, seen.Matches)
		w.WantVerdict(second, refund.StateApproved, "R2")
		w.WantLaws(w.Customer("bob"))
	},
	"of a doubled message one look is recorded, and what the other put is taken away": func(t *testing.T, w *World) {
		id := w.reported("alice", w.own(sharp))
		report := message.NewResultReported(string(id), "")
		// The app shows another picture to the second, which overtakes the first.
		a := w.Assessor()
		a.Pictures = interrupted{w.Pictures, func() {
			other := w.Assessor()
			other.Pictures = Pictures{outputLink: blank}
			require.NoError(t, again(func() error { return other.Assess(w.ctx(), report, 1, w.Now) }))
		}}
		require.NoError(t, again(func() error { return a.Assess(w.ctx(), report, 1, w.Now) }))
		record := w.evidenceOf(id)
		require.Equal(t, []evidence.Name{evidence.Blank}, record.Defects)
		require.Equal(t, []string{record.Output.Copy, record.Output.Preview}, w.Shelf.Keys(evidence.Folder(id.CustomerKey())))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
	},
	"a look that is cut off at any of its calls is made once, whole, and decided": func(t *testing.T, w *World) {
		for at, more := 1, true; more; at++ {
			id := w.reported(fmt.Sprintf("alice%d", at), w.own(blank))
			w.Lose()
			report := message.NewResultReported(string(id), "")
			once := &cut{World: w, at: at}
			err := once.assessor().Assess(w.ctx(), report, 1, w.Now)
			if more = err != nil; more {
				require.ErrorIs(t, err, errCut, "cut at %d", at)
			}
			// The message comes again.
			require.NoError(t, again(func() error { return w.Assessor().Assess(w.ctx(), report, 2, w.Now) }))
			w.Deliver()
			w.WantVerdict(id, refund.StateApproved, "R2")
			record := w.evidenceOf(id)
			require.Contains(t, record.Defects, evidence.Blank, "cut at %d", at)
			require.Equal(t, []string{record.Output.Copy, record.Output.Preview}, w.Shelf.Keys(evidence.Folder(id.CustomerKey())), "cut at %d", at)
			w.WantLaws(w.Customer(fmt.Sprintf("alice%d", at)))
		}
	},
}

// interrupted is pictures of which the first is read after something else has happened.
type interrupted struct {
	Pictures
	first func()
}

// Fetch implements assessment.Pictures.
func (i interrupted) Fetch(ctx context.Context, link string) ([]byte, evidence.Problem, error) {
	if link != "" {
		i.first()
	}
	return i.Pictures.Fetch(ctx, link)
}

// own returns the picture with bytes of this world alone: stores are shared, and hashes with them.
func (w *World) own(picture []byte) []byte { return append(bytes.Clone(picture), w.suffix...) }

// wantNoRecord demands that a record of the case is refused.
func (w *World) wantNoRecord(id refund.CaseID, why string) {
	w.t.Helper()
	record, imprint := evidence.Record{Case: string(id), At: w.Now}, &assessment.Imprint{Case: id, SHA256: "none"}
	err := again(func() error { return w.Store.RecordEvidence(w.ctx(), id, record, imprint, nil) })
	require.Equal(w.t, fault.KindStale, fault.KindOf(err), "%s: %v", why, err)
}

// imprints is FindImprints of this world's case.
func (w *World) imprints(hash string, print evidence.Print) []assessment.Imprint {
	w.t.Helper()
	return read(w, func() ([]assessment.Imprint, error) { return w.Store.FindImprints(w.ctx(), hash, print) })
}

// generationOf returns the generation that the case is about.
func (w *World) generationOf(id refund.CaseID) generation.ID {
	w.t.Helper()
	return generation.ID(w.CaseOf(id).Generation)
}
