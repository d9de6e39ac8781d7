package main

import (
	"context"
	"maps"
	"slices"
)

// meteredFleet is a process of each of some functions behind a meter, with a payment provider to
// ask.
type meteredFleet struct {
	*meter
	fleet    *fleet
	payments *provider
}

// newMeteredFleet starts the functions. The meter stands between them and DynamoDB Local, so it
// sees exactly what they send.
func newMeteredFleet(ctx context.Context, s *stack, functions []string, env ...string) (*meteredFleet, error) {
	m, err := newMeter(ctx, s.dynamoURL, s.client, slices.Collect(maps.Values(s.tables)))
	if err != nil {
		return nil, err
	}
	payments := newProvider()
	fleet, err := newFleet(ctx, s, m.server.URL, 1, functions, append(env, payments.env())...)
	if err != nil {
		payments.stop()
		m.server.Close()
		return nil, err
	}
	return &meteredFleet{m, fleet, payments}, nil
}

func (m *meteredFleet) stop() {
	m.fleet.stop()
	m.payments.stop()
	m.server.Close()
}
