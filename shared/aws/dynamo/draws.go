package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
)

// A draw is a list: lot key, credits, source, the lot's expiry, and what the lot was, in case it
// must be made again.
func encodeDraws(draws []ledger.Draw) types.AttributeValue {
	members := make([]types.AttributeValue, len(draws))
	for i, draw := range draws {
		members[i] = encodeDraw(draw)
	}
	return list(members...)
}

func encodeDraw(draw ledger.Draw) types.AttributeValue {
	expiresAt := number(0)
	if !draw.ExpiresAt.IsZero() {
		expiresAt = instant(draw.ExpiresAt)
	}
	return list(text(draw.Lot.Key()), number(int64(draw.Credits)), text(sourceLetters[draw.Source]), expiresAt,
		number(int64(draw.Granted)), instant(draw.GrantedAt))
}

const drawFields = 6

func decodeDraws(members []types.AttributeValue) []ledger.Draw {
	var draws []ledger.Draw
	for _, member := range members {
		fields := asList(member)
		if len(fields) != drawFields {
			continue
		}
		draws = append(draws, ledger.Draw{
			Lot:     ledger.LotID(lotPrefix + asText(fields[0])),
			Credits: ledger.Credits(asNumber(fields[1])), Source: lettersSource[asText(fields[2])], ExpiresAt: asInstant(fields[3]),
			Granted: ledger.Credits(asNumber(fields[4])), GrantedAt: asInstant(fields[5]),
		})
	}
	return draws
}
