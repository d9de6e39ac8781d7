package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// resultAttributes lists what a result or a verdict may change, outbox the attributes of open
// steps.
var (
	resultAttributes = []string{
		attrState, attrHash, attrResult, attrRecordedAt, attrCapturedAt, attrReleasedAt, attrCaptured, attrReleased, attrRefunded,
	}
	outbox = []string{attrTodo, attrDueAt, attrAttempts, attrStuckAt}
)

func (s *Store) generationRef(id generation.ID) ref {
	return ref{table: s.tables.Generations, pk: id.CustomerKey(), sk: string(id)}
}

func encodeGeneration(g generation.Generation) item {
	// What was asked for: written once, with the hold.
	row := item{
		attrPK:        text(g.ID.CustomerKey()),
		attrSK:        text(string(g.ID)),
		attrCustomer:  text(string(g.Customer)),
		attrStartedAt: instant(g.StartedAt),
		attrDeadline:  instant(g.Deadline),
		attrFeature:   text(g.Feature),
		attrPlatform:  text(g.Platform),
		attrSurface:   text(g.Surface),
		attrMode:      text(g.Mode),
		attrOutputs:   number(int64(g.Outputs)),
		attrPrice:     number(int64(g.Price)),
		attrInputHash: text(g.InputHash),
		attrAvailable: number(int64(g.AvailableAfter)),
		attrState:     text(string(g.State)),
	}
	row.putText(attrModel, g.Model)
	row.putText(attrSize, g.Size)
	row.putNumber(attrSeconds, int64(g.Seconds))
	row.putText(attrReference, g.Reference)
	row.putWords(g.Words, g.Dimensions)
	row.putText(attrLocale, g.Locale)
	if len(g.Draws) > 0 {
		row[attrDraws] = encodeDraws(g.Draws)
	}
	row.putOutcome(g)
	row.putTodo(g.Todo, g.Attempts)
	return row
}

// putOutcome writes what became of the generation: its results, its credits and its uses.
func (i item) putOutcome(g generation.Generation) {
	// What came of it: the first result, and what became of the credits.
	i.putText(attrHash, g.Hash)
	if g.Result != nil {
		i[attrResult] = document(newResultRow(*g.Result))
	}
	i.putInstant(attrRecordedAt, g.RecordedAt)
	i.putInstant(attrCapturedAt, g.CapturedAt)
	i.putInstant(attrReleasedAt, g.ReleasedAt)
	i.putNumber(attrCaptured, int64(g.Captured))
	i.putNumber(attrReleased, int64(g.Released))
	i.putNumber(attrRefunded, int64(g.Refunded))
	// Late results and uses are written by calls of their own, which touch nothing else.
	if g.Late != nil {
		i[attrLate] = document(newLateRow(*g.Late))
	}
	if len(g.Uses) > 0 {
		i[attrUses] = encodeUses(g.Uses)
	}
}

// decodeGeneration returns the generation of a row, nil for none.
func decodeGeneration(row item) (*generation.Generation, error) {
	if len(row) == 0 {
		return nil, nil
	}
	g := generation.Generation{
		ID:       generation.ID(row.text(attrSK)),
		Customer: ledger.CustomerID(row.text(attrCustomer)),
		Feature:  row.text(attrFeature), Platform: row.text(attrPlatform), Surface: row.text(attrSurface), Mode: row.text(attrMode),
		Options:   generation.Options{Model: row.text(attrModel), Size: row.text(attrSize), Seconds: int(row.number(attrSeconds))},
		Reference: row.text(attrReference), Locale: row.text(attrLocale),
		Outputs: int(row.number(attrOutputs)), Price: row.credits(attrPrice), Draws: decodeDraws(row.list(attrDraws)),
		State:     generation.State(row.text(attrState)),
		StartedAt: row.instant(attrStartedAt), Deadline: row.instant(attrDeadline), RecordedAt: row.instant(attrRecordedAt),
		CapturedAt: row.instant(attrCapturedAt), ReleasedAt: row.instant(attrReleasedAt),
		Captured: row.credits(attrCaptured), Released: row.credits(attrReleased), Refunded: row.credits(attrRefunded),
		Hash: row.text(attrHash), InputHash: row.text(attrInputHash), AvailableAfter: row.credits(attrAvailable),
		Uses: decodeUses(row.list(attrUses)), Todo: row.todo(), Attempts: int(row.number(attrAttempts)),
	}
	// Every generation has both: a row without them is broken.
	if g.State == "" || g.Customer == "" {
		return nil, missingAttribute("Generations", attrState)
	}
	if g.State == generation.StateCaptured && g.Captured == 0 {
		g.Captured = g.Price - g.Released // a capture by one conditional write cannot copy the price
	}
	var result *resultRow
	var late *lateRow
	words, wrongWords := row.words()
	dimensions, wrongDimensions := row.dimensions()
	err := errors.Join(row.document(attrResult, &result), row.document(attrLate, &late), wrongWords, wrongDimensions)
	g.Words, g.Dimensions = words, dimensions
	g.Result, g.Late = pointerTo(result, resultRow.result), pointerTo(late, lateRow.late)
	return &g, err
}

