package notice_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// world is a store with one case and one wallet, the app's server and a mail service, all in one.
type world struct {
	mutex  sync.Mutex
	matter *refund.Case
	wallet ledger.Wallet
	posted []string // "id body"
	answer error    // of the app's server
	faults []error  // what the next calls of the store end with
	marked int

	mails      []notice.Mail
	mailed     refund.Message
	mailBy     string
	mailAt     time.Time
	claims     int
	lostClaims int // how many claims are written, but not answered
	sending    func(ctx context.Context) error
	posting    func() // runs while the app's server has the post
}

func (w *world) fault() error {
	if len(w.faults) == 0 {
		return nil
	}
	err := w.faults[0]
	w.faults = w.faults[1:]
	return err
}

func (w *world) FindCase(_ context.Context, id refund.CaseID) (*refund.Case, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.fault(); err != nil || w.matter == nil || w.matter.ID != id {
		return nil, err
	}
	found := *w.matter
	return &found, nil
}

func (w *world) FindWallet(context.Context, ledger.CustomerID) (ledger.Wallet, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.wallet, w.fault()
}

func (w *world) MarkNotified(_ context.Context, _ refund.CaseID, told refund.Message, at time.Time) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.fault(); err != nil {
		return err
	}
	if w.matter.HasDue(told) {
		w.marked++
		left := maps.Clone(w.matter.Todo)
		delete(left, told.Step())
		w.matter.Todo, w.matter.NotifiedAt = left, at
	}
	return nil
}

func (w *world) ClaimMail(_ context.Context, _ refund.CaseID, told refund.Message, by string, at time.Time) (bool, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.claims++
	if err := w.fault(); err != nil {
		return false, err
	}
	if !w.matter.HasDue(told) {
		return false, nil
	}
	if w.mailed == told {
		if w.mailBy != by && at.Sub(w.mailAt) < notice.MailClaim {
			return false, fault.Busy(nil)
		}
		return w.mailBy == by, nil
	}
	w.mailed, w.mailBy, w.mailAt = told, by, at
	if w.lostClaims > 0 {
		w.lostClaims--
		return false, fault.Busy(nil)
	}
	return true, nil
}

func (w *world) ReturnMail(ctx context.Context, _ refund.CaseID, told refund.Message, by string) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := ctx.Err(); err != nil {
		return fault.Busy(err)
	}
	if w.mailed == told && w.mailBy == by {
		w.mailed, w.mailBy = refund.Message{}, ""
	}
	return w.fault()
}

func (w *world) Post(_ context.Context, id string, body []byte, _ time.Time) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.posted = append(w.posted, id+" "+string(body))
	if w.posting != nil {
		w.posting()
	}
	return w.answer
}

func (w *world) Send(ctx context.Context, mail notice.Mail) error {
	w.mutex.Lock()
	w.mails = append(w.mails, mail)
	sending := w.sending
	w.mutex.Unlock()
	if sending != nil {
		return sending(ctx)
	}
	return nil
}

// approved returns a world whose case was approved under the named policy's first revision, and
// still owes its notice.
func approved(t *testing.T, name string) *world {
	t.Helper()
	published, err := policy.Open(name)
	require.NoError(t, err)
	revision := published.Revisions()[0]
	customer := ledger.CustomerID("alice")
	id := refund.NewCaseID(customer.Key(), policy.KindTechnicalFailure, "gen_1")
	refunded := revision.Notice(policy.KindTechnicalFailure, policy.OutcomeApproved).Name
	return &world{
		wallet: ledger.Wallet{
			Customer: customer,
			Lots: []ledger.Lot{
				{ID: "lot_1", Granted: 20, Remaining: 7, GrantedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour)},
				{ID: "lot_2", Granted: 20, Remaining: 5, GrantedAt: noon.Add(-time.Hour), ExpiresAt: noon},
			},
		},
		matter: &refund.Case{
			ID: id, Kind: policy.KindTechnicalFailure, Customer: customer, Generation: "gen_1", State: refund.StateApproved,
			Notice: refunded,
			Decision: &policy.Decision{
				Outcome: policy.OutcomeApproved, Clause: "R1", Reason: "The generation failed.", Policy: revision.Ref(), Notice: refunded,
				Remedy: policy.InCredits(4),
			},
			History: []refund.Event{{At: noon.Add(-time.Minute), State: refund.StateApproved, Actor: ledger.ActorSystem}},
			Todo:    todo.List{todo.StepNotice: noon.Add(time.Minute)},
		},
	}
}

func (w *world) teller() notice.Notifier {
	return notice.Notifier{Store: w, Policies: policy.Published, InForce: follows("photoroom"), Webhook: w}
}

// follows is a stack that follows the named policy.
func follows(name string) notice.InForce {
	published, err := policy.Open(name)
	if err != nil {
		panic(err)
	}
	return published.At
}

func (w *world) request() message.RefundDecided { return message.NewRefundDecided(string(w.matter.ID)) }

// review puts the case back to where it waits for staff, its notice owed.
func (w *world) review() {
	w.verdict(policy.OutcomeInReview, refund.StateInReview, nil)
}

// rule is staff's approval of the case in review.
func (w *world) rule() {
	w.verdict(policy.OutcomeApproved, refund.StateApproved, policy.InCredits(4))
}

func (w *world) verdict(outcome policy.Outcome, state refund.State, remedy *policy.Remedy) {
	decision := *w.matter.Decision
	decision.Outcome, decision.Remedy = outcome, remedy
	revision, _ := policy.Published(decision.Policy)
	decision.Notice = revision.Notice(w.matter.Kind, outcome).Name
	w.matter.State, w.matter.Decision, w.matter.Notice = state, &decision, decision.Notice
	w.matter.Todo, w.matter.NotifiedAt = todo.List{todo.StepNotice: noon.Add(time.Minute)}, time.Time{}
}
