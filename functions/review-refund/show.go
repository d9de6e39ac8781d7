package main

import (
	"makegood/shared/api"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func showStanding(s standing.Standing) api.CustomerStanding {
	shown := api.CustomerStanding{
		Customer: string(s.Customer), Standing: api.Standing(s.Standing), History: make([]api.StandingChange, len(s.History)),
	}
	for i, change := range s.History {
		shown.History[i] = api.StandingChange{At: api.MomentOf(change.At), Standing: api.Standing(change.Standing), Note: change.Note, By: change.By}
	}
	return shown
}

func showTallies(tallies []refund.AppealTally) api.AppealList {
	shown := api.AppealList{Clauses: make([]api.AppealTally, len(tallies))}
	for i, one := range tallies {
		shown.Clauses[i] = api.AppealTally{Policy: one.Policy, Clause: one.Clause, Upheld: one.Upheld, Overturned: one.Overturned}
	}
	return shown
}
