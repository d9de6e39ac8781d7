package stack

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/fault"
)

// Insights returns what verdicts came to from one day to another, "" as the API has it, by these
// dimensions.
func (c Client) Insights(ctx context.Context, first, last, by string) (api.Insights, error) {
	var answer api.Insights
	err := c.get(ctx, insightsPath(first, last, by), &answer)
	return answer, err
}

// InsightTable returns the same as CSV.
func (c Client) InsightTable(ctx context.Context, first, last, by string) ([]byte, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) ([]byte, error) {
		return c.fetch(ctx, http.MethodGet, insightsPath(first, last, by), api.MediaCSV, nil)
	})
}

func insightsPath(first, last, by string) string {
	return with("/v1/insights", "", "from", first, "to", last, "by", by)
}