// LoadStart implements generation.Starts.
func (s *Store) LoadStart(ctx context.Context, customer ledger.CustomerID, id generation.ID) (ledger.Wallet, *generation.Generation, error) {
	key := customer.Key() // a hash: once, for every hold comes by here
	rows, err := s.get(ctx, s.walletRef(key), s.generationRef(id))
	if err != nil {
		return ledger.Wallet{}, nil, fault.At("dynamo.LoadStart", key, err)
	}
	wallet, err := decodeWallet(rows[0], customer)
	if err != nil {
		return wallet, nil, fault.At("dynamo.LoadStart", key, err)
	}
	g, err := decodeGeneration(rows[1])
	return wallet, g, fault.At("dynamo.LoadStart", key, err)
}

// CommitStart implements generation.Starts.
func (s *Store) CommitStart(ctx context.Context, g generation.Generation, hold ledger.Posting) error {
	writes, err := s.writePosting(hold, nil)
	if err != nil {
		return fault.At("dynamo.CommitStart", string(g.ID), err)
	}
	// A generation that costs nothing moves no credits, but its customer's standing must be as it
	// was read: a terminated customer starts nothing.
	if hold.Empty() {
		writes = append(writes, guardWallet(hold.Before).check(s.walletRef(g.ID.CustomerKey())))
	}
	if generation.Sampled(g.ID) {
		writes = append(writes, s.countStart(g))
	}
	return fault.At("dynamo.CommitStart", string(g.ID), s.transact(ctx, append(writes, create(s.tables.Generations, encodeGeneration(g)))))
}

