package due

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/correlation"
	"makegood/shared/message"
	"makegood/shared/todo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEachAttemptWaitsTwiceAsLongUpToAnHour(t *testing.T) {
	var delays []time.Duration
	for attempts := range MaxAttempts {
		item := Item{Attempts: attempts, Todo: todo.List{todo.StepRefund: noon}}
		overdue, next := split(item, noon)
		require.Equal(t, []todo.Step{todo.StepRefund}, overdue)
		delays = append(delays, next[todo.StepRefund].Sub(noon)/time.Minute)
	}
	require.Equal(t, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60}, delays)
}

func TestAStepThatIsNotOverdueKeepsItsInstant(t *testing.T) {
	later := noon.Add(time.Hour)
	overdue, next := split(Item{Todo: todo.List{todo.StepNotice: noon, todo.StepRefund: later}}, noon)
	require.Equal(t, []todo.Step{todo.StepNotice}, overdue)
	require.Equal(t, later, next[todo.StepRefund])
	require.Equal(t, noon.Add(time.Minute), next[todo.StepNotice])
	require.Equal(t, noon.Add(time.Minute), next.Due())
}

// sent keeps what goes back to the queues.
type sent []any

func (s *sent) Send(_ context.Context, m message.Message) error {
	*s = append(*s, m)
	return nil
}

func TestEachStepAsksAgainWithTheMessageThatWasSentFirst(t *testing.T) {
	for _, c := range []struct {
		kind todo.Kind
		step todo.Step
		want any
	}{
		{todo.KindGeneration, todo.StepSettle, message.NewTechnicalFailure("sort", message.ReasonOverdue)},
		{todo.KindGeneration, todo.StepRefund, message.NewTechnicalFailure("sort", message.ReasonFailed)},
		{todo.KindGeneration, todo.StepNotice, message.NewGenerationPartial("sort")},
		{todo.KindCase, todo.StepRefund, message.NewCaseRequested("sort", "", "")},
		{todo.KindCase, todo.StepDowntime, message.NewCaseRequested("sort", "", "")},
		{todo.KindCase, todo.StepNotice, message.NewRefundDecided("sort")},
		{todo.KindCase, todo.StepPaid, message.NewRefundDecided("sort")},
		{todo.KindCase, todo.StepFailed, message.NewRefundDecided("sort")},
		{todo.KindOffer, todo.StepOffer, message.NewOutageOffered("sort")},
		{todo.KindStanding, todo.StepStand, message.NewStandingChanged("sort")},
		{todo.KindPayment, todo.StepRefund, message.NewPaymentRequested("partition")},
		{todo.KindPayment, todo.StepPay, message.NewPaymentUnsettled("partition")},
		{todo.KindOutage, todo.StepRun, message.NewOutageStarted("partition", 0)},
		{todo.KindAttachment, todo.StepDiscard, message.NewAttachmentExpired("sort")},
		{todo.KindOutage, todo.StepClaims, message.NewOutageChanged("partition")},
	} {
		var queues sent
		item := Item{Key: Key{Kind: c.kind, Partition: "partition", Sort: "sort"}}
		require.NoError(t, Sweeper{Queues: &queues}.resend(t.Context(), item, c.step, noon))
		require.Equal(t, sent{c.want}, queues, "%s of a %s", c.step, c.kind)
	}
	var queues sent
	require.NoError(t, Sweeper{Queues: &queues}.resend(t.Context(), Item{}, todo.StepReview, noon))
	require.Error(t, Sweeper{Queues: &queues}.resend(t.Context(), Item{}, "nap", noon))
	require.Empty(t, queues)
}

// under keeps under which id each message was sent.
type under []string

func (u *under) Send(ctx context.Context, _ message.Message) error {
	*u = append(*u, correlation.ID(ctx))
	return nil
}

func TestWhatIsAskedForAgainGoesOnUnderAnIDThatItsLineTiesToTheSubject(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewTextHandler(&log, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	var queues under
	sweep := correlation.With(t.Context(), "invocation")
	for _, c := range []struct {
		key  Key
		step todo.Step
	}{
		{Key{Kind: todo.KindGeneration, Partition: "hash", Sort: "gen_1"}, todo.StepSettle},
		{Key{Kind: todo.KindPayment, Partition: "pi_1"}, todo.StepPay},
		{Key{Kind: todo.KindStanding, Partition: "hash", Sort: "sta_1"}, todo.StepStand},
		{Key{Kind: todo.KindAttachment, Partition: "hash", Sort: "att_1"}, todo.StepDiscard},
	} {
		require.NoError(t, Sweeper{Queues: &queues}.resend(within(sweep, c.key), Item{Key: c.key}, c.step, noon))
	}
	require.Equal(t, under{"invocation.1", "invocation.2", "invocation.3", "invocation.4"}, queues, "each is followed alone")
	for n, want := range []string{
		`step="decide refund" generation=gen_1 correlation_id=invocation.1`,
		`step="settle payment" payment=pi_1 correlation_id=invocation.2`,
		`step="notify of standing" change=sta_1 correlation_id=invocation.3`,
		`step="discard attachment" attachment=att_1 correlation_id=invocation.4`,
	} {
		line := strings.Split(log.String(), "\n")[n]
		require.Contains(t, line, `msg="an overdue step is asked for again" `+want)
	}
}

func TestALineNamesAWalletByAHash(t *testing.T) {
	key := Key{Kind: todo.KindWallet, Partition: "hash", Sort: "alice@example.com"}
	require.Equal(t, slog.String("wallet", "hash"), key.subject())
}

func TestAPageOfWhatIsStuckIsInOrderAndNamesNothingTwice(t *testing.T) {
	key := func(minutes int, id string) Key {
		return Key{Kind: todo.KindPayment, Partition: id, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	listed := func() []Key { return []Key{key(3, "c"), key(1, "b"), key(1, "a"), key(9, "a"), key(2, "d")} }
	page, next := PageOf(listed(), nil, 2)
	require.Equal(t, []Key{key(1, "a"), key(1, "b")}, page)
	last := key(1, "b").Position()
	require.Equal(t, &last, next)
	page, next = PageOf(listed(), next, 2)
	require.Equal(t, []Key{key(2, "d"), key(3, "c")}, page)
	require.Nil(t, next)
	page, _ = PageOf([]Key{key(2, "a"), key(3, "b"), key(5, "a")}, nil, 9)
	require.Equal(t, []Key{key(2, "a"), key(3, "b")}, page, "an index that moved while it was read")
}
