package dynamo

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/origin"
	"makegood/shared/policy"
)

// What a signal's latest looks found is a text of these, oldest first.
const (
	wrongLook = "1"
	rightLook = "0"
)

// stopRow is why a signal stopped.
type stopRow struct {
	At          time.Time `json:"at"`
	Case        string    `json:"case"`
	WronglyPaid int       `json:"wrongly_paid"`
	Looks       int       `json:"looks"`
	Percent     int       `json:"percent"`
	From        int       `json:"from"`
}

func newStopRow(s audit.Stop) stopRow {
	return stopRow{
		At: s.At, Case: s.Case, WronglyPaid: s.WronglyPaid, Looks: s.Looks, Percent: s.Limit.WronglyPaidPercent, From: s.Limit.From,
	}
}

func (r stopRow) stop() audit.Stop {
	return audit.Stop{
		At: r.At, Case: r.Case, WronglyPaid: r.WronglyPaid, Looks: r.Looks, Limit: policy.Stops{WronglyPaidPercent: r.Percent, From: r.From},
	}
}

// liftRow is a lift of a signal that had stopped.
type liftRow struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Note  string    `json:"note"`
	Key   string    `json:"key"`
	Input string    `json:"input"`
}

func newLiftRow(l audit.Lift) liftRow {
	return liftRow{At: l.At, By: l.By, Note: l.Note, Key: l.Origin.Key, Input: l.Origin.Input}
}

func (r liftRow) lift() audit.Lift {
	return audit.Lift{At: r.At, By: r.By, Note: r.Note, Origin: origin.Origin{Key: r.Key, Input: r.Input}}
}

// writeSignal returns the write of a signal that is as it was read.
func (s *Store) writeSignal(change audit.Change) types.TransactWriteItem {
	u := newUpdate()
	if change.Before.Version == 0 {
		u.requireSame(attrVersion, nil)
	} else {
		u.requireEqual(attrVersion, number(change.Before.Version))
	}
	row, after := item{attrVersion: number(change.After.Version)}, change.After
	var latest strings.Builder
	for _, wrong := range after.Wrong {
		latest.WriteString(map[bool]string{true: wrongLook, false: rightLook}[wrong])
	}
	row.putText(attrLatest, latest.String())
	if after.Stop != nil {
		row[attrStop] = document(newStopRow(*after.Stop))
	}
	if len(after.Lifts) > 0 {
		row[attrLifts] = document(eachOf(after.Lifts, newLiftRow))
	}
	u.replace(row, attrVersion, attrLatest, attrStop, attrLifts)
	return u.inTransaction(s.evidenceRef(signalsPartition, string(after.Name)))
}

func decodeSignal(row item) (audit.Signal, error) {
	signal := audit.Signal{Name: evidence.Name(row.text(attrSK)), Version: row.number(attrVersion)}
	for _, look := range row.text(attrLatest) {
		signal.Wrong = append(signal.Wrong, string(look) == wrongLook)
	}
	var stop *stopRow
	if err := row.document(attrStop, &stop); err != nil {
		return signal, err
	}
	signal.Stop = pointerTo(stop, stopRow.stop)
	var lifts []liftRow
	err := row.document(attrLifts, &lifts)
	signal.Lifts = eachOf(lifts, liftRow.lift)
	return signal, err
}
