package console_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// proves opens the case of a claim of alice's with those proofs.
func (o office) proves(proofs ...attachment.ID) refund.CaseID {
	o.t.Helper()
	claim := refund.Claim{Email: "a@example.com", PaidAt: o.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: "twice"}
	for _, id := range proofs {
		claim.Attachments = append(claim.Attachments, string(id))
	}
	opened, err := o.Claimer().File(o.t.Context(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: "alice", Principal: "app", Key: o.Key(), Actor: ledger.ActorApp, Claim: claim,
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

func TestACaseShowsThePicturesThatItTookAndLinksThePDFs(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	picture, bill, gone := o.Uploads("alice"), o.UploadsOf("alice", attachment.PDF), o.Uploads("alice")
	id := o.proves(picture, bill, gone)
	require.NoError(t, o.Shelf.Delete(t.Context(), gone.Object()))
	text := o.reads("/console/cases/" + string(id))
	assert.Contains(t, text, "What the customer attached")
	assert.Contains(t, text, `<img src="https://kept.example/`+picture.Object()+`" alt="Attachment 1"`)
	assert.Contains(t, text, `<strong>Attachment 2</strong> <span class="muted">PDF · 12 B</span>`)
	assert.Contains(t, text, `<a href="https://kept.example/`+bill.Object()+`" download>Download</a>`)
	assert.NotContains(t, text, `<img src="https://kept.example/`+bill.Object())
	assert.NotContains(t, text, "https://kept.example/"+gone.Object())
	assert.Contains(t, text, "Its bytes are gone: they are kept as long as pictures are.")
	assert.NotContains(t, o.reads("/console/cases/"+string(o.proves())), "What the customer attached")
}

// away is a bucket that does not answer, or answers what nobody understands.
type away struct{ err error }

func (a away) Begin(context.Context, string, int) ([]byte, error) { return nil, a.err }

func TestAnAttachmentOfWhichNothingIsToldNowIsLinked(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	proof := o.Uploads("alice")
	path := "/console/cases/" + string(o.proves(proof))
	c := consoleOf(o.World, photoroom)
	for _, err := range []error{fault.Busy(errors.New("a timeout")), errors.New("no such bucket")} {
		c.Uploads = away{err}
		o.handler = c.Handler()
		assert.Contains(t, o.reads(path), "https://kept.example/"+proof.Object(), "the case can be ruled on")
	}
}
