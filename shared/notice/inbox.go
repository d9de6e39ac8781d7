package notice

import (
	"cmp"
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

// Inbox keeps how far a customer has read what they were notified of. The notices themselves are
// not kept: they follow from what they are about (Topic).
type Inbox interface {
	// FindRead returns the instant up to which the customer has read, zero where they have read
	// nothing; consistent.
	FindRead(ctx context.Context, customer ledger.CustomerID) (time.Time, error)
	// MarkRead records that the customer has read up to the instant, and returns the one that
	// stands: it never goes back.
	MarkRead(ctx context.Context, customer ledger.CustomerID, upTo time.Time) (time.Time, error)
}

// The bounds of an inbox.
const (
	// MaxTopics is how many topics a page holds at most.
	MaxTopics = 50
	// MaxBeside is how many offers, and how many changes of standing, an inbox tells of at most.
	// An offer takes an outage and a purchase before it, a change a person of staff.
	MaxBeside = 200
)

// Topic is what a customer is notified of. Exactly one of its fields is set.
type Topic struct {
	// Case has all the messages of its life (refund.Case.News).
	Case *refund.Case
	// Offer has one message.
	Offer *outage.Offer
	// Change has one message, where the policy words that standing.
	Change *standing.ChangeRecord
}

// Position returns where the topic stands in an inbox: by when the case was opened, the offer made,
// the standing changed.
func (t Topic) Position() statement.Position {
	switch {
	case t.Case != nil:
		return statement.Position{ID: string(t.Case.ID), At: t.Case.OpenedAt.UnixMilli()}
	case t.Offer != nil:
		return statement.Position{ID: string(t.Offer.ID), At: t.Offer.MadeAt.UnixMilli()}
	}
	return statement.Position{ID: string(t.Change.ID), At: t.Change.At.UnixMilli()}
}

// Cursor is where an inbox goes on: after a case, and after an offer or a change. The zero Cursor
// begins with the newest.
type Cursor struct {
	// Case is the last case read, nil for the newest.
	Case *statement.Position `json:"case,omitempty"`
	// Beside is the last offer or change read, nil for the newest.
	Beside *statement.Position `json:"beside,omitempty"`
}

// Validate returns a KindInvalid error naming cursor when it cannot have come from an inbox of this
// customer.
func (c Cursor) Validate(customer ledger.CustomerID) error {
	if c.Beside != nil {
		if err := c.Beside.Validate(); err != nil {
			return err
		}
	}
	if c.Case == nil {
		return nil
	}
	id, err := refund.ParseCaseID(c.Case.ID)
	// A cursor of another customer would list that customer's cases.
	if err != nil || id.CustomerKey() != customer.Key() {
		return fault.Invalid("cursor", "is none of ours")
	}
	return c.Case.Validate()
}

// Topics lists what a customer is notified of.
type Topics interface {
	// ListCases returns at most limit of the customer's cases after a position, newest first, and
	// whether there are more; the list and its cases may lag.
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
	// ListOffers returns at most limit of the customer's offers, in no order; consistent.
	ListOffers(ctx context.Context, customer ledger.CustomerID, limit int) ([]outage.Offer, error)
	// ListChanges returns at most limit of the changes of which the customer is or was to be
	// notified, newest first; consistent.
	ListChanges(ctx context.Context, customer ledger.CustomerID, limit int) ([]standing.ChangeRecord, error)
}

// ReadInbox hands the topics of the page at cursor to take, newest first, until take has no room
// for more. It returns the cursor of the next page, nil when this is the last. A customer nobody
// knows has no topics.
// Why: infra/decisions/0086.
func ReadInbox(ctx context.Context, store Topics, customer ledger.CustomerID, cursor Cursor, take func(Topic) bool) (*Cursor, error) {
	found, more, err := store.ListCases(ctx, customer, cursor.Case, MaxTopics)
	if err != nil {
		return nil, fault.At("notice.ReadInbox: list cases", customer.Key(), err)
	}
	beside, err := listBeside(ctx, store, customer, cursor.Beside)
	if err != nil {
		return nil, err
	}
	cases := make([]Topic, len(found))
	for i := range found {
		cases[i] = Topic{Case: &found[i]}
	}
	for count := 0; count < MaxTopics && len(cases)+len(beside) > 0; count++ {
		// With a page of cases read, the newest of either is the newest that there is.
		from, last := &cases, &cursor.Case
		if len(cases) == 0 || len(beside) > 0 && beside[0].Position().At > cases[0].Position().At {
			from, last = &beside, &cursor.Beside
		}
		// The cursor moves past a topic only once it is taken: one without room comes again.
		if !take((*from)[0]) {
			return &cursor, nil
		}
		position := (*from)[0].Position()
		*last, *from = &position, (*from)[1:]
	}
	if len(cases)+len(beside) == 0 && (!more || len(found) == 0) {
		return nil, nil
	}
	return &cursor, nil
}

// listBeside returns the customer's offers and changes after a position, newest first.
func listBeside(ctx context.Context, store Topics, customer ledger.CustomerID, after *statement.Position) ([]Topic, error) {
	offers, err := store.ListOffers(ctx, customer, MaxBeside)
	if err != nil {
		return nil, fault.At("notice.ReadInbox: list offers", customer.Key(), err)
	}
	changes, err := store.ListChanges(ctx, customer, MaxBeside)
	if err != nil {
		return nil, fault.At("notice.ReadInbox: list changes", customer.Key(), err)
	}
	var list []Topic
	for i := range offers {
		list = append(list, Topic{Offer: &offers[i]})
	}
	for i := range changes {
		list = append(list, Topic{Change: &changes[i]})
	}
	// They are few, so that each page reads them all and leaves out what came before it.
	if after != nil {
		list = slices.DeleteFunc(list, func(t Topic) bool { return newestFirst(t.Position(), *after) <= 0 })
	}
	slices.SortFunc(list, func(a, b Topic) int { return newestFirst(a.Position(), b.Position()) })
	return list, nil
}

func newestFirst(a, b statement.Position) int {
	return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID))
}
