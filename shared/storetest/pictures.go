package storetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"makegood/shared/assessment"
	"makegood/shared/evidence"
	"makegood/shared/fault"
)

// Pictures are bytes by their links. What no link leads to is gone.
type Pictures map[string][]byte

// Fetch implements assessment.Pictures.
func (p Pictures) Fetch(_ context.Context, link string) ([]byte, evidence.Problem, error) {
	if link == "" {
		return nil, evidence.ProblemNoLink, nil
	}
	body, ok := p[link]
	if !ok {
		return nil, evidence.ProblemGone, nil
	}
	return body, "", nil
}

// Shelf keeps objects in memory. It is safe for concurrent use.
type Shelf struct {
	mu      sync.Mutex
	objects map[string][]byte
}

// NewShelf returns an empty shelf.
func NewShelf() *Shelf { return &Shelf{objects: map[string][]byte{}} }

// Put implements assessment.Shelf.
func (s *Shelf) Put(_ context.Context, key, _ string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = body
	return nil
}

// Delete implements attachment.Objects.
func (s *Shelf) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
	return nil
}

// DeletePrefix implements assessment.Shelf.
func (s *Shelf) DeletePrefix(_ context.Context, prefix string) (left int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// As the bucket: a prefix that is not whole parts of a path may be another's, too.
	if !strings.HasSuffix(prefix, "/") {
		return 0, fault.Invalid("prefix", "must end in a slash")
	}
	maps.DeleteFunc(s.objects, func(key string, _ []byte) bool { return strings.HasPrefix(key, prefix) })
	return 0, nil
}

// Begin implements attachment.Uploads.
func (s *Shelf) Begin(_ context.Context, key string, n int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, there := s.objects[key]
	if !there {
		return nil, fault.NotFound("object")
	}
	return body[:min(n, len(body))], nil
}

// Keys returns the keys below the prefix, sorted.
func (s *Shelf) Keys(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.objects)), func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

// Assessor returns the use case over the world's store, policy, pictures and queues.
func (w *World) Assessor() assessment.Assessor {
	return assessment.Assessor{Decider: w.Decider(), Store: w.Store, Pictures: w.Pictures, Shelf: w.Shelf, Requests: w}
}

// Assesses has every report that waits looked at.
func (w *World) Assesses() {
	w.t.Helper()
	for _, report := range take(w, &w.reports) {
		require.NoError(w.t, again(func() error { return w.Assessor().Assess(w.ctx(), report, 1, w.Now) }))
	}
}
