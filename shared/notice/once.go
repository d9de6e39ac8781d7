package notice

import (
	"context"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// dueNotice is a noun beside a case on which one notice can be due.
type dueNotice[T any] struct {
	name   string                                     // what errors call it
	id     string                                     // which one it is, for errors
	find   func(ctx context.Context) (*T, error)      // nil: there is none
	isDue  func(current T) bool                       // whether the notice is due
	notify func(ctx context.Context, current T) error // posts and mails it
	mark   func(ctx context.Context) error            // takes the notice off what is due
}

// notifyOnce finds it, notifies and marks it. One without a due notice is left alone; one that
// could not be notified keeps its notice due. KindNotFound when there is none.
func (o dueNotice[T]) notifyOnce(ctx context.Context) error {
	current, err := fault.RetryFor(ctx, o.find)
	switch {
	case err != nil:
		return fault.At("notice: load "+o.name, o.id, err)
	case current == nil:
		return fault.At("notice: load "+o.name, o.id, fault.NotFound(o.name))
	case !o.isDue(*current):
		return nil
	}
	// Notify before marking, as for a case: a crash between the two repeats the notice and never
	// loses it.
	if err := o.notify(ctx, *current); err != nil {
		return fault.At("notice: tell of "+o.name, o.id, err)
	}
	return fault.At("notice: mark "+o.name, o.id, fault.Retry(ctx, o.mark))
}

// mailTo mails the words, and what stands below them, to a customer whose id is an address. Nobody
// else is mailed.
func (t Notifier) mailTo(ctx context.Context, customer ledger.CustomerID, id, words, below string, claim mailClaim) error {
	if t.Mailer == nil || !IsAddress(string(customer)) {
		return nil
	}
	words = oneLine(words)
	return t.send(ctx, Mail{ID: id, To: string(customer), Subject: subject(words), Text: words + below + "\n"}, claim)
}
