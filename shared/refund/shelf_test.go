package refund_test

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// shelf is a store of one matter: a generation or payment, its wallet, and its case; and the queues
// around it.
type shelf struct {
	found       refund.Snapshot
	generations int               // that the customer started
	purchases   []payment.Payment // others of the customer
	outages     []outage.Outage
	older       []outage.Outage // beyond those in view
	settling    []message.PaymentUnsettled
	counted     []int // the limits of the counts
	effects     []refund.Effect
	reports     []message.ResultReported
	requests    []message.RefundRequested
	told        []message.RefundDecided
	offered     []message.OutageOffered
	offer       *outage.Offer
	matters     []refund.Subject
	stale       int // how many commits fail first
}

func (s *shelf) LoadDecision(_ context.Context, matter refund.Subject) (refund.Snapshot, error) {
	s.matters = append(s.matters, matter)
	found := s.found
	if matter.Generation == "" {
		found.Generation = nil
	}
	if matter.Payment == "" {
		found.Payment = nil
	}
	if found.Case != nil && found.Case.ID != matter.Case {
		found.Case = nil
	}
	return found, nil
}

func (s *shelf) CommitDecision(_ context.Context, effect refund.Effect) error {
	if s.stale > 0 {
		s.stale--
		return fault.Stale(errors.New("changed"))
	}
	s.effects = append(s.effects, effect)
	s.found.Case = &effect.Case
	if effect.Generation != nil {
		s.found.Generation = &effect.Generation.After
	}
	if effect.Payment != nil {
		s.found.Payment = &effect.Payment.After
		if !effect.Payment.Posting.Empty() {
			s.found.Wallet = effect.Payment.Posting.After
		}
	}
	if effect.Recent != nil {
		s.found.Recent = effect.Recent.After
	}
	return nil
}

func (s *shelf) CountGenerations(_ context.Context, _ ledger.CustomerID, _ time.Time, limit int) (int, error) {
	s.counted = append(s.counted, limit)
	return min(s.generations, limit), nil
}

func (s *shelf) FindNamed(_ context.Context, ids ...payment.ID) (found []payment.Payment, _ error) {
	for _, p := range s.purchases {
		if slices.ContainsFunc(ids, func(id payment.ID) bool { return p.ID == id || slices.Contains(p.Aliases, id) }) {
			found = append(found, p)
		}
	}
	return found, nil
}

