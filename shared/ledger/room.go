package ledger

// A posting is one transaction, and a store's transaction has an end: DynamoDB's is 100 writes. So
// whatever a customer's history, a posting is at most MaxWrites of them (see Writes), which leaves
// eight for the wallet and for what commits with it.
//
// The worst posting is a falling target (see AdjustClawback). Each lot that takes credits back has
// two entries: one for debt payments reversed, one for a clawback returned. Where debts are owed,
// nothing was available, so only these lots are live. Each debt then costs an entry and a row of
// its payment, and each lot but one an entry more:
//
//	nothing owed:  2 × MaxPaidLots + overhead           = 92
//	debts owed:    3 × room + 2 × debts - 1 + overhead  ≤ 92
//
// The overhead is the own lot's expiry and its row, reexpiry, forgiveness, and an entry and a row
// for each lot swept on the way. A refund has at most as many: two for each draw (an entry, and a
// row where it expires), or three where a draw pays debts.
const (
	// MaxWrites is how many rows a posting writes at the most, the wallet's own apart.
	MaxWrites = 92
	// MaxDebts is how many payments a wallet owes for. Law 2 leaves no choice but to pay all of
	// them in one posting.
	MaxDebts = 40

	// maxSwept is how many lots a posting expires on the way, see sweep.
	maxSwept = 2
	overhead = 4 + 2*maxSwept
)

// room returns how many live lots returning credits may make of the wallet: MaxLots, or fewer where
// debts must be paid from them in the same posting. Past it, credits join a lot that expires no
// sooner. They return to another lot than theirs then, but nobody loses any.
// Why: infra/decisions/0024.
func (s *step) room() int {
	debts := len(s.posting.Before.Debts)
	if debts == 0 {
		return MaxLots
	}
	return max(1, (MaxWrites-overhead+1-2*debts)/3)
}

// Writes returns how many rows the posting writes beside the wallet: its entries, the rows of lots
// with expired credits, and the payments whose debts it pays.
// Why: infra/decisions/0007.
func (p Posting) Writes() int {
	payments := map[string]bool{}
	for _, debt := range p.DebtsPaid {
		payments[debt.Payment] = true
	}
	return len(p.Entries) + len(p.Expired) + len(payments)
}
