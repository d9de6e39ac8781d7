package view

import (
	"makegood/shared/api"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// Standing returns the standing with its history.
func Standing(s standing.Standing) api.CustomerStanding {
	response := api.CustomerStanding{
		Customer: string(s.Customer), Standing: api.Standing(s.Standing), History: make([]api.StandingChange, len(s.History)),
	}
	for i, change := range s.History {
		response.History[i] = api.StandingChange{At: api.MomentOf(change.At), Standing: api.Standing(change.Standing), Note: change.Note, By: change.By}
	}
	return response
}

// NearLimits returns a customer with the limits that they are near.
func NearLimits(near refund.NearLimit) api.NearLimits {
	response := api.NearLimits{Customer: string(near.Customer), Standing: api.Standing(near.Standing), Limits: make([]api.NearLimit, len(near.Limits))}
	for i, limit := range near.Limits {
		response.Limits[i] = api.NearLimit{Limit: limit.Name, Count: limit.Count, Of: limit.Of, Most: limit.Most, Over: limit.Over}
	}
	return response
}
