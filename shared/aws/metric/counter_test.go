package metric_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/aws/metric"
)

func TestWhatCannotBeCountedIsLoggedAndChangesNothingElse(t *testing.T) {
	var lines bytes.Buffer
	former := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	defer slog.SetDefault(former)
	metric.Add(t.Context(), metric.Open(closed{}, "decide-refund"), noon, "RefundedLate", 1)
	assert.Contains(t, lines.String(), `msg="not counted" metric=RefundedLate`)
}
