// Package insight owns what a stack's verdicts come to: how many, by what, how much went back, and
// how long people waited. It adds up what the cases keep, and counts nothing of its own.
//
// It refuses to know how a case is decided, where it lies, and what a chart looks like.
//
// Invariants:
//   - A final verdict counts once, on the day (UTC) on which it was given. What is decided later of
//     the same case, as after an appeal, counts on its own later day and changes none before.
//   - A report counts once, on the day on which it was made, however long its verdict takes.
//   - Sums are integers, and adding is all that is done to them: days added up are the cases added
//     up.
//   - A day that is over is summed up once, part by part. Its summary is never written again.
//
// Words: day, row (sums, and what they are of), dimension (what a row may be of), summary (the rows
// of one day and part), part (a share of the cases: a shard), jump (a day with unusually many
// reports).
//
// Why: infra/decisions/0069.
package insight

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Day is a day by UTC, as in "2026-11-30". Days sort as text as they do in time.
type Day string

// DayOf returns the day of the instant.
func DayOf(at time.Time) Day { return Day(at.UTC().Format(time.DateOnly)) }

// Start returns the first instant of the day, zero for what is no day.
func (d Day) Start() time.Time {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return at
}

// End returns the first instant after the day.
func (d Day) End() time.Time { return d.Start().AddDate(0, 0, 1) }

// Add returns the day so many days later.
func (d Day) Add(days int) Day { return DayOf(d.Start().AddDate(0, 0, days)) }

// Who decides.
const (
	ByPolicy = "policy" // the policy by itself
	ByPerson = "person" // staff
)

// Key is what a row is of. A dimension that a row is not of, or that the case has not, is "".
type Key struct {
	// Day is when the verdict was given; of a report, when it was made.
	Day Day `json:"day,omitempty"`
	// Feature is what made the output, "" for what is about a purchase.
	Feature string `json:"feature,omitempty"`
	// Platform is where the output was made.
	Platform policy.Platform `json:"platform,omitempty"`
	// Clause is the one that decided.
	Clause string `json:"clause,omitempty"`
	// Kind is what the case is about.
	Kind policy.Kind `json:"kind,omitempty"`
	// Outcome is approved or declined.
	Outcome policy.Outcome `json:"outcome,omitempty"`
	// By is ByPolicy or ByPerson.
	By string `json:"by,omitempty"`
}

// Compare orders keys by their dimensions, the day first.
func (k Key) Compare(other Key) int {
	return cmp.Or(
		cmp.Compare(k.Day, other.Day), cmp.Compare(k.Feature, other.Feature), cmp.Compare(k.Platform, other.Platform),
		cmp.Compare(k.Clause, other.Clause), cmp.Compare(k.Kind, other.Kind), cmp.Compare(k.Outcome, other.Outcome), cmp.Compare(k.By, other.By),
	)
}

// Sums is what is added up. The zero value is nothing.
type Sums struct {
	// Verdicts is how many final verdicts were given.
	Verdicts int64 `json:"verdicts,omitzero"`
	// ByPerson is how many of them staff gave.
	ByPerson int64 `json:"by_person,omitzero"`
	// Credits is how many they gave back, in the wallet's smallest unit.
	Credits ledger.Credits `json:"credits,omitzero"`
	// Bought is how many they gave for purchases that had not been credited: nothing went back.
	Bought ledger.Credits `json:"bought,omitzero"`
	// Money is how much money they promised back, by currency, in its minor unit.
	Money map[string]int64 `json:"money,omitempty"`
	// Answers is how many of the verdicts were the first of their case, or the answer to an appeal.
	Answers int64 `json:"answers,omitzero"`
	// WaitedSeconds is how long those took together, from the request or the appeal on.
	WaitedSeconds int64 `json:"waited_seconds,omitzero"`
	// Promised is how many answers had been promised by an instant, InTime how many came by then.
	Promised int64 `json:"promised,omitzero"`
	InTime   int64 `json:"in_time,omitzero"`
	// Appeals is how many of the verdicts were the answer to an appeal, Overturned how many of
	// those approved after all.
	Appeals    int64 `json:"appeals,omitzero"`
	Overturned int64 `json:"overturned,omitzero"`
	// Reports is how many bad results were reported.
	Reports int64 `json:"reports,omitzero"`
	// Generations is how many were started, by an estimate of one in generation.SampleOf.
	Generations int64 `json:"generations,omitzero"`
}

// Plus returns the sum of the two.
func (s Sums) Plus(other Sums) Sums {
	s.Verdicts += other.Verdicts
	s.ByPerson += other.ByPerson
	s.Credits += other.Credits
	s.Bought += other.Bought
	s.Answers += other.Answers
	s.WaitedSeconds += other.WaitedSeconds
	s.Promised += other.Promised
	s.InTime += other.InTime
	s.Appeals += other.Appeals
	s.Overturned += other.Overturned
	s.Reports += other.Reports
	s.Generations += other.Generations
	if len(other.Money) > 0 {
		// A copy: the sums that are added stay as they are.
		s.Money = maps.Clone(s.Money)
		if s.Money == nil {
			s.Money = map[string]int64{}
		}
		for currency, minor := range other.Money {
			s.Money[currency] += minor
		}
	}
	return s
}

