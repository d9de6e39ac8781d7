package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
)

// HeldBy returns the credits that the customer's open generations hold: a sum over the indexes of
// what is open and what is stuck, which may lag. An open generation has a due step, so it is in one
// of the two.
func (s *Store) HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error) {
	customerKey := customer.Key() // a hash: once, not for each generation
	rows, refs, err := s.openOf(ctx, customerKey)
	if err != nil {
		return 0, fault.At("dynamo.HeldBy", customerKey, err)
	}
	// The index carries what the sum needs, so the generations themselves are not read.
	var sum ledger.Credits
	counted := map[string]bool{}
	for _, row := range rows {
		counted[row.text(attrSK)] = true
		sum += generation.Generation{State: generation.State(row.text(attrState)), Price: row.credits(attrPrice)}.Held()
	}
	stuck, err := s.listHeld(ctx, indexStuck, customerKey)
	if err != nil {
		return 0, fault.At("dynamo.HeldBy", customerKey, err)
	}
	// What is stuck is few, and its index has keys only. One that is in both indexes counts once.
	for _, key := range stuck {
		if id := generation.ID(key.text(attrSK)); !counted[string(id)] {
			refs = append(refs, s.generationRef(id))
		}
	}
	open, err := readAll(ctx, s, refs, decodeGeneration)
	for _, g := range open {
		sum += g.Held()
	}
	return sum, fault.At("dynamo.HeldBy", customerKey, err)
}

// openOf returns what the index of open generations shows of a customer's; where only the former
// one is there yet, which has keys only, where they lie.
func (s *Store) openOf(ctx context.Context, customerKey string) (rows []item, refs []ref, err error) {
	rows, err = s.listHeld(ctx, indexHeld, customerKey)
	if err == nil || !s.former || !isMissingIndex(err) {
		return rows, nil, err
	}
	keys, err := s.listHeld(ctx, indexOpen, customerKey)
	at := func(key item) ref { return s.generationRef(generation.ID(key.text(attrSK))) }
	return nil, refsOf(keys, at), err
}

// listHeld returns a customer's rows of an index of generations: all of them, page by page.
func (s *Store) listHeld(ctx context.Context, index, customerKey string) ([]item, error) {
	request := &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Generations), IndexName: aws.String(index),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(customerKey)},
	}
	rows, _, more, err := s.query(ctx, request, maxHeld)
	if more && err == nil {
		err = fault.Errorf(fault.KindInternal, fault.CodeInternal, "a customer has more than %d open generations", len(rows))
	}
	return rows, err
}

// maxHeld bounds how many open generations a balance sums up: 25 pages of 1 MB.
const maxHeld = 200_000