// RecordResult implements generation.Results: one UpdateItem, whose failed condition brings the
// item as it stands; with a cost a transaction, and a read of the item as it stands.
func (s *Store) RecordResult(ctx context.Context, id generation.ID, record generation.Record) (*generation.Generation, error) {
	after := generation.Generation{State: generation.StateFailed, Todo: record.Todo}
	// Only the first result is recorded, and only after the start: a clock that lags waits.
	u := newUpdate()
	u.requireEqual(attrState, text(string(generation.StateHeld)))
	u.require(u.path(attrStartedAt) + " < " + u.value(instant(record.At)))
	// A success captures the hold at once, in the same write. It must have brought all outputs: one
	// that brought fewer needs the wallet and goes another way.
	if record.Result.Status == generation.StatusSucceeded {
		after.State = generation.StateCaptured
		u.require(u.path(attrOutputs) + " <= " + u.value(number(int64(record.Came))))
		u.setTo(attrCapturedAt, instant(record.At))
	}
	// The item owes a verdict once it failed, and nothing once it succeeded.
	row := item{
		attrState: text(string(after.State)), attrHash: text(record.Hash), attrResult: document(newResultRow(record.Result)), attrRecordedAt: instant(record.At),
	}
	row.putTodo(after.Todo, 0)
	u.replace(row, attrState, attrHash, attrResult, attrRecordedAt, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	// A cost is counted in a row of its own, so it needs a transaction; see addCost.
	if cost := record.Result.Cost; cost != nil {
		u.requireEqual(attrMode, text(generation.ModeOwnKey))
		return s.recordWithCost(ctx, id, u, *cost, record.At)
	}
	call := u.alone(s.generationRef(id))
	call.ReturnValues = types.ReturnValueAllNew
	output, err := s.api.UpdateItem(ctx, call)
	if err == nil {
		return decodeGeneration(output.Attributes)
	}
	// The condition failed: the item as it is comes with the refusal and saves a read.
	var refusal *types.ConditionalCheckFailedException
	if !errors.As(err, &refusal) {
		return nil, fault.At("dynamo.RecordResult", string(id), classify(err))
	}
	return decodeGeneration(refusal.Item)
}

// RecordLate implements generation.Results.
func (s *Store) RecordLate(ctx context.Context, id generation.ID, late generation.Late) error {
	u := newUpdate()
	u.require(conditionThere)
	u.require(fmt.Sprintf("attribute_not_exists(%s)", u.path(attrLate)))
	u.setTo(attrLate, document(newLateRow(late)))
	_, err := s.api.UpdateItem(ctx, u.alone(s.generationRef(id)))
	var refusal *types.ConditionalCheckFailedException
	if errors.As(err, &refusal) {
		return nil // one is noted already
	}
	return fault.At("dynamo.RecordLate", string(id), classify(err))
}

// LoadGeneration implements generation.Results.
func (s *Store) LoadGeneration(ctx context.Context, id generation.ID) (*generation.Generation, ledger.Wallet, error) {
	rows, err := s.get(ctx, s.generationRef(id), s.walletRef(id.CustomerKey()))
	if err != nil {
		return nil, ledger.Wallet{}, fault.At("dynamo.LoadGeneration", string(id), err)
	}
	g, err := decodeGeneration(rows[0])
	if err != nil || g == nil {
		return nil, ledger.Wallet{}, fault.At("dynamo.LoadGeneration", string(id), err)
	}
	wallet, err := decodeWallet(rows[1], g.Customer)
	return g, wallet, fault.At("dynamo.LoadGeneration", string(id), err)
}

// CommitResult implements generation.Results.
func (s *Store) CommitResult(ctx context.Context, before, after generation.Generation, posting ledger.Posting) error {
	writes, err := s.writePosting(posting, nil)
	if err != nil {
		return fault.At("dynamo.CommitResult", string(after.ID), err)
	}
	change, err := s.writeGeneration(before, after)
	if err != nil {
		return fault.At("dynamo.CommitResult", string(after.ID), err)
	}
	writes = append(writes, change)
	if cost := generation.NewCost(before, after); cost != nil {
		writes = append(writes, s.addCost(after.ID, *cost, after.RecordedAt))
	}
	return fault.At("dynamo.CommitResult", string(after.ID), s.transact(ctx, writes))
}

// writeGeneration returns the write that takes a generation from one state to the next, if it is
// still in the first, no more of it went back since, and nothing more was told of its use.
func (s *Store) writeGeneration(before, after generation.Generation) (types.TransactWriteItem, error) {
	// A transition that the noun does not allow is a bug of ours: it must not reach the table.
	if before.State != after.State && !before.State.May(after.State) {
		return types.TransactWriteItem{}, fault.Errorf(fault.KindInternal, fault.CodeInternal, "a generation may not go from %s to %s", before.State, after.State)
	}
	u := newUpdate()
	u.requireEqual(attrState, text(string(before.State)))
	prior := encodeGeneration(before)
	// Another output may have been refunded since, or its use told: then the verdict must be
	// computed anew.
	u.requireSame(attrRefunded, prior[attrRefunded])
	u.requireSame(attrUses, prior[attrUses])
	row := encodeGeneration(after)
	u.replace(row, resultAttributes...)
	if before.State != generation.StateCaptured { // a refund leaves the notice owed, or told meanwhile
		u.replace(row, outbox...)
	}
	return u.inTransaction(s.generationRef(after.ID)), nil
}

// MarkPartialNotified implements notice.Generations: one UpdateItem.
func (s *Store) MarkPartialNotified(ctx context.Context, id generation.ID) error {
	return s.takeStep(ctx, s.generationRef(id), todo.StepNotice, newUpdate())
}

// FindGeneration returns the generation, nil when there is none.
func (s *Store) FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error) {
	rows, err := s.get(ctx, s.generationRef(id))
	if err != nil {
		return nil, fault.At("dynamo.FindGeneration", string(id), err)
	}
	return decodeGeneration(rows[0])
}

// FindGenerations returns those of the generations that exist, each once, in the order asked, by
// consistent reads.
func (s *Store) FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error) {
	return readAll(ctx, s, refsOf(ids, s.generationRef), decodeGeneration)
}
