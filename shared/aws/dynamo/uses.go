package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/generation"
)

// The places of a use, which a generation keeps by place: names would repeat themselves up to three
// times for each output.
const (
	useOutput = iota
	useDone
	useAt
	useKey
	useInput
	useFields
)

// The bits of what was done.
const (
	doneDownloaded = 1 << iota
	doneBulk
	doneCommercial
)

func encodeUses(uses []generation.Use) types.AttributeValue {
	members := make([]types.AttributeValue, len(uses))
	for i, use := range uses {
		// Three words of yes or no are one number: each name would cost more than the rest of the
		// use.
		var bits int64
		if use.Downloaded {
			bits |= doneDownloaded
		}
		if use.Bulk {
			bits |= doneBulk
		}
		if use.Commercial {
			bits |= doneCommercial
		}
		members[i] = list(number(int64(use.Output)), number(bits), instant(use.At), text(use.Key), text(use.Input))
	}
	return list(members...)
}

func decodeUses(members []types.AttributeValue) []generation.Use {
	var uses []generation.Use
	for _, one := range members {
		fields := asList(one)
		if len(fields) != useFields {
			continue
		}
		bits := asNumber(fields[useDone])
		uses = append(uses, generation.Use{
			Output:     int(asNumber(fields[useOutput])),
			Downloaded: bits&doneDownloaded != 0, Bulk: bits&doneBulk != 0, Commercial: bits&doneCommercial != 0,
			At: asInstant(fields[useAt]), Key: asText(fields[useKey]), Input: asText(fields[useInput]),
		})
	}
	return uses
}

// RecordUse implements generation.Uses: one UpdateItem.
func (s *Store) RecordUse(ctx context.Context, before, after generation.Generation) error {
	u := guardUses(before)
	u.setTo(attrUses, encodeUses(after.Uses))
	_, err := s.api.UpdateItem(ctx, u.alone(s.generationRef(after.ID)))
	return fault.At("dynamo.RecordUse", string(after.ID), classify(err))
}

// guardUses returns an update of the generation if its uses are as they were read.
func guardUses(before generation.Generation) *update {
	u := newUpdate()
	u.requireEqual(attrCustomer, text(string(before.Customer))) // it is there
	u.requireSame(attrUses, encodeGeneration(before)[attrUses])
	return u
}
