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

// Record is what weighing a verdict reads of a store.
type Record interface {
	// LoadDecision returns what the matter names, its customer's wallet and recent requests, in one
	// consistent read. The customer's key is in the case's id.
	LoadDecision(ctx context.Context, subject Subject) (Snapshot, error)
	// CountGenerations returns how many generations the customer has started since, at most limit.
	// It counts by an index, which may lag by an instant: see infra/decisions/0009.
	CountGenerations(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error)
	// FindPayments is that of payment.Store.
	FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
	// FindNamed returns the payments that the ids name, each once: by the provider's own id, or by
	// an alias, but not by one of a payment that was granted by its first commit, which
	// PurchasesSince finds. Consistent.
	FindNamed(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
	// PurchasesSince returns at most limit of the customer's payments: of those that granted
	// nothing the latest, then those that granted since, oldest first. Consistent.
	PurchasesSince(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) ([]payment.ID, error)
	// GrantedBy returns the payment whose grant at that instant opened the customer's lot, "" where
	// no payment did; consistent.
	GrantedBy(ctx context.Context, customer ledger.CustomerID, lot ledger.LotID, at time.Time) (payment.ID, error)
	// FindOutage is that of outage.Store.
	FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error)
	// Outages returns the declared outages, the latest outage.Max of them; consistent.
	Outages(ctx context.Context) ([]outage.Outage, error)
}

// Decisions is what deciding needs of a store.
type Decisions interface {
	Record
	// CommitDecision writes the effect, and counts its finding among those of that clause.
	// KindStale when what it rests on has changed: the case exists (Before nil), or has left the
	// state, appeal and rulings of Before; the generation has left the state, the refunded credits
	// and the uses of Before; the recent requests, a payment, the wallet or the uses of Used are
	// not as they were read.
	CommitDecision(ctx context.Context, effect Effect) error
	// MakeOffer records the offer and returns nil; where one of its id exists, it writes nothing
	// and returns that.
	MakeOffer(ctx context.Context, offer outage.Offer) (*outage.Offer, error)
}

// Openings is what asking needs of a store.
type Openings interface {
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	// OpenCase creates the case and returns nil; where one of its id exists, it writes nothing and
	// returns that.
	OpenCase(ctx context.Context, c Case) (*Case, error)
}

// Claims is what claiming needs of a store.
type Claims interface {
	// OpenCase is that of Openings.
	OpenCase(ctx context.Context, c Case) (*Case, error)
	// OpenClaim creates the case and counts it among its customer's of that day (UTC), in one
	// commit, and returns nil; where one of its id exists, it writes nothing and returns that.
	// KindThrottled when the customer has opened so many that day.
	OpenClaim(ctx context.Context, c Case, most int) (*Case, error)
}

// Reviews is what staff's work needs of a store.
type Reviews interface {
	Record
	// RecordRuling notes the ruling on a case that is in review and has none: the case leaves the
	// list of what waits for staff, and owes what reviewed.WhileRuled says. KindStale when it is
	// not in review any more, or has a ruling, or had others, or was appealed, since reviewed was
	// read, or was told meanwhile that its money failed.
	RecordRuling(ctx context.Context, c Case, ruling Ruling, due time.Time) error
}

// ReviewPosition is a place in the list of cases that wait for staff: the due instant in
// milliseconds, then the case.
type ReviewPosition struct {
	At   int64  `json:"at"`
	Case CaseID `json:"case"`
}

// Compare orders positions: soonest due first, then by case.
func (p ReviewPosition) Compare(other ReviewPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Case, other.Case))
}

// Requests is where decisions are asked for.
type Requests interface {
	Request(ctx context.Context, request message.RefundRequested) error
}

// Notices is where verdicts and offers wait to be told.
type Notices interface {
	Notify(ctx context.Context, notice message.RefundDecided) error
	NotifyOffer(ctx context.Context, notice message.OutageOffered) error
}

// Policy knows the revision in force at an instant, and what it sells.
type Policy interface {
	payment.Catalog
	At(at time.Time) policy.Revision
	// Of returns the revision that a decision names, false where it is published no more.
	Of(ref policy.Ref) (policy.Revision, bool)
}

// ListedAfter returns the cursor with which a list of all cases goes on behind the case.
func ListedAfter(id CaseID) string { return id.CustomerKey() + " " + string(id) }
