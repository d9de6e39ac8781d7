// Package policy owns the published refund policies and the decision they make: facts in; outcome,
// clause and remedy out.
//
// It refuses to know where facts come from, what time it is, and who carries a decision out. It
// does no I/O: the published files are part of the binary, as the Go code that they were compiled
// to. It knows no YAML: policyfile does.
//
// Invariants: deciding is total and pure. Any facts get a decision or an error that names the
// field; the same facts get the same bytes. Exactly the approved decisions have a remedy. It never
// exceeds what was charged and is never given twice for one output or purchase, whatever a file
// says and whatever a person rules. A file with a fault is never in force, not even in part.
//
// Words: policy (a name and its revisions), revision (one file, in force from its day on), clause
// (a sentence of the published text, cited by its number), rule (conditions, the clause that they
// apply, the answer), trace (the rules that were tried), ruling (what a person decided on a case in
// review).
package policy

import (
	"slices"
	"strings"
	"sync"
	"time"

	"makegood/shared/fault"
)

//go:generate go run -tags uncompiled ../../infra/compile-policies . published.gen.go

// Policy is a named policy with its revisions, oldest first; it has at least one.
type Policy struct {
	name      string
	revisions []Revision
}

// edition is a published policy as it was compiled; published lists them by name.
// Why: infra/decisions/0044.
type edition struct {
	name      string
	revisions func() []Revision
	// open makes the policy at its first call: a process pays for the one that it opens, and once.
	open func() (*Policy, error)
}

func newEdition(name string, revisions func() []Revision) edition {
	e := edition{name: name, revisions: revisions}
	e.open = sync.OnceValues(e.make)
	return e
}

func (e edition) make() (*Policy, error) {
	revisions := e.revisions()
	for i := range revisions {
		revisions[i].derive()
	}
	return New(revisions...)
}

// Open returns the published policy of that name, KindInvalid naming the known ones for an unknown
// name. Every call returns the same *Policy.
func Open(name string) (*Policy, error) {
	for _, edition := range published {
		if edition.name == name {
			return edition.open()
		}
	}
	return nil, fault.Invalid("policy", "unknown policy %q: known are %s", name, strings.Join(Names(), ", "))
}

// Published returns the revision that the reference names, of whichever published policy; false
// when no published file has its digest any more.
func Published(ref Ref) (Revision, bool) {
	p, err := Open(ref.Name)
	if err != nil {
		return Revision{}, false
	}
	return p.Of(ref)
}

// Names returns the names of the published policies, sorted.
func Names() []string {
	names := make([]string, len(published))
	for i, edition := range published {
		names[i] = edition.name
	}
	return names
}

// New returns a policy of these revisions, in any order; KindInvalid when there is none, when their
// names differ, or when two take effect on one day.
func New(revisions ...Revision) (*Policy, error) {
	if len(revisions) == 0 {
		return nil, fault.Invalid("revision", "a policy has at least one revision")
	}
	p := &Policy{name: revisions[0].Name, revisions: slices.Clone(revisions)}
	slices.SortFunc(p.revisions, func(a, b Revision) int { return strings.Compare(a.Revision, b.Revision) })
	// Sorted by their day, so that two of one day are neighbours.
	for i, rev := range p.revisions {
		if rev.Name != p.name {
			return nil, fault.Invalid("name", "%q stands among the revisions of %q", rev.Name, p.name)
		}
		if i > 0 && rev.Revision == p.revisions[i-1].Revision {
			return nil, fault.Invalid("revision", "two files of %q take effect on %s", p.name, rev.Revision)
		}
	}
	return p, nil
}

// Name returns the policy's name.
func (p *Policy) Name() string { return p.name }

// At returns the revision in force at t; before the first one took effect, the first: each case is
// judged by some revision.
func (p *Policy) At(t time.Time) Revision {
	for _, rev := range slices.Backward(p.revisions) {
		if !rev.effectiveAt.After(t) {
			return rev
		}
	}
	return p.revisions[0]
}

// Current returns the revision in force at now: the one that prices what is started or sold now.
func (p *Policy) Current(now time.Time) Revision { return p.At(now) }

// Of returns the revision that the reference names; false when no published file has its digest any
// more.
func (p *Policy) Of(ref Ref) (Revision, bool) {
	for _, rev := range p.revisions {
		if rev.Ref() == ref {
			return rev, true
		}
	}
	return Revision{}, false
}

// Revisions returns all revisions, oldest first. The slice is shared: do not change it.
func (p *Policy) Revisions() []Revision { return p.revisions }
