package dynamo

import (
	"context"
	"errors"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func (s *Store) caseRef(id refund.CaseID) ref {
	return ref{table: s.tables.Cases, pk: id.CustomerKey(), sk: string(id)}
}

func encodeCase(c refund.Case) item {
	row := item{
		attrPK:       text(c.ID.CustomerKey()),
		attrSK:       text(string(c.ID)),
		attrCustomer: text(string(c.Customer)),
		"kind":       text(string(c.Kind)),
		attrState:    text(string(c.State)),
		attrOpenedAt: instant(c.OpenedAt),
		"history":    document(c.History),
	}
	row.putText("generation", c.Generation)
	if c.Decision != nil {
		row["decision"] = document(c.Decision)
	}
	row.putText("notice", c.Notice)
	row.putInstant("toldAt", c.ToldAt)
	row.putTodo(c.Todo, c.Attempts)
	return row
}

func decodeCase(row item) (*refund.Case, error) {
	if row == nil {
		return nil, nil
	}
	c := refund.Case{
		ID:         refund.CaseID(row.text(attrSK)),
		Kind:       policy.Kind(row.text("kind")),
		Customer:   ledger.CustomerID(row.text(attrCustomer)),
		Generation: row.text("generation"),
		State:      refund.State(row.text(attrState)),
		Notice:     row.text("notice"),
		OpenedAt:   row.instant(attrOpenedAt),
		ToldAt:     row.instant("toldAt"),
		Todo:       row.todo(),
		Attempts:   int(row.number(attrAttempts)),
	}
	if c.State == "" || c.Customer == "" {
		return nil, missingAttribute("Cases", attrState)
	}
	return &c, errors.Join(row.document("decision", &c.Decision), row.document("history", &c.History))
}

// LoadDecision implements refund.Cases.
func (s *Store) LoadDecision(ctx context.Context, id generation.ID, caseID refund.CaseID) (refund.Snapshot, error) {
	rows, err := s.get(ctx, s.generationRef(id), s.walletRef(id.CustomerKey()), s.caseRef(caseID))
	if err != nil {
		return refund.Snapshot{}, err
	}
	var found refund.Snapshot
	if found.Generation, err = decodeGeneration(rows[0]); err != nil || found.Generation == nil {
		return found, err
	}
	if found.Wallet, err = decodeWallet(rows[1], found.Generation.Customer); err != nil {
		return found, err
	}
	found.Case, err = decodeCase(rows[2])
	return found, err
}

// CommitDecision implements refund.Cases.
func (s *Store) CommitDecision(ctx context.Context, effect refund.Effect) error {
	writes, err := s.writePosting(effect.Posting, nil)
	if err != nil {
		return err
	}
	change, err := s.writeGeneration(effect.Before, effect.After)
	if err != nil {
		return err
	}
	return s.transact(ctx, append(writes, change, create(s.tables.Cases, encodeCase(effect.Case))))
}

// FindCase returns the case, nil when there is none.
func (s *Store) FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error) {
	rows, err := s.get(ctx, s.caseRef(id))
	if err != nil {
		return nil, err
	}
	return decodeCase(rows[0])
}

// MarkTold notes that the customer was told of the case's verdict and clears the step; a case that owes no notice is left alone.
func (s *Store) MarkTold(ctx context.Context, id refund.CaseID, at time.Time) error {
	c, err := s.FindCase(ctx, id)
	if err != nil || c == nil || !c.Todo.Has(todo.StepNotice) {
		return err
	}
	before := encodeTodo(c.Todo)
	delete(c.Todo, todo.StepNotice)
	row := item{"toldAt": instant(at)}
	row.putTodo(c.Todo, 0)
	u := newUpdate()
	u.requireEqual(attrTodo, before)
	u.replace(row, "toldAt", attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err = s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	return classify(err)
}
