// Package ledger owns the credits of customers: wallets, the lots in them, the entries that explain them, and the posting rules
// that turn one step (grant, hold, release, refund, expiry, clawback) into a Posting, to be committed whole or not at all.
//
// It refuses to know generations, payments and policies beyond the words in a Cause, where anything is stored, and what time it
// is: now is a parameter of every rule. The rules are pure and leave the wallet they are given untouched.
//
// Invariants, each held by Check and by the property tests: an entry moves a positive amount between two book accounts, as
// Accounts says, and a wallet is the sum of its lines; available and held are never negative; owed > 0 implies available = 0
// after every posting; a lot that has expired is never drawn nor counted, and a posting that touches one posts its expiry first;
// credits return to the lots they were drawn from; at most MaxLots live lots (MaxPaidLots where one was bought) and MaxDebts debts; a
// posting fits one commit (MaxWrites). What a payment has taken back, and what its
// wallet has available and owes, depend on its target alone, not on the way there (see AdjustClawback).
//
// Words: lot (the credits of one grant, with their expiry), draw (what a step took from a lot), hold → capture | release
// (reserved, then spent or given back unspent), refund (spent credits returned), clawback (credits taken back because money went
// back), owed (what a clawback could not take), taking (what was taken back for one payment, and from where), line (an entry,
// or the generation that is itself the line of its own hold, capture and release).
package ledger
