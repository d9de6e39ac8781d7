package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
)

func TestWhoIsNearALimitIsListedWithTheLimitAndTheirStanding(t *testing.T) {
	d := open(t)
	assert.Equal(t, map[string]any{"customers": []any{}}, d.Want(200, "near-limits").Fields)
	d.Grants("bob", 100)
	for range 2 {
		id := d.Generated("bob", 8)
		for output := range 8 {
			d.Reports(id, output)
		}
	}
	d.Deliver()
	d.SetsStanding("bob", ledger.StandingRestricted)
	want := map[string]any{"customers": []any{map[string]any{
		"customer": "bob", "standing": "restricted",
		"limits": []any{map[string]any{"limit": "requests_over", "count": 16.0, "most": 20.0, "over": false}},
	}}}
	assert.Equal(t, want, d.Want(200, "near-limits").Fields)
	assert.Equal(t, want, d.Want(200, "near-limits-true").Fields)
}

func TestWhoIsNearALimitIsListedPageByPage(t *testing.T) {
	d := open(t)
	const many = nearPage + 2
	for n := range many {
		customer := ledger.CustomerID(fmt.Sprintf("bob-%d", n))
		d.Grants(customer, 100)
		for range 2 {
			id := d.Generated(customer, 8)
			for output := range 8 {
				d.Reports(id, output)
			}
		}
	}
	d.Deliver()
	listed, pages := d.pages("near-limits", "customers")
	require.Equal(t, 2, pages)
	seen := map[any]bool{}
	for _, row := range listed {
		seen[row["customer"]] = true
	}
	require.Len(t, seen, many)
}

func TestAListOfCustomersThatIsNotKeptIsRefused(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"customers":              {400, "invalid_request", "near_limits"},
		"near-limits-false":      {400, "invalid_request", "near_limits"},
		"near-limits-bad-cursor": {400, "invalid_request", "cursor"},
		"near-limits-by-app":     {403, "forbidden", nil},
	} {
		assert.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
}
