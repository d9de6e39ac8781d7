package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/metric"
	"makegood/shared/fault"
	"makegood/shared/notice"
)

// failing is a mail service that answers with its error.
type failing struct{ err error }

func (f failing) Send(context.Context, notice.Mail) error { return f.err }

func TestEveryMailThatIsGivenUpIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"taken":     {nil, ""},
		"throttled": {fault.Busy(nil), ""},
		"refused":   {fault.Invalid("", "400 MessageRejected"), `"NoticeMailsRefused":1`},
		"unknown":   {errors.New("no answer"), `"NoticeMailsUnknown":1`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			mailer := watched{mailer: failing{c.err}, metrics: metric.Open(&out, "notify-customer"), now: func() time.Time { return noon }}
			require.Equal(t, c.err, mailer.Send(context.Background(), notice.Mail{To: "alice@example.com"}))
			if c.want == "" {
				assert.Empty(t, out.String())
				return
			}
			assert.Contains(t, out.String(), c.want)
			assert.Contains(t, out.String(), `"Function":"notify-customer"`)
			assert.NotContains(t, out.String(), "alice")
		})
	}
}
