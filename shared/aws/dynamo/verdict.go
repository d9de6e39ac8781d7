package dynamo

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// What a case holds of its verdict is written by place where names would repeat themselves: a case
// is written four times, and each kilobyte of it counts each time.

// The places of what was known of the customer.
const (
	knownStanding = iota
	knownRequests
	knownRefunds
	knownGenerations
	knownFields
)

func encodeKnown(facts policy.CustomerFacts) types.AttributeValue {
	return list(
		text(string(facts.Standing)),
		number(int64(facts.Requests30d)), number(int64(facts.Refunds30d)), number(int64(facts.Generations30d)),
	)
}

func decodeKnown(fields []types.AttributeValue) *policy.CustomerFacts {
	if len(fields) != knownFields {
		return nil
	}
	return &policy.CustomerFacts{
		Standing:    ledger.Standing(asText(fields[knownStanding])),
		Requests30d: int(asNumber(fields[knownRequests])), Refunds30d: int(asNumber(fields[knownRefunds])),
		Generations30d: int(asNumber(fields[knownGenerations])),
	}
}

// The places of an event.
const (
	eventAt = iota
	eventState
	eventActor
	eventBy
	eventNote
	eventFields
)

func encodeHistory(history []refund.Event) types.AttributeValue {
	events := make([]types.AttributeValue, len(history))
	for i, event := range history {
		events[i] = list(instant(event.At), text(string(event.State)), text(event.Actor), text(event.By), text(event.Note))
	}
	return list(events...)
}

func decodeHistory(events []types.AttributeValue) []refund.Event {
	var history []refund.Event
	for _, event := range events {
		if fields := asList(event); len(fields) == eventFields {
			history = append(history, refund.Event{
				At: asInstant(fields[eventAt]), State: refund.State(asText(fields[eventState])),
				Actor: asText(fields[eventActor]), By: asText(fields[eventBy]), Note: asText(fields[eventNote]),
			})
		}
	}
	return history
}

// The places of a ruling; its remedy is JSON text, empty for the kind's own.
const (
	rulingOutcome = iota
	rulingRemedy
	rulingClause
	rulingPayment
	rulingNote
	rulingBy
	rulingKey
	rulingInput
	rulingAt
	rulingFields
)

func encodeRuling(ruling refund.Ruling) types.AttributeValue {
	remedy := text("")
	if ruling.Remedy != nil {
		remedy = document(newRemedyRow(*ruling.Remedy))
	}
	return list(text(string(ruling.Outcome)), remedy, text(ruling.Clause), text(string(ruling.Payment)), text(ruling.Note), text(ruling.By),
		text(ruling.Origin.Key), text(ruling.Origin.Input), instant(ruling.At))
}

func decodeRuling(fields []types.AttributeValue) (*refund.Ruling, error) {
	// No list is no ruling; a list of another length is none that this build can read.
	switch len(fields) {
	case 0:
		return nil, nil
	case rulingFields:
	default:
		return nil, missingAttribute("Cases", attrRuling)
	}
	ruling := refund.Ruling{
		Ruling:  policy.Ruling{Outcome: policy.Outcome(asText(fields[rulingOutcome])), Clause: asText(fields[rulingClause])},
		Payment: payment.ID(asText(fields[rulingPayment])),
		Note:    asText(fields[rulingNote]),
		By:      asText(fields[rulingBy]),
		Origin:  origin.Origin{Key: asText(fields[rulingKey]), Input: asText(fields[rulingInput])},
		At:      asInstant(fields[rulingAt]),
	}
	if remedy := asText(fields[rulingRemedy]); remedy != "" {
		var doc *remedyRow
		err := json.Unmarshal([]byte(remedy), &doc)
		ruling.Remedy = pointerTo(doc, remedyRow.remedy)
		return &ruling, err
	}
	return &ruling, nil
}

// encodeRulings returns a list of rulings, nil for none.
func encodeRulings(rulings []refund.Ruling) types.AttributeValue {
	if len(rulings) == 0 {
		return nil
	}
	members := make([]types.AttributeValue, len(rulings))
	for i, ruling := range rulings {
		members[i] = encodeRuling(ruling)
	}
	return list(members...)
}

