package policy_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/generation"
	"makegood/shared/policy"
)

// kept returns a decision as a store keeps it: its basis as JSON.
func kept(t require.TestingT, d policy.Decision) policy.Decision {
	require.NotNil(t, d.Basis)
	text, err := json.Marshal(d.Basis)
	require.NoError(t, err)
	var basis policy.Basis
	require.NoError(t, json.Unmarshal(text, &basis))
	d.Basis = &basis
	return d
}

// requireReplay demands that a decision is made again, byte for byte.
func requireReplay(t require.TestingT, p *policy.Policy, d policy.Decision, earlier *policy.Decision) {
	again, err := p.Replay(kept(t, d), earlier)
	require.NoError(t, err)
	require.Equal(t, d, again)
	require.True(t, policy.SameDecision(d, again))
}

func TestEveryCaseIsDecidedAgainFromWhatItRestedOn(t *testing.T) {
	for _, c := range casesOf(t) {
		p, err := policy.Open(c.Facts.Policy)
		require.NoError(t, err)
		requireReplay(t, p, decide(t, c.Facts), nil)
	}
}

func TestAnyDecisionAndAnyRulingOnItAreMadeAgain(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		rev, f := rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t)
		p, err := policy.New(rev)
		require.NoError(t, err)
		prior, err := policy.Decide(rev, f)
		if err != nil {
			prior = policy.Undecided(rev, f.Kind, ruledAt)
		}
		requireReplay(t, p, prior, nil)
		ruled, err := policy.Rule(rev, f, prior, anyRuling(t), ruledAt)
		if err != nil || ruled.Basis == nil {
			return // refused; or a refusal of facts that nobody can write
		}
		requireReplay(t, p, ruled, &prior)
	})
}

func TestADecisionIsReplayedByTheRevisionThatDecidedAndNoOther(t *testing.T) {
	old, changed := revised(t, "2026-01-01"), revised(t, "2026-06-01")
	p, err := policy.New(old, changed)
	require.NoError(t, err)
	f := failed(old.Name, generation.CausePlatform)
	d, err := policy.Decide(old, f)
	require.NoError(t, err)
	require.Equal(t, changed.Revision, p.At(f.JudgedAt()).Revision)
	requireReplay(t, p, d, nil)
	only, err := policy.New(changed)
	require.NoError(t, err)
	_, err = only.Replay(d, nil)
	require.ErrorIs(t, err, policy.ErrNoRevision)
}

func TestADifferenceIsSeen(t *testing.T) {
	d := decide(t, failed("photoroom", generation.CausePlatform))
	for name, change := range map[string]func(*policy.Decision){
		"outcome": func(d *policy.Decision) { d.Outcome = no },
		"clause":  func(d *policy.Decision) { d.Clause = "R2" },
		"reason":  func(d *policy.Decision) { d.Reason += " " },
		"remedy":  func(d *policy.Decision) { d.Remedy = credits(3) },
		"date":    func(d *policy.Decision) { d.PayBy = instant(2026, 1, 1, 0, 0) },
		"policy":  func(d *policy.Decision) { d.Policy.Digest = "sha256:0" },
		"trace":   func(d *policy.Decision) { d.Trace = d.Trace[1:] },
	} {
		other := d
		change(&other)
		assert.False(t, policy.SameDecision(d, other), name)
	}
}

func TestWhatCannotBeReplayedSaysWhy(t *testing.T) {
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	d := decide(t, failed("photoroom", generation.CausePlatform))
	with := func(change func(*policy.Basis)) policy.Decision {
		other := kept(t, d)
		change(other.Basis)
		return other
	}
	_, err = p.Replay(policy.Decision{}, nil)
	require.ErrorIs(t, err, policy.ErrNoBasis)
	_, err = p.Replay(with(func(b *policy.Basis) { b.Facts = nil }), nil)
	require.ErrorIs(t, err, policy.ErrNoBasis)
	_, err = p.Replay(with(func(b *policy.Basis) { b.Ruling = &policy.Ruling{Outcome: no} }), nil)
	require.ErrorIs(t, err, policy.ErrNoBasis, "a ruling without the decision before it")
	_, err = p.Replay(with(func(b *policy.Basis) { b.Digest = "sha256:0" }), nil)
	require.ErrorIs(t, err, policy.ErrNoRevision)
	_, err = p.Replay(with(func(b *policy.Basis) { b.Facts = json.RawMessage(`{"weather":1}`) }), nil)
	requireFault(t, err, "weather")
	_, err = p.Replay(with(func(b *policy.Basis) {
		b.Facts = json.RawMessage(strings.Replace(string(b.Facts), `"price":4`, `"price":-4`, 1))
	}), nil)
	requireFault(t, err, "generation.price")
}

// word fields of facts are one of a list of ours, ids, or names of what is sold; what people write
// is none of them, and must not be kept.
var keptWords = map[string]bool{
	"Policy": true, "Kind": true, "Customer.Standing": true, "Report.Issue": true, "Evidence.Verdict": true, "Evidence.Defects": true, "Evidence.Input": true,
	"Generation.ID": true, "Generation.Feature": true, "Generation.Platform": true, "Generation.Surface": true, "Generation.Mode": true,
	"Generation.Status": true, "Generation.Failure.Cause": true, "Purchase.ID": true, "Purchase.Package": true, "Purchase.Amount.Currency": true,
	"Purchase.Parked": true, "Purchase.DuplicateOf": true, "Purchase.Refunded.Currency": true,
}

func TestWhatPeopleWriteIsNoPartOfWhatIsKept(t *testing.T) {
	f := policy.Facts{}
	paths := map[string]string{} // by what the field was filled with
	fill(reflect.ValueOf(&f).Elem(), "", paths)
	f.Kind, f.RequestedAt = policy.KindOutage, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	delete(paths, "[Kind]")
	d, err := policy.Rule(shipped(t, "photoroom"), f, policy.Decision{}, policy.Ruling{Outcome: no}, ruledAt)
	require.NoError(t, err)
	for filled, path := range paths {
		assert.Equal(t, keptWords[path], strings.Contains(string(d.Basis.Facts), filled),
			"%s is kept with each verdict: may it hold what a person wrote? Then Facts.withoutWords leaves it out, else list it here", path)
	}
	assert.Equal(t, "[Report.Description]", f.Report.Description, "the facts themselves are left as they were")
	assert.Equal(t, "[Generation.Failure.Message]", f.Generation.Failure.Message)
}

// fill writes into each string of a value where it stands.
func fill(v reflect.Value, at string, paths map[string]string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), at, paths)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), at, paths)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), strings.TrimPrefix(at+"."+v.Type().Field(i).Name, "."), paths)
		}
	case reflect.String:
		v.SetString("[" + at + "]")
		paths["["+at+"]"] = at
	}
}
