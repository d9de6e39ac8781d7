package storetest

import (
	"context"
	"sync"

	"makegood/shared/assessment"
	"makegood/shared/evidence"
	"makegood/shared/message"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// assessor is the world's, cut off as the payer is. Its calls are counted one by one, though it
// makes some at once.
func (c *cut) assessor() assessment.Assessor {
	looks := &cutLooks{Store: c.Store, cut: c}
	a := c.Assessor()
	a.Decider.Store, a.Store, a.Pictures, a.Shelf, a.Requests = looks, looks, looks, looks, looks
	return a
}

type cutLooks struct {
	Store
	cut *cut
	mu  sync.Mutex
}

func (l *cutLooks) call(do func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut.call(do)
}

// LoadDecision implements refund.Decisions.
func (l *cutLooks) LoadDecision(ctx context.Context, subject refund.Subject) (snapshot refund.Snapshot, err error) {
	err = l.call(func() (err error) { snapshot, err = l.Store.LoadDecision(ctx, subject); return err })
	return snapshot, err
}

// FindImprints implements assessment.Store.
func (l *cutLooks) FindImprints(ctx context.Context, hash string, print evidence.Print) (imprints []assessment.Imprint, err error) {
	err = l.call(func() (err error) { imprints, err = l.Store.FindImprints(ctx, hash, print); return err })
	return imprints, err
}

// ListStopped implements audit.Stops.
func (l *cutLooks) ListStopped(ctx context.Context) (names []evidence.Name, err error) {
	err = l.call(func() (err error) { names, err = l.Store.ListStopped(ctx); return err })
	return names, err
}

// RecordEvidence implements assessment.Store.
func (l *cutLooks) RecordEvidence(
	ctx context.Context, id refund.CaseID, record evidence.Record, imprint *assessment.Imprint, next todo.List,
) error {
	return l.call(func() error {
		return settled(func() error { return l.Store.RecordEvidence(ctx, id, record, imprint, next) })
	})
}

// Fetch implements assessment.Pictures.
func (l *cutLooks) Fetch(ctx context.Context, link string) (body []byte, problem evidence.Problem, err error) {
	err = l.call(func() (err error) { body, problem, err = l.cut.Pictures.Fetch(ctx, link); return err })
	return body, problem, err
}

// Put implements assessment.Shelf.
func (l *cutLooks) Put(ctx context.Context, key, mediaType string, body []byte) error {
	return l.call(func() error { return l.cut.Shelf.Put(ctx, key, mediaType, body) })
}

// DeletePrefix implements assessment.Shelf.
func (l *cutLooks) DeletePrefix(ctx context.Context, prefix string) (left int, err error) {
	err = l.call(func() (err error) { left, err = l.cut.Shelf.DeletePrefix(ctx, prefix); return err })
	return left, err
}

// Request implements refund.Requests.
func (l *cutLooks) Request(ctx context.Context, request message.RefundRequested) error {
	return l.call(func() error { return l.cut.Request(ctx, request) })
}