func decodeRulings(members []types.AttributeValue) ([]refund.Ruling, error) {
	var rulings []refund.Ruling
	for _, fields := range members {
		ruling, err := decodeRuling(asList(fields))
		if err == nil && ruling == nil {
			err = missingAttribute("Cases", attrOverruled)
		}
		if err != nil {
			return nil, err
		}
		rulings = append(rulings, *ruling)
	}
	return rulings, nil
}

// The places of the instants of a ruling that could be taken back.
const (
	takeBackEffectiveAt = iota
	takeBackTakenBackAt
	takeBackFields
)

// putTakeBacks writes the instants of rulings that could be taken back, where one could: of those
// that are overruled, in their order, then of the latest. They lie beside the rulings, since a
// release before them reads no ruling of more places.
func (i item) putTakeBacks(overruled []refund.Ruling, latest *refund.Ruling) {
	rulings := slices.Clone(overruled)
	if latest != nil {
		rulings = append(rulings, *latest)
	}
	if !slices.ContainsFunc(rulings, func(ruling refund.Ruling) bool { return !ruling.EffectiveAt.IsZero() }) {
		return
	}
	instants := make([]types.AttributeValue, len(rulings))
	for n, ruling := range rulings {
		instants[n] = list(instantOrZero(ruling.EffectiveAt), instantOrZero(ruling.TakenBackAt))
	}
	i[attrTakeBacks] = list(instants...)
}

// takeBacks puts their instants into the rulings of the case.
func (i item) takeBacks(c *refund.Case) {
	for n, instants := range i.list(attrTakeBacks) {
		ruling := c.Ruling
		if n < len(c.Overruled) {
			ruling = &c.Overruled[n]
		}
		if at := asList(instants); ruling != nil && len(at) == takeBackFields {
			ruling.EffectiveAt, ruling.TakenBackAt = asInstant(at[takeBackEffectiveAt]), asInstant(at[takeBackTakenBackAt])
		}
	}
}

func (i item) putDecision(decision *policy.Decision) {
	if decision == nil {
		return
	}
	i[attrDecision] = document(newVerdictRow(*decision))
	if decision.Trace != nil {
		i[attrTrace] = text(encodeTrace(decision.Trace))
	}
}

func (i item) decision() (*policy.Decision, error) {
	var doc *verdictRow
	if err := i.document(attrDecision, &doc); err != nil || doc == nil {
		return nil, err
	}
	decision := doc.decision()
	// The case numbers its notices, the verdict does not.
	decision.Notice, _, _ = strings.Cut(i.text(attrNotice), ".") // without its number
	if _, ok := i[attrTrace]; !ok {
		return &decision, nil
	}
	var err error
	decision.Trace, err = decodeTrace(i.text(attrTrace))
	return &decision, err
}

// otherwise marks a step of a trace that is not as most are: the last one matched, and those before
// it did not. elsewhere stands before the place of its rule where that is not the step's own.
const (
	otherwise = "!"
	apart     = "@"
)

// encodeTrace writes each step as its clause and a space. Any trace comes back as it was.
func encodeTrace(trace []policy.Step) string {
	var b strings.Builder
	for i, step := range trace {
		// Usually the last step matched and no other: only what differs is marked.
		if step.Matched != (i == len(trace)-1) {
			b.WriteString(otherwise)
		}
		b.WriteString(url.QueryEscape(step.Clause))
		if step.Rule != i+1 {
			b.WriteString(apart + strconv.Itoa(step.Rule))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func decodeTrace(source string) ([]policy.Step, error) {
	trace := []policy.Step{}
	words := strings.Split(source, " ")
	// Each step ends in a space.
	words = words[:len(words)-1] // nothing stands after the last space
	for i, word := range words {
		word, flip := strings.CutPrefix(word, otherwise)
		word, place, ok := strings.Cut(word, apart)
		clause, err := url.QueryUnescape(word)
		rule := i + 1
		if ok && err == nil {
			rule, err = strconv.Atoi(place)
		}
		if err != nil {
			return nil, fmt.Errorf("dynamo: the trace of a case: %w", err)
		}
		trace = append(trace, policy.Step{Clause: clause, Rule: rule, Matched: (i == len(words)-1) != flip})
	}
	return trace, nil
}
