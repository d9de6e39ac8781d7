// Package ledger owns the credits of customers: wallets, the lots in them, the entries that explain
// them, and the posting rules that turn one step (grant, hold, release, refund, expiry, clawback)
// into a Posting, to be committed whole or not at all.
//
// It refuses to know generations, payments and policies beyond the words in a Cause, where anything
// is stored, and what time it is: now is a parameter of every rule. The rules are pure and leave
// the wallet they are given untouched.
//
// Invariants, each held by Check and by the property tests:
//   - An entry moves a positive amount between two book accounts, as Accounts says. A wallet is the
//     sum of its lines.
//   - Available and held are never negative. After every posting, a debt means that nothing is
//     available.
//   - A lot that has expired is never drawn nor counted. A posting that touches one posts its
//     expiry first.
//   - Credits return to the lots they were drawn from.
//   - A wallet has at most MaxLots live lots (MaxPaidLots where one was bought) and MaxDebts debts.
//     A posting fits one commit (MaxWrites).
//   - What a payment has taken back, and what its wallet has available and owes, depend on the
//     payment's target alone, not on the way there (see AdjustClawback).
//
// Words: lot (the credits of one grant, with their expiry), draw (what a step took from a lot),
// hold → capture | release (reserved, then spent or given back unspent), refund (spent credits
// returned), clawback (credits taken back because money went back, and the record of it for one
// payment), owed (what a clawback could not take: a debt), line (an entry, or the generation that
// is itself the line of its own hold, capture and release).
package ledger