func (s *shelf) PurchasesSince(_ context.Context, customer ledger.CustomerID, _ time.Time, _ int) (ids []payment.ID, _ error) {
	for _, p := range s.purchases {
		if p.Customer() == customer {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

func (s *shelf) FindPayments(_ context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	var found []payment.Payment
	for _, p := range s.purchases {
		if slices.Contains(ids, p.ID) {
			found = append(found, p)
		}
	}
	if p := s.found.Payment; p != nil && slices.Contains(ids, p.ID) {
		found = append(found, *p)
	}
	return found, nil
}

func (s *shelf) GrantedBy(context.Context, ledger.CustomerID, ledger.LotID, time.Time) (payment.ID, error) {
	return "", nil
}

func (s *shelf) Outages(context.Context) ([]outage.Outage, error) { return s.outages, nil }

func (s *shelf) FindOutage(_ context.Context, id outage.ID) (*outage.Outage, error) {
	for _, o := range slices.Concat(s.outages, s.older) {
		if o.ID == id {
			return &o, nil
		}
	}
	return nil, nil
}

func (s *shelf) FindGeneration(_ context.Context, id generation.ID) (*generation.Generation, error) {
	if s.found.Generation == nil || s.found.Generation.ID != id {
		return nil, nil
	}
	return s.found.Generation, nil
}

func (s *shelf) FindCase(_ context.Context, id refund.CaseID) (*refund.Case, error) {
	if s.found.Case == nil || s.found.Case.ID != id {
		return nil, nil
	}
	return s.found.Case, nil
}

func (s *shelf) OpenCase(_ context.Context, opened refund.Case) (*refund.Case, error) {
	if s.found.Case != nil && s.found.Case.ID == opened.ID {
		return s.found.Case, nil
	}
	s.found.Case = &opened
	return nil, nil
}

func (s *shelf) OpenClaim(ctx context.Context, opened refund.Case, _ int) (*refund.Case, error) {
	return s.OpenCase(ctx, opened)
}

func (s *shelf) RecordRuling(_ context.Context, reviewed refund.Case, ruling refund.Ruling, due time.Time) error {
	if s.found.Case.State != refund.StateInReview || s.found.Case.Ruling != nil {
		return fault.Stale(errors.New("ruled"))
	}
	s.found.Case.Ruling, s.found.Case.Todo = &ruling, reviewed.WhileRuled(due)
	return nil
}

func (s *shelf) RecordHandling(_ context.Context, _, after refund.Case) error {
	s.found.Case = &after
	return nil
}

func (s *shelf) RecordProposal(_ context.Context, _, after refund.Case) error {
	s.found.Case = &after
	return nil
}

func (s *shelf) RecordTakeBack(_ context.Context, _, after refund.Case) error {
	s.found.Case = &after
	return nil
}

func (s *shelf) Assess(_ context.Context, report message.ResultReported) error {
	s.reports = append(s.reports, report)
	return nil
}

// looked has every report that waits looked at, and nothing seen.
func (s *shelf) looked() {
	for _, report := range s.reports {
		c := *s.found.Case
		c.Todo = todo.List{todo.StepRefund: c.Todo.Due()}
		s.found.Case = &c
		s.requests = append(s.requests, message.NewCaseRequested(report.Case, report.Generation, ""))
	}
	s.reports = nil
}

func (s *shelf) Request(_ context.Context, request message.RefundRequested) error {
	s.requests = append(s.requests, request)
	return nil
}

func (s *shelf) RequestAfter(ctx context.Context, request message.RefundRequested, _ time.Duration) error {
	return s.Request(ctx, request)
}

func (s *shelf) NotifyOffer(_ context.Context, offered message.OutageOffered) error {
	s.offered = append(s.offered, offered)
	return nil
}

func (s *shelf) MakeOffer(_ context.Context, offer outage.Offer) (*outage.Offer, error) {
	if stands := s.offer; stands != nil && stands.ID == offer.ID {
		return stands, nil
	}
	s.offer = &offer
	return nil, nil
}

func (s *shelf) Settle(_ context.Context, unsettled message.PaymentUnsettled) error {
	s.settling = append(s.settling, unsettled)
	return nil
}

func (s *shelf) Notify(_ context.Context, decided message.RefundDecided) error {
	s.told = append(s.told, decided)
	return nil
}

// opened returns the named policy as the use cases open it.
func opened(name string) refund.Policy {
	return must(policy.Open(name))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// deliver hands the requests that wait to a decider of the named policy, a second later, and
// returns the case.
func (s *shelf) deliver(t *testing.T, name string, now time.Time) refund.Case {
	t.Helper()
	s.looked()
	waiting := s.requests
	s.requests = nil
	decider := refund.Decider{Store: s, Notices: s, Settlements: s, Policy: opened(name)}
	for _, request := range waiting {
		require.NoError(t, decider.Decide(t.Context(), request, now))
	}
	return *s.found.Case
}

// last returns the effect that was committed last.
func (s *shelf) last() refund.Effect { return s.effects[len(s.effects)-1] }

func lot(n ledger.Credits) ledger.Draw {
	return ledger.Draw{Lot: "lot_aaaaaaaaaa", Credits: n, Source: ledger.SourcePromotion, Granted: 20, GrantedAt: noon.Add(-time.Hour)}
}

// made returns a shelf with a generation of that many pictures, 4 credits each, which succeeded at
// noon.
func made(outputs int, change ...func(*generation.Generation)) *shelf {
	price := ledger.Credits(4 * outputs)
	g := generation.Generation{
		ID: generation.NewID("alice", "app", "key"), Customer: "alice", Feature: "recolor", Platform: "web", Surface: "editor", Mode: "paid",
		Outputs: outputs, Price: price, Draws: []ledger.Draw{lot(price)}, State: generation.StateCaptured, Captured: price,
		StartedAt: noon.Add(-time.Minute), Deadline: noon.Add(time.Hour), RecordedAt: noon, CapturedAt: noon,
		Result: &generation.Result{Status: generation.StatusSucceeded, FinishedAt: noon}, Hash: "result",
	}
	for _, spoil := range change {
		spoil(&g)
	}
	wallet := ledger.Wallet{Customer: "alice", Standing: ledger.StandingGood, Recorded: true}
	return &shelf{found: refund.Snapshot{Generation: &g, Wallet: wallet}}
}

// reported is a report on an output of the shelf's generation, under a key of its own.
func (s *shelf) reported(output int, key string) refund.Report {
	return refund.Report{
		Generation: s.found.Generation.ID, Output: output, Statement: refund.Statement{Description: "the hands are melted", Issue: policy.IssueDistortion},
		Principal: "app", Key: key, Actor: ledger.ActorApp,
	}
}

func (s *shelf) file(t *testing.T, report refund.Report, now time.Time) (refund.Opened, error) {
	t.Helper()
	return refund.Reporter{Store: s, Assessments: s}.File(t.Context(), report, now)
}

// deaf is a queue that takes nothing.
type deaf struct{ err error }

func (d deaf) Request(context.Context, message.RefundRequested) error { return d.err }

func (d deaf) RequestAfter(context.Context, message.RefundRequested, time.Duration) error {
	return d.err
}

func (d deaf) Assess(context.Context, message.ResultReported) error { return d.err }

// unruled is a policy without rules: everything goes to a person.
func unruled() (refund.Policy, error) {
	revision, err := policyfile.Parse("minimal.yaml", minimal)
	if err != nil {
		return nil, err
	}
	return policy.New(revision)
}

//go:embed testdata/unruled.yaml
var minimal []byte

func failureRequest(s *shelf) message.RefundRequested {
	return message.NewTechnicalFailure(string(s.found.Generation.ID), message.ReasonFailed)
}
