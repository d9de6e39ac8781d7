package dynamo

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
)

// Item is a row as the SDK has it. Rows are built and read by hand: the SDK's marshaller reflects
// on every call.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func list(members ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: members}
}

func mapping(members map[string]types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: members}
}

// instant stores a time as whole milliseconds.
func instant(at time.Time) types.AttributeValue { return number(at.UnixMilli()) }

// instantOrZero is instant, 0 for the zero one: for a place in a list, which cannot be left out.
func instantOrZero(at time.Time) types.AttributeValue {
	if at.IsZero() {
		return number(0)
	}
	return instant(at)
}

// document stores what nothing conditions on as JSON text. v must be encodable.
// Why: infra/decisions/0005.
func document(v any) types.AttributeValue {
	body, err := json.Marshal(v)
	if err != nil {
		panic("dynamo: a noun must be encodable: " + err.Error())
	}
	return text(string(body))
}

// putText, putNumber and putInstant leave out zero values: an absent attribute costs nothing and
// reads as zero.
func (i item) putText(name, value string) {
	if value != "" {
		i[name] = text(value)
	}
}

func (i item) putNumber(name string, value int64) {
	if value != 0 {
		i[name] = number(value)
	}
}

func (i item) putInstant(name string, at time.Time) {
	if !at.IsZero() {
		i[name] = instant(at)
	}
}

// putFlag leaves out what does not hold.
func (i item) putFlag(name string, holds bool) {
	if holds {
		i[name] = number(1)
	}
}

func (i item) text(name string) string {
	if s, ok := i[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func (i item) number(name string) int64 { return asNumber(i[name]) }

// unsigned reads a number of 64 bits, none of them a sign.
func (i item) unsigned(name string) uint64 {
	n, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, err := strconv.ParseUint(n.Value, 10, 64)
	if err != nil {
		return 0
	}
	return value
}

func (i item) bytes(name string) []byte {
	if b, ok := i[name].(*types.AttributeValueMemberB); ok {
		return b.Value
	}
	return nil
}

func (i item) credits(name string) ledger.Credits { return ledger.Credits(i.number(name)) }

func (i item) instant(name string) time.Time { return asInstant(i[name]) }

func (i item) mapping(name string) map[string]types.AttributeValue {
	if m, ok := i[name].(*types.AttributeValueMemberM); ok {
		return m.Value
	}
	return nil
}

func (i item) list(name string) []types.AttributeValue { return asList(i[name]) }

// document reads JSON text into v and leaves v alone when the attribute is absent.
func (i item) document(name string, v any) error {
	s := i.text(name)
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), v)
}

func asNumber(v types.AttributeValue) int64 {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0
	}
	return value
}

func asInstant(v types.AttributeValue) time.Time {
	if ms := asNumber(v); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

func asText(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func asList(v types.AttributeValue) []types.AttributeValue {
	if l, ok := v.(*types.AttributeValueMemberL); ok {
		return l.Value
	}
	return nil
}
