package soak

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/infra/local"
)

// books sums what was looked at.
type books struct{ buyers, lines int }

func (b books) String() string {
	return fmt.Sprintf("all %d of them sum to their balance, in %d lines; every buyer was granted what they bought, once; nothing is held", b.buyers, b.lines)
}

// line is a movement of a statement.
type line struct {
	ID, Cause, From, To string
	Amount              int64
}

// checkBooks demands of each buyer that the statement makes the balance, that the purchase was
// granted once, and that nothing is held any more. What is still under way gets a while.
func (l *load) checkBooks(ctx context.Context, within time.Duration) (books, error) {
	var sum books
	limit := time.Now().Add(within)
	// Four at a time: the stack is the same as under load, and this is none.
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	counts := make([]int, len(l.buyers))
	for n, one := range l.buyers {
		group.Go(func() (err error) {
			for {
				if counts[n], err = l.checkBuyer(ctx, one.id); err == nil || time.Now().After(limit) || ctx.Err() != nil {
					return err
				}
				time.Sleep(time.Second)
			}
		})
	}
	if err := group.Wait(); err != nil {
		return sum, err
	}
	for _, count := range counts {
		sum.lines += count
	}
	sum.buyers = len(l.buyers)
	return sum, nil
}

// checkBuyer returns how many lines the buyer's statement has.
func (l *load) checkBuyer(ctx context.Context, customer string) (int, error) {
	var now struct {
		Balance struct{ Available, Held, Owed int64 }
	}
	if err := l.read(ctx, local.AppKey, "/v1/customers/"+customer, &now); err != nil {
		return 0, err
	}
	moved := map[string]int64{}
	lines, grants := 0, int64(0)
	// Page by page, to the last.
	for cursor := ""; ; {
		var page struct {
			Entries []line
			Next    string
		}
		if err := l.read(ctx, local.AppKey, "/v1/customers/"+customer+"/statement?cursor="+url.QueryEscape(cursor), &page); err != nil {
			return 0, err
		}
		for _, one := range page.Entries {
			lines++
			moved[one.From] -= one.Amount
			moved[one.To] += one.Amount
			if one.From == "issued" {
				grants += one.Amount
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	want := now.Balance
	if moved["available"] != want.Available || moved["held"] != want.Held || -moved["owed"] != want.Owed {
		return 0, fmt.Errorf("%s: the lines make %v, the balance is %+v", customer, moved, want)
	}
	if want.Held != 0 {
		return 0, fmt.Errorf("%s: %d credits are still held", customer, want.Held)
	}
	if product := int64(l.revision.Packages()[0].Credits); grants != product {
		return 0, fmt.Errorf("%s: bought %d credits, and was granted %d", customer, product, grants)
	}
	return lines, nil
}
