package adjudication

import (
	"context"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
)

// micros is how many millionths a US dollar has, and tokens of how many a price is.
const (
	micros       = 1_000_000
	pricedTokens = 1_000_000
)

// maxDollars bounds a budget and a price.
const maxDollars = 1_000_000

// Budget holds what a month of opinions costs, in one row of its own and one for each opinion.
type Budget interface {
	// BeginSpend adds the most that an opinion can cost to its month, and reports whether the limit
	// holds it: else nothing is added. The same spend again is not added again.
	BeginSpend(ctx context.Context, spend Spend, limitMicros int64) (bool, error)
	// EndSpend replaces that by what was used. The same spend ends once; the first end stands.
	EndSpend(ctx context.Context, spend Spend, usedMicros int64) error
	// FindMonth returns what a month has cost, the most of each opinion that has not ended
	// included.
	FindMonth(ctx context.Context, month string) (MonthSpend, error)
}

// Spend is what one opinion may cost.
type Spend struct {
	// Month is the month (UTC) that bears it: "2026-03".
	Month string
	// ID names it among those of its month: the case, and a word of its own for each attempt.
	ID string
	// Micros is the most, in millionths of a US dollar.
	Micros int64
	// At is when it began.
	At time.Time
}

// MonthSpend is what a month has cost.
type MonthSpend struct {
	// Micros is the sum, in millionths of a US dollar.
	Micros int64
	// Opinions is how many began.
	Opinions int64
}

// MonthOf returns the month that bears what is asked at the instant.
func MonthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// Prices is what a million tokens cost, in millionths of a US dollar.
type Prices struct {
	// Input is for those that are sent.
	Input int64
	// Output is for those that are answered.
	Output int64
}

// ParsePrices reads prices as "3/15" or "0.25/1.25": US dollars for a million tokens, those sent
// and those answered.
func ParsePrices(source string) (Prices, error) {
	sent, answered, both := strings.Cut(source, "/")
	input, err := ParseDollars(sent)
	output, errOutput := ParseDollars(answered)
	if !both || err != nil || errOutput != nil || input == 0 || output == 0 {
		return Prices{}, fault.Invalid("ADJUDICATOR_PRICES", "must be US dollars for a million tokens sent and answered, as 3/15 or 0.25/1.25")
	}
	return Prices{Input: input, Output: output}, nil
}

// ParseDollars reads an amount of US dollars, with at most six digits behind a point, as
// millionths.
func ParseDollars(source string) (int64, error) {
	whole, part, _ := strings.Cut(source, ".")
	const digits = 6
	if len(part) > digits || strings.Trim(whole+part, "0123456789") != "" {
		return 0, fault.Invalid("", "must be US dollars, as 5 or 0.25")
	}
	amount, err := strconv.ParseInt(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	if err != nil || whole == "" || amount > maxDollars*micros {
		return 0, fault.Invalid("", "must be US dollars, as 5 or 0.25, at most %d", maxDollars)
	}
	return amount, nil
}

// String returns the prices as ParsePrices reads them.
func (p Prices) String() string { return dollars(p.Input) + "/" + dollars(p.Output) }

func dollars(amount int64) string {
	return strconv.FormatFloat(float64(amount)/micros, 'f', -1, 64)
}

// Cost returns what so many tokens cost, rounded up to a millionth of a dollar. What no int64 holds
// is the most that one holds.
func (p Prices) Cost(input, output int64) int64 {
	sum := new(big.Int).Mul(big.NewInt(max(0, input)), big.NewInt(p.Input))
	sum.Add(sum, new(big.Int).Mul(big.NewInt(max(0, output)), big.NewInt(p.Output)))
	sum.Add(sum, big.NewInt(pricedTokens-1)).Div(sum, big.NewInt(pricedTokens))
	if !sum.IsInt64() {
		return math.MaxInt64
	}
	return sum.Int64()
}

// bill is what the calls of a pass came to.
type bill struct {
	input, output, micros int64
	bounded, untempered   bool
}

// add takes the cost of a call. One that brought no count counts as the most that it can have cost.
func (b *bill) add(prices Prices, question Question, answer Answer) {
	b.input += answer.InputTokens
	b.output += answer.OutputTokens
	b.untempered = b.untempered || answer.Untempered
	if answer.Uncounted {
		b.bounded = true
		b.micros += question.most(prices)
		return
	}
	b.micros += prices.Cost(answer.InputTokens, answer.OutputTokens)
}

// mostOf returns the most that an opinion on the exhibit can cost: both calls of both passes.
func (a Adjudicator) mostOf(e exhibit) int64 {
	var most int64
	for _, order := range orders {
		most += e.look(order).most(a.Prices) + e.closestMost(order, a.Prices)
	}
	return most
}
