// Package policy owns the published refund policies and the decision they make: facts in; outcome,
// clause and remedy out.
//
// It refuses to know where facts come from, what time it is, and who carries a decision out. It
// does no I/O: the published files are part of the binary.
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
	"embed"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"makegood/shared/fault"
)

//go:embed published/*/*.yaml
var files embed.FS

// Policy is a named policy with its revisions, oldest first; it has at least one.
type Policy struct {
	name      string
	revisions []Revision
}

// parsers holds one lazy parse for each published policy: a process pays only for the one that it
// opens, and once.
var parsers = sync.OnceValue(func() map[string]func() (*Policy, error) {
	policies := map[string]func() (*Policy, error){}
	for _, name := range entries("published") {
		policies[name] = sync.OnceValues(func() (*Policy, error) { return load(name) })
	}
	return policies
})

// Open returns the published policy of that name, KindInvalid naming the known ones for an unknown
// name. The first call parses its files (about 2 ms); later calls return the same *Policy.
func Open(name string) (*Policy, error) {
	open, ok := parsers()[name]
	if !ok {
		return nil, fault.Invalid("policy", "unknown policy %q: known are %s", name, strings.Join(Names(), ", "))
	}
	return open()
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
func Names() []string { return entries("published") }

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

// load parses the published files of one policy. A file's path repeats its name and revision, so
// that a listing of the folder shows what is in force.
func load(name string) (*Policy, error) {
	var revisions []Revision
	for _, base := range entries(path.Join("published", name)) {
		file := path.Join("published", name, base)
		source, err := files.ReadFile(file)
		if err != nil {
			return nil, fault.At("policy.Open: read", file, err)
		}
		rev, err := Parse(file, source)
		if err != nil {
			return nil, fault.At("policy.Open: parse", file, err)
		}
		// A listing that lies would have the wrong file reviewed.
		if rev.Name != name || rev.Revision+".yaml" != base {
			return nil, fault.Invalid("revision", "%s holds revision %s of %q", file, rev.Revision, rev.Name)
		}
		revisions = append(revisions, rev)
	}
	return New(revisions...)
}

// entries lists an embedded folder, sorted; nil for one that is not there.
func entries(dir string) []string {
	list, err := files.ReadDir(dir)
	if err != nil {
		return nil
	}
	names := make([]string, len(list))
	for i, entry := range list {
		names[i] = entry.Name()
	}
	return names
}
