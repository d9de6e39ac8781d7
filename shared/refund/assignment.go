package refund

import (
	"context"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// AssignedFor is how long a case is assigned to whoever took it.
// Why: infra/decisions/0068.
const AssignedFor = 15 * time.Minute

// MaxSkips is how many skips a case keeps: the latest.
const MaxSkips = 10

// MaxReason bounds the reason of a skip, in characters.
const MaxReason = 500

// CodeAssigned is the code of an assignment that another has.
const CodeAssigned = "assigned"

// Assignment says who looks at a case that waits for staff, so that no second person begins it.
// Deciding needs none.
type Assignment struct {
	// By is the name of who looks.
	By string `json:"by"`
	// Until is when it ends by itself.
	Until time.Time `json:"until"`
}

// Skip is a person's leaving of a case to others: what the policy cannot decide, and why.
type Skip struct {
	// By is the name of who skipped it.
	By string `json:"by"`
	// Reason is why, in their words.
	Reason string `json:"reason"`
	// At is when.
	At time.Time `json:"at"`
}

// AssignedAt returns who looks at the case at now, nil where nobody does.
func (c Case) AssignedAt(now time.Time) *Assignment {
	if c.Assignment == nil || !c.Waiting() || !now.Before(c.Assignment.Until) {
		return nil
	}
	return c.Assignment
}

// SkippedAt returns when the person skipped the case last, zero where they did not.
func (c Case) SkippedAt(by string) (at time.Time) {
	for _, skip := range c.Skips {
		if skip.By == by {
			at = skip.At
		}
	}
	return at
}

// Assign assigns the case to the person for AssignedFor, anew where it is theirs.
//
// Errors: KindNotFound; KindConflict already_decided where it does not wait for staff, CodeAssigned
// where another looks at it; KindBusy.
func (r Reviewer) Assign(ctx context.Context, id CaseID, by string, now time.Time) (Assignment, error) {
	c, err := r.handle(ctx, id, func(c Case) (Case, error) {
		if current := c.AssignedAt(now); current != nil && current.By != by {
			return c, c.refusal(CodeAssigned, current.By+" looks at the case until "+text.Moment(current.Until))
		}
		c.Assignment = &Assignment{By: by, Until: now.Add(AssignedFor)}
		return c, nil
	})
	if err != nil {
		return Assignment{}, err
	}
	return *c.Assignment, nil
}

// Unassign gives the case back. A case that is not the person's is left alone.
//
// Errors are Assign's, but for CodeAssigned.
func (r Reviewer) Unassign(ctx context.Context, id CaseID, by string) error {
	_, err := r.handle(ctx, id, func(c Case) (Case, error) { return c.leftBy(by), nil })
	return err
}

// leftBy returns the case without the person's assignment.
func (c Case) leftBy(by string) Case {
	if c.Assignment != nil && c.Assignment.By == by {
		c.Assignment = nil
	}
	return c
}

// Skip notes that the person leaves the case to others, and gives it back. The same reason of the
// same person again is noted once.
//
// Errors: KindInvalid reason; else Unassign's.
func (r Reviewer) Skip(ctx context.Context, id CaseID, by, reason string, now time.Time) error {
	reason = strings.TrimSpace(reason)
	if err := text.Check("reason", reason, MaxReason); err != nil {
		return err
	}
	_, err := r.handle(ctx, id, func(c Case) (Case, error) {
		noted := slices.ContainsFunc(c.Skips, func(skip Skip) bool { return skip.By == by && skip.Reason == reason })
		if c = c.leftBy(by); !noted {
			all := append(slices.Clip(c.Skips), Skip{By: by, Reason: reason, At: now})
			c.Skips = all[max(0, len(all)-MaxSkips):]
		}
		return c, nil
	})
	return err
}

// handle changes who looks at the case and who skipped it, and nothing else of it.
func (r Reviewer) handle(ctx context.Context, id CaseID, change func(c Case) (Case, error)) (Case, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) (Case, error) {
		snapshot, err := r.load(ctx, id)
		if err != nil {
			return Case{}, err
		}
		before := *snapshot.Case
		if !before.Waiting() {
			return before, before.alreadyDecided()
		}
		after, err := change(before)
		if err != nil {
			return before, err
		}
		return after, fault.At("refund.handle", string(id), r.Store.RecordHandling(ctx, before, after))
	})
}