// Row is sums, and what they are of.
type Row struct {
	Key  Key  `json:"key"`
	Sums Sums `json:"sums"`
}

// Verdict is one final verdict of a case, as the store lists it: by its instant.
type Verdict struct {
	Case refund.Case
	At   time.Time
	// Earlier says that the case has had another since, maybe at the same instant. Place is then
	// which of its final verdicts it is, from 0.
	Earlier bool
	Place   int
}

// final returns the verdict, false where the case has no such one.
func (v Verdict) final() (refund.Final, bool) {
	finals := v.Case.Finals()
	if v.Earlier {
		if v.Place < len(finals) {
			return finals[v.Place], finals[v.Place].At.Equal(v.At)
		}
		return refund.Final{}, false
	}
	// An index that lags shows where the case was: the latest of that instant is meant.
	for _, final := range slices.Backward(finals) {
		if final.At.Equal(v.At) {
			return final, true
		}
	}
	return refund.Final{}, false
}

// RowsOf returns what the verdict adds: a row of its own, and a row of the report that it is the
// first answer to. None where the case has no such verdict.
func RowsOf(v Verdict) []Row {
	final, ok := v.final()
	if !ok {
		return nil
	}
	key, sums := keyOf(v.Case, final), sumsOf(v.Case.Kind, final)
	rows := []Row{{key, sums}}
	if final.First && v.Case.Kind == policy.KindBadResult {
		rows = append(rows, reportOf(v.Case, key.Feature, key.Platform))
	}
	return rows
}

// reportOf returns the row of a report, on the day on which it was made.
func reportOf(c refund.Case, feature string, platform policy.Platform) Row {
	return Row{Key{Day: DayOf(c.OpenedAt), Feature: feature, Platform: platform, Kind: c.Kind}, Sums{Reports: 1}}
}

// WaitingReport returns the row of a report that has no final verdict yet, false where the case is
// none.
func WaitingReport(c refund.Case) (Row, bool) {
	if c.Kind != policy.KindBadResult || !c.FinalAt().IsZero() || c.Decision == nil {
		return Row{}, false
	}
	made := c.Decision.Gist()
	return reportOf(c, made.Feature, made.Platform), true
}

func keyOf(c refund.Case, final refund.Final) Key {
	made := final.Gist()
	key := Key{
		Day: DayOf(final.At), Feature: made.Feature, Platform: made.Platform, Clause: final.Clause, Kind: c.Kind, Outcome: final.Outcome, By: ByPolicy,
	}
	if final.ByPerson {
		key.By = ByPerson
	}
	return key
}

func sumsOf(kind policy.Kind, final refund.Final) Sums {
	sums := Sums{Verdicts: 1}
	if final.ByPerson {
		sums.ByPerson = 1
	}
	if remedy := final.Remedy; remedy != nil {
		switch policy.ArmOf(remedy) {
		case policy.ArmCredits:
			if kind == policy.KindNotCredited || final.Gist().Uncredited {
				sums.Bought = remedy.Credits()
			} else {
				sums.Credits = remedy.Credits()
			}
		case policy.ArmMoney:
			sums.Money = map[string]int64{remedy.Money().Currency: remedy.Money().Minor}
		}
	}
	if !final.Since.IsZero() {
		sums.Answers, sums.WaitedSeconds = 1, int64(max(0, final.At.Sub(final.Since))/time.Second)
		if final.PromisedBy != nil {
			sums.Promised = 1
			if !final.At.After(*final.PromisedBy) {
				sums.InTime = 1
			}
		}
	}
	if final.Appealed {
		sums.Appeals = 1
		if final.Outcome == policy.OutcomeApproved {
			sums.Overturned = 1
		}
	}
	return sums
}

// Table is rows by what they are of. The zero value takes none: see Tabulate.
type Table map[Key]Sums

// Tabulate returns the rows, those of one key added up.
func Tabulate(rows ...Row) Table {
	t := Table{}
	t.Add(rows...)
	return t
}

// Add adds rows.
func (t Table) Add(rows ...Row) {
	for _, row := range rows {
		t[row.Key] = t[row.Key].Plus(row.Sums)
	}
}

// Rows returns the rows in the order of their keys.
func (t Table) Rows() []Row {
	rows := make([]Row, 0, len(t))
	for _, key := range slices.SortedFunc(maps.Keys(t), Key.Compare) {
		rows = append(rows, Row{key, t[key]})
	}
	return rows
}

// Total returns all rows added up.
func (t Table) Total() Sums {
	var total Sums
	for _, sums := range t {
		total = total.Plus(sums)
	}
	return total
}
