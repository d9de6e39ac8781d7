package console

import (
	"context"
	"slices"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// balance is what a customer has.
type balance struct {
	Standing              string
	Available, Held, Owed ledger.Credits
	Lots                  []ledger.Lot
}

// balanceStore is what a balance is read from.
type balanceStore interface {
	// FindWallet returns the customer's wallet; one that nobody has written has Recorded false.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// HeldBy returns the credits of the customer that are held.
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
}

// balanceOf returns what the customer has, and the lots that live.
func (c Console) balanceOf(r request, customer ledger.CustomerID) (balance, error) {
	wallet, err := c.Store.FindWallet(r.Context(), customer)
	if err != nil {
		return balance{}, fault.At("console: wallet", customer.Key(), err)
	}
	held, err := c.Store.HeldBy(r.Context(), customer)
	if err != nil {
		return balance{}, fault.At("console: held credits", customer.Key(), err)
	}
	return balance{
		Standing: string(wallet.Standing), Available: wallet.Available(r.Now), Held: held, Owed: wallet.Owed(),
		Lots: slices.DeleteFunc(slices.Clone(wallet.Lots), func(lot ledger.Lot) bool { return !lot.Live(r.Now) }),
	}, nil
}
