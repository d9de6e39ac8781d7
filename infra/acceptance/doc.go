// Package acceptance owns what must be true of the whole system: the real binaries on the local
// stack, spoken to over HTTP and SQS as an app, a worker, a customer, a payment provider and staff
// would; with each published policy where their answers differ.
//
// It refuses to know packages of the system beyond their contract: it reads answers, never rows,
// and reaches into a table only to make an item older than it is, since no test can wait for a
// deadline.
//
// Invariants: faults are real (a process killed with -9 between two calls, a message that was
// accepted and lost, a provider that takes an order and drops the line); after each story the
// statement still adds up to the balance, and the provider's books hold what was promised, once.
//
// Words: app, worker, customer, provider, staff (who speaks), shop (what the app sells under a
// policy), desk (staff's list), hook (what a test does to the calls of one function), planted (the
// provider knows it, and never told).
package acceptance
