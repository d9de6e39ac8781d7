package refund

import (
	"cmp"
	"context"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Record is what the evaluation of a case reads of a store.
type Record interface {
	// LoadDecision returns what the subject names, with the customer's wallet and recent reports,
	// in one consistent read. Of a report it returns what was seen, too. It finds the customer by
	// the key in the case's id.
	LoadDecision(ctx context.Context, subject Subject) (Snapshot, error)
	// CountGenerations returns how many generations the customer has started since, at most limit.
	// It counts by an index, which may lag by an instant.
	// Why: infra/decisions/0009.
	CountGenerations(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error)
	// FindPayments returns the payments with these ids, each once and in the order of the ids, by a
	// consistent read. Unknown ids are left out.
	FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
	// FindNamed returns the payments that the ids name, each once, by a consistent read: by their
	// own id, or by an alias. A payment that was granted by its very first commit has no alias in
	// the index; PurchasesSince finds it.
	FindNamed(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
	// PurchasesSince returns at most limit of the customer's payments by a consistent read: first
	// the latest of those that granted nothing, then those that granted since, oldest first.
	PurchasesSince(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) ([]payment.ID, error)
	// GrantedBy returns the payment whose grant at that instant opened the customer's lot, by a
	// consistent read. "" where no payment opened it.
	GrantedBy(ctx context.Context, customer ledger.CustomerID, lot ledger.LotID, at time.Time) (payment.ID, error)
	// FindOutage returns the outage by a consistent read, nil when there is none.
	FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error)
	// Outages returns the latest outage.Max declared outages, by a consistent read.
	Outages(ctx context.Context) ([]outage.Outage, error)
}

// Decisions is what the decider needs of a store.
type Decisions interface {
	Record
	// CommitDecision writes the effect in one transaction, its second look among it, and adds its
	// finding to the tally of that clause.
	//
	// KindStale when something that the effect rests on has changed since it was read:
	//   - the case: it exists by now (Before nil), or its state, appeal or rulings differ from
	//     Before;
	//   - the generation: its state, refunded credits or uses differ from Before;
	//   - the recent reports, a payment, the wallet, or the uses of Used.
	CommitDecision(ctx context.Context, effect Effect) error
	// MakeOffer records the offer and returns nil. Where an offer of that id exists, it writes
	// nothing and returns the existing one.
	MakeOffer(ctx context.Context, offer outage.Offer) (*outage.Offer, error)
}

// Cases is how a case is opened.
type Cases interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id CaseID) (*Case, error)
	// OpenCase creates the case and returns nil. Where a case of that id exists, it writes nothing
	// and returns the existing one. By its AddressMark the case is found from that commit on, and
	// the attachments of its statement are its own: KindStale where one is not there, is another
	// customer's or another case's, is to be removed, or was past its day at OpenedAt.
	OpenCase(ctx context.Context, c Case) (*Case, error)
}

// Openings is what the reporter needs of a store.
type Openings interface {
	Cases
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
}

// Claims is what the claimer needs of a store.
type Claims interface {
	Cases
	// OpenClaim does as OpenCase, and counts the case among its customer's claims of that day (UTC)
	// in the same commit. KindThrottled when the customer has opened most of them that day.
	OpenClaim(ctx context.Context, c Case, most int) (*Case, error)
}

// Reviews is what the reviewer needs of a store.
type Reviews interface {
	Record
	// RecordRuling writes the ruling on a case in review that has none, in place of what was
	// proposed. The case leaves the list of those that wait for staff, and its steps become those
	// of c.WhileRuled(due).
	//
	// KindStale when the case has changed since c was read: it left review, has a ruling, had other
	// rulings, another one is proposed or none, it was appealed, or the message of failed money was
	// sent.
	RecordRuling(ctx context.Context, c Case, ruling Ruling, due time.Time) error
	// RecordTakeBack writes the case as it is once its ruling was taken back.
	//
	// KindStale when the case has changed since before was read: its state, appeal, rulings or
	// steps.
	RecordTakeBack(ctx context.Context, before, after Case) error
	// RecordProposal writes Proposed, Overruled and History of after, and nothing else: the case
	// waits as before.
	//
	// KindStale when the case does not wait for staff any more, or when one of the three, or the
	// appeal, has changed since before was read.
	RecordProposal(ctx context.Context, before, after Case) error
	// RecordHandling writes Assignment and Skips of after.
	//
	// KindStale when the case does not wait for staff any more, or when one of the two has changed
	// since before was read.
	RecordHandling(ctx context.Context, before, after Case) error
}

// ReviewPosition is a place in the list of cases that wait for staff.
type ReviewPosition struct {
	// At is when the case's answer is due, in milliseconds since 1970.
	At int64 `json:"at"`
	// Case tells cases of one instant apart.
	Case CaseID `json:"case"`
}

// Compare orders positions: the soonest due first, then by case.
func (p ReviewPosition) Compare(other ReviewPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Case, other.Case))
}

// Requests is the queue of the decider.
type Requests interface {
	// Request asks for a decision. When it returns nil, the request is on the queue.
	Request(ctx context.Context, request message.RefundRequested) error
}

// LaterRequests is the queue of the decider, for a decision that is not due yet, too.
type LaterRequests interface {
	// RequestAfter asks for a decision that the decider gets after the delay, at most 15 minutes;
	// 0: at once. When it returns nil, the request is on the queue.
	RequestAfter(ctx context.Context, request message.RefundRequested, delay time.Duration) error
}

// Assessments is the queue of whoever looks at the pictures of bad results.
type Assessments interface {
	// Assess asks for a look. When it returns nil, the request is on the queue.
	Assess(ctx context.Context, report message.ResultReported) error
}

// Notices is the queue of the notifier.
type Notices interface {
	// Notify asks for the messages that are due on a case.
	Notify(ctx context.Context, notice message.RefundDecided) error
	// NotifyOffer asks for the message about an offer.
	NotifyOffer(ctx context.Context, notice message.OutageOffered) error
}

// Policy knows the revision in force at an instant, and what it sells.
type Policy interface {
	payment.Catalog
	// At returns the revision in force at the instant.
	At(at time.Time) policy.Revision
	// Of returns the revision that a decision names, false where its file is gone.
	Of(ref policy.Ref) (policy.Revision, bool)
}

// ListedAfter returns the cursor that continues a list of all cases behind this one.
func ListedAfter(id CaseID) string { return id.CustomerKey() + " " + string(id) }
