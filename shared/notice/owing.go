package notice

import (
	"context"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// owing is something beside a case that owes its customer one notice, by its name in errors.
type owing[T any] struct {
	name string
	find func(ctx context.Context) (*T, error) // nil: there is none
	owes func(found T) bool
	tell func(ctx context.Context, found T) error
	mark func(ctx context.Context) error // takes the notice off what is owed
}

// tellOnce finds it, tells it and marks it told. One that owes no notice is left alone; one that could not be told still owes it. KindNotFound
// when there is none.
func (o owing[T]) tellOnce(ctx context.Context) error {
	var found *T
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		found, err = o.find(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case found == nil:
		return fault.NotFound(o.name)
	case !o.owes(*found):
		return nil
	}
	if err := o.tell(ctx, *found); err != nil {
		return err
	}
	return fault.Retry(ctx, o.mark)
}

// mailTo mails the words, and what stands below them, to a customer whose id is an address; nobody else is mailed.
func (t Teller) mailTo(ctx context.Context, customer ledger.CustomerID, id, words, below string, claimed claim) error {
	if t.Mailer == nil || !IsAddress(string(customer)) {
		return nil
	}
	words = oneLine(words)
	return t.send(ctx, Mail{ID: id, To: string(customer), Subject: subject(words), Text: words + below + "\n"}, claimed)
}
