package main

import (
	"context"
	"log/slog"
	"time"

	"makegood/shared/aws/metric"
	"makegood/shared/fault"
	"makegood/shared/notice"
)

// watched is a mailer that logs and counts each mail a customer goes without. Nothing else says so,
// for the case is marked as notified all the same.
type watched struct {
	mailer  notice.Mailer
	metrics metric.Counter
	now     func() time.Time
}

// Send implements notice.Mailer. A mail that can be sent later is not counted: its message goes
// back to the queue, and is logged there.
func (w watched) Send(ctx context.Context, mail notice.Mail) error {
	err := w.mailer.Send(ctx, mail)
	if err == nil {
		return nil
	}
	var count string
	// Refused is for good, and unknown may have gone out: neither is sent again, so each gets its
	// own count.
	switch fault.KindOf(err) {
	case fault.KindBusy:
		return err
	case fault.KindInvalid:
		count = "NoticeMailsRefused"
	default:
		count = "NoticeMailsUnknown"
	}
	slog.ErrorContext(ctx, "mail given up", "notice", mail.ID, "metric", count, "error", err.Error())
	// A lost count must not fail the notice: the log line above has the same facts.
	if countErr := w.metrics.Count(w.now(), map[string]int{count: 1}); countErr != nil {
		slog.ErrorContext(ctx, "mail given up, and not counted", "notice", mail.ID, "metric", count, "error", countErr.Error())
	}
	return err
}
