package standing

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// ID names a change: "std_", the customer's key, and its instant in milliseconds. No two changes of
// a customer share one.
type ID string

const (
	idPrefix = "std_"
	idDigits = 13 // of its instant, until the year 2286
)

// NewID returns the id of the customer's change at that instant.
func NewID(customerKey string, at time.Time) ID {
	return ID(fmt.Sprintf("%s%s_%0*d", idPrefix, customerKey, idDigits, at.UnixMilli()))
}

// ParseID returns the id, or KindNotFound for what can be no change's id.
func ParseID(s string) (ID, error) {
	key, instant, _ := strings.Cut(strings.TrimPrefix(s, idPrefix), "_")
	at, err := strconv.ParseInt(instant, 10, 64)
	if err != nil || len(instant) != idDigits || !ledger.IsKey(key) || NewID(key, time.UnixMilli(at)) != ID(s) {
		return "", fault.NotFound("change")
	}
	return ID(s), nil
}

// CustomerKey returns the key of the customer whose change it is. The id must be one of ours.
func (id ID) CustomerKey() string {
	key, _, _ := strings.Cut(strings.TrimPrefix(string(id), idPrefix), "_")
	return key
}

// ChangeRecord is a change with the notice of it that is due.
type ChangeRecord struct {
	// ID names the change.
	ID ID
	// Customer is whose standing it is.
	Customer ledger.CustomerID
	// Change is the line of the history.
	Change
	// Todo is what is due: the notice, until it has gone out.
	Todo todo.List
	// Attempts is how often the sweep has tried.
	Attempts int
}

// Untold reports whether the customer is still to be notified.
func (r ChangeRecord) Untold() bool { return r.Todo.Has(todo.StepStand) }

// steps returns what a change makes due at now: its notice, where the standing is another one. A
// new note on the same standing is staff's matter alone.
// Why: infra/decisions/0041.
func steps(before ledger.Standing, change Change, now time.Time) todo.List {
	if orGood(before) == change.Standing {
		return nil
	}
	return todo.List{todo.StepStand: now.Add(todo.Resend)}
}
