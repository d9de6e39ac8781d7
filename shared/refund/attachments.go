package refund

import (
	"context"
	"fmt"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/text"
)

// wanted returns what a list of proofs asks the case to take, with the field of each: all that is
// no link.
func wanted(field string, proofs []string) []attachment.Wanted {
	var all []attachment.Wanted
	for i, proof := range proofs {
		if !text.IsLink(proof) {
			all = append(all, attachment.Wanted{ID: attachment.ID(proof), Field: fmt.Sprintf("%s[%d]", field, i)})
		}
	}
	return all
}

// checkWanted returns a KindInvalid error where a case would take too many, or one twice.
func checkWanted(field string, all []attachment.Wanted) error {
	if len(all) > attachment.MaxTaken {
		return fault.Invalid(field, "at most %d attachments", attachment.MaxTaken)
	}
	named := map[attachment.ID]bool{}
	for _, want := range all {
		if named[want.ID] {
			return fault.Invalid(want.Field, "is named twice")
		}
		named[want.ID] = true
	}
	return nil
}

// create creates the case, with what it takes: that is looked at first, and looked at again where
// it has changed before the commit. A replay answers as before, without a look: what it named is
// its case's by now, or erased, and the policy may have come to demand more since.
func (s submission) create(ctx context.Context, c Case, now time.Time) (*Case, error) {
	if len(s.wanted) == 0 && len(s.lacks) == 0 {
		return s.put(ctx, c)
	}
	current, err := s.store.FindCase(ctx, c.ID)
	if err != nil || current != nil {
		return current, err
	}
	if len(s.lacks) > 0 {
		return nil, fault.Missing(s.lacks...)
	}
	statement := *c.Statement
	if statement.Attachments, err = s.taker.Look(ctx, c.Customer, string(c.ID), s.wanted, now); err != nil {
		return nil, err
	}
	c.Statement = &statement
	return s.put(ctx, c)
}
