package view

import (
	"cmp"

	"makegood/shared/api"
	"makegood/shared/attachment"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// Stuck returns an item that the sweep gave up.
func Stuck(item due.Item) api.StuckItem {
	return api.StuckItem{
		Kind: string(item.Kind), ID: cmp.Or(item.Sort, item.Partition), Customer: string(item.Customer), StuckAt: api.MomentOf(item.At), Attempts: item.Attempts,
		Steps: item.Todo.Names(),
	}
}

// StuckKey returns the key of an item: what belongs to a customer lies under the key that its id
// carries. An id that no such item can have is KindNotFound; a kind of which staff let nothing be
// due again, KindInvalid.
func StuckKey(kind todo.Kind, id string) (due.Key, error) {
	var partition string
	var err error
	switch kind {
	case todo.KindGeneration:
		partition, err = keyIn(id, generation.ParseID)
	case todo.KindCase:
		partition, err = keyIn(id, refund.ParseCaseID)
	case todo.KindOffer:
		partition, err = keyIn(id, outage.ParseOfferID)
	case todo.KindStanding:
		partition, err = keyIn(id, standing.ParseID)
	case todo.KindAttachment:
		partition, err = keyIn(id, attachment.ParseID)
	case todo.KindOutage:
		_, err = outage.ParseID(id)
		return due.Key{Kind: kind, Partition: id}, err
	case todo.KindPayment:
		if payment.ID(id).Validate("payment") != nil {
			return due.Key{}, fault.NotFound("payment")
		}
		return due.Key{Kind: kind, Partition: id}, nil
	case todo.KindWallet:
		fallthrough // it stays due as it is
	default:
		return due.Key{}, fault.Invalid("kind", "is none of which a stuck item is let be due again")
	}
	return due.Key{Kind: kind, Partition: partition, Sort: id}, err
}

// keyIn returns the customer's key that an id carries.
func keyIn[ID interface{ CustomerKey() string }](text string, parse func(string) (ID, error)) (string, error) {
	id, err := parse(text)
	if err != nil {
		return "", err
	}
	return id.CustomerKey(), nil
}
