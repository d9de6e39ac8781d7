package dynamo

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/refund"
)

// The places of what a second person said of a ruling. A ruling that needed nobody has none of
// them.
const (
	secondAnswer = iota
	secondBy
	secondAt
	secondFields
)

// encodeProposed returns the ruling that waits for a second person, nil for none.
func encodeProposed(ruling *refund.Ruling) types.AttributeValue {
	if ruling == nil {
		return nil
	}
	return encodeRuling(*ruling)
}

// putSeconds writes what is proposed, and what a second person said of the rulings before.
func (i item) putSeconds(c refund.Case) {
	if proposed := encodeProposed(c.Proposed); proposed != nil {
		i[attrProposed] = proposed
	}
	i.putSecondsOf(c.Overruled, c.Ruling)
}

// putSecondsOf writes what a second person said of rulings, where one was asked: of those that are
// overruled, in their order, then of the latest. As putTakeBacks, it lies beside the rulings.
func (i item) putSecondsOf(overruled []refund.Ruling, latest *refund.Ruling) {
	rulings := slices.Clone(overruled)
	if latest != nil {
		rulings = append(rulings, *latest)
	}
	if !slices.ContainsFunc(rulings, func(ruling refund.Ruling) bool { return ruling.Second != nil }) {
		return
	}
	seconds := make([]types.AttributeValue, len(rulings))
	for n, ruling := range rulings {
		seconds[n] = list()
		if second := ruling.Second; second != nil {
			seconds[n] = list(text(string(second.Answer)), text(second.By), instantOrZero(second.At))
		}
	}
	i[attrSecondPersons] = list(seconds...)
}

// seconds reads what putSeconds wrote into c.
func (i item) seconds(c *refund.Case) (err error) {
	// What is proposed is not answered yet: that it needs an answer is all there is to know.
	if c.Proposed, err = decodeRuling(i.list(attrProposed)); c.Proposed != nil {
		c.Proposed.Second = new(refund.Second)
	}
	for n, second := range i.list(attrSecondPersons) {
		ruling := c.Ruling
		if n < len(c.Overruled) {
			ruling = &c.Overruled[n]
		}
		if fields := asList(second); ruling != nil && len(fields) == secondFields {
			ruling.Second = &refund.Second{
				Answer: refund.SecondAnswer(asText(fields[secondAnswer])), By: asText(fields[secondBy]), At: asInstant(fields[secondAt]),
			}
		}
	}
	return err
}
