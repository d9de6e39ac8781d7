package payment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// station is a provider that lists pages, the marks of them, and the queues.
type station struct {
	*bank
	pages    [][]payment.Facts
	asked    []string // "since cursor"
	fail     map[string]error
	mark     payment.PollState
	saved    int
	stale    bool
	none     bool // it keeps no list
	deaf     error
	settling []message.PaymentUnsettled
}

func (s *station) List(_ context.Context, since time.Time, cursor string) (payment.Listing, error) {
	s.asked = append(s.asked, since.Format(time.DateTime)+" "+cursor)
	if err := s.fail[cursor]; err != nil {
		return payment.Listing{}, err
	}
	if s.none {
		return payment.Listing{NoList: true}, nil
	}
	page := 0
	if cursor != "" {
		_, _ = fmt.Sscanf(cursor, "page %d", &page)
	}
	listing := payment.Listing{Facts: s.pages[page]}
	if page+1 < len(s.pages) {
		listing.Next = fmt.Sprintf("page %d", page+1)
	}
	return listing, nil
}

func (s *station) LoadPollState(context.Context, string) (payment.PollState, error) {
	return s.mark, nil
}

func (s *station) SavePollState(_ context.Context, _ string, mark payment.PollState) error {
	if s.stale || mark.Version != s.mark.Version {
		return fault.Stale(nil)
	}
	mark.Version++
	s.mark = mark
	s.saved++
	return nil
}

func (s *station) Settle(_ context.Context, request message.PaymentUnsettled) error {
	s.settling = append(s.settling, request)
	return s.deaf
}

// listens has the desk's receiver listen to the station, that long after noon.
func (s *station) listens(d *desk, after time.Duration) (int, error) {
	return payment.EventPoller{
		Receiver: d.Receiver, PollStates: s, Gateways: map[string]payment.Gateway{"stripe": s},
		Outbox: payment.Outbox{Requests: s, Settlements: s}, Every: 10 * time.Minute,
	}.Poll(context.Background(), noon.Add(after))
}

func TestWhatAWebhookDidNotBringIsHeardFromTheList(t *testing.T) {
	d, s := newDesk(t), &station{bank: newBank()}
	s.pages = [][]payment.Facts{{refunded("re_1", 100, payment.RefundSucceeded)}, {paid(), counted(300)}}
	count, err := s.listens(d, 0)
	require.NoError(t, err)
	require.Equal(t, 3, count)
	d.wants(t, 40, 0, 50, 10)
	require.Equal(t, []string{"2026-01-30 12:00:00 ", "2026-01-30 12:00:00 page 1"}, s.asked, "30 days back")
	require.Equal(t, []message.PaymentUnsettled{message.NewPaymentUnsettled("pi_1")}, s.settling, "what is counted is to be looked up")
	require.Equal(t, payment.PollState{CompleteThrough: noon, StartedAt: noon, Since: noon.Add(-payment.EventRetention), Version: 2}, s.mark)

	count, err = s.listens(d, 10*time.Minute-1)
	require.NoError(t, err)
	require.Zero(t, count)
	require.Len(t, s.asked, 2, "not yet")
	count, err = s.listens(d, 10*time.Minute)
	require.NoError(t, err)
	require.Zero(t, count, "repeats")
	require.Equal(t, "2026-03-01 11:50:00 ", s.asked[2], "with some overlap")
	d.wants(t, 40, 0, 50, 10)
}

func TestAnEventWhoseWebhookMayStillComeIsHeardAndDoesNotCount(t *testing.T) {
	d, s := newDesk(t), &station{bank: newBank()}
	young, old := paid(), disputed("dp_1", 100, payment.DisputeOpen)
	young.At, old.At = noon.Add(-5*time.Minute+1), noon.Add(-5*time.Minute)
	s.pages = [][]payment.Facts{{young, old}}
	count, err := s.listens(d, 0)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	d.wants(t, 40, 0, 50, 10)
}

func TestALongListIsReadInSeveralGoes(t *testing.T) {
	d, s := newDesk(t), &station{bank: newBank()}
	s.pages = make([][]payment.Facts, 25)
	s.pages[24] = []payment.Facts{paid()}
	for n, pages := range []int{10, 20, 25} {
		_, err := s.listens(d, time.Duration(n)*time.Minute)
		require.NoError(t, err)
		require.Len(t, s.asked, pages)
		require.Equal(t, pages == 25, s.mark.Cursor == "")
		require.Equal(t, pages == 25, s.mark.CompleteThrough.Equal(noon), "the start of the round, not its end")
	}
	d.wants(t, 50, 0, 50, 0)
}

func TestARoundLooksBackToTheLastWholeOneButNoFurtherThanTheProviderDoes(t *testing.T) {
	d, s := newDesk(t), &station{bank: newBank(), pages: make([][]payment.Facts, 1)}
	for since, through := range map[string]time.Time{
		"2026-02-27 11:50:00 ": noon.Add(-48 * time.Hour), "2026-01-30 12:00:00 ": noon.Add(-40 * 24 * time.Hour),
	} {
		s.mark.CompleteThrough, s.mark.StartedAt, s.asked = through, through, nil
		_, err := s.listens(d, 0)
		require.NoError(t, err)
		require.Equal(t, []string{since}, s.asked)
	}
}

func TestOneBadEventStopsNoOther(t *testing.T) {
	bad := paid()
	bad.Payment = "not an id"
	d, s := newDesk(t), &station{bank: newBank()}
	s.pages = [][]payment.Facts{{bad, paid()}}
	count, err := s.listens(d, 0)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Equal(t, noon, s.mark.CompleteThrough)
}

func TestAnEventThatCannotBeHeardNowIsListedAgain(t *testing.T) {
	broken := errors.New("no access")
	other := paid(func(p *payment.Purchase) { p.Customer = "bob" })
	other.Payment = "pi_2"
	for name, cause := range map[string]error{"soon": fault.Busy(broken), "some time": broken} {
		d := newDesk(t)
		s := &station{bank: newBank(), pages: [][]payment.Facts{{paid(), other}, {disputed("dp_1", 100, payment.DisputeOpen)}}}
		d.fails = map[payment.ID]error{"pi_1": cause}
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nobody waits between attempts
		listener := payment.EventPoller{Receiver: d.Receiver, PollStates: s, Gateways: map[string]payment.Gateway{"stripe": s}, Every: time.Minute}
		_, err := listener.Poll(ctx, noon)
		require.ErrorIs(t, err, broken, name)
		require.NotNil(t, d.payment("pi_2"), "the other is heard")
		require.Equal(t, fault.KindOf(cause) == fault.KindBusy, s.saved == 0, "a page that can be heard soon is not turned")
		require.Zero(t, s.mark.CompleteThrough)
		d.fails = nil
		for range 3 {
			_, err = s.listens(d, time.Hour)
			require.NoError(t, err)
		}
		d.wants(t, 40, 0, 50, 10)
		require.False(t, s.mark.CompleteThrough.IsZero(), name)
	}
}

func TestAPageIsNotTurnedWhileOneOfItsEventsCanBeHeardSoon(t *testing.T) {
	other := paid()
	other.Payment = "pi_2"
	for _, page := range [][]payment.Facts{{paid(), other}, {other, paid()}} {
		d := newDesk(t)
		s := &station{bank: newBank(), pages: [][]payment.Facts{page}}
		d.fails = map[payment.ID]error{"pi_1": fault.Busy(nil), "pi_2": errors.New("no access")}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := payment.EventPoller{Receiver: d.Receiver, PollStates: s, Gateways: map[string]payment.Gateway{"stripe": s}}.Poll(ctx, noon)
		require.Equal(t, fault.KindBusy, fault.KindOf(err))
		require.Zero(t, s.saved)
	}
}

func TestARoundIsBehindWhileSomethingOfItCannotBeHeard(t *testing.T) {
	d := newDesk(t)
	s := &station{bank: newBank(), pages: [][]payment.Facts{{paid()}}}
	d.fails = map[payment.ID]error{"pi_1": errors.New("no access")}
	for n := range 3 {
		_, err := s.listens(d, time.Duration(n)*10*time.Minute)
		require.Error(t, err)
		require.True(t, s.mark.Incomplete)
		require.Zero(t, s.mark.CompleteThrough)
	}
	d.fails = nil
	_, err := s.listens(d, 30*time.Minute)
	require.NoError(t, err)
	require.False(t, s.mark.Incomplete)
	require.Equal(t, noon.Add(30*time.Minute), s.mark.CompleteThrough)
	d.wants(t, 50, 0, 50, 0)
}

func TestARoundStaysBehindWhenOnlyItsLaterPagesCanBeHeard(t *testing.T) {
	d := newDesk(t)
	s := &station{bank: newBank(), pages: [][]payment.Facts{{paid()}, nil}}
	d.fails = map[payment.ID]error{"pi_1": errors.New("no access")}
	_, err := s.listens(d, 0)
	require.Error(t, err)
	require.Len(t, s.asked, 1)
	_, err = s.listens(d, time.Minute)
	require.NoError(t, err)
	require.Equal(t, payment.PollState{Since: noon.Add(-payment.EventRetention), StartedAt: noon, Incomplete: true, Version: 2}, s.mark)
}

func TestAListThatComesLaterIsReadFromTheStart(t *testing.T) {
	d := newDesk(t)
	s := &station{bank: newBank(), pages: [][]payment.Facts{{paid()}}, none: true}
	for n := range 3 {
		_, err := s.listens(d, time.Duration(n)*time.Hour)
		require.NoError(t, err)
	}
	require.Len(t, s.asked, 3)
	s.none = false
	count, err := s.listens(d, 3*time.Hour)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Equal(t, "2026-01-30 15:00:00 ", s.asked[3], "30 days back")
	s.none = true
	_, err = s.listens(d, 4*time.Hour)
	require.NoError(t, err)
	require.Equal(t, noon.Add(3*time.Hour), s.mark.CompleteThrough, "where the list ended")
}

func TestACursorThatTheProviderRefusesBeginsTheRoundAnew(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		cursor string
	}{
		"gone": {errors.New("no such event"), ""},
		"busy": {fault.Busy(errors.New("429")), "page 1"},
	} {
		d := newDesk(t)
		s := &station{bank: newBank(), pages: [][]payment.Facts{nil, {paid()}}, fail: map[string]error{"page 1": c.err}}
		_, err := s.listens(d, 0)
		require.Error(t, err)
		require.Equal(t, c.cursor, s.mark.Cursor, name)
		require.Zero(t, s.mark.CompleteThrough)
		s.fail = nil
		_, err = s.listens(d, time.Minute)
		require.NoError(t, err)
		d.wants(t, 50, 0, 50, 0)
	}
	s := &station{bank: newBank(), fail: map[string]error{"": errors.New("401")}}
	_, err := s.listens(newDesk(t), 0)
	require.Error(t, err)
	require.Zero(t, s.saved, "there is nothing to begin anew")
}

func TestAnotherSweepMayBeAtTheList(t *testing.T) {
	d := newDesk(t)
	s := &station{bank: newBank(), pages: [][]payment.Facts{{paid()}, nil}, stale: true}
	count, err := s.listens(d, 0)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Len(t, s.asked, 1, "it leaves the rest to the other")
}

func TestAQueueThatTakesNothingLosesNothing(t *testing.T) {
	d := newDesk(t)
	s := &station{bank: newBank(), pages: [][]payment.Facts{{counted(1), paid()}}, deaf: errors.New("deaf")}
	count, err := s.listens(d, 0)
	require.NoError(t, err)
	require.Equal(t, 2, count)
	require.False(t, d.desk1().Todo.Due().IsZero(), "a sweep asks again")
}

func TestOneProvidersFailureDoesNotStopTheOthers(t *testing.T) {
	d := newDesk(t)
	broken := &station{bank: newBank(), fail: map[string]error{"": errors.New("down")}}
	works := &station{bank: newBank(), pages: [][]payment.Facts{{paid()}}}
	count, err := payment.EventPoller{
		Receiver: d.Receiver, PollStates: works, Gateways: map[string]payment.Gateway{"a": broken, "b": works},
	}.Poll(context.Background(), noon)
	require.Error(t, err)
	require.Equal(t, 1, count)
	d.wants(t, 50, 0, 50, 0)
}

// hurried is a station whose caller has no time left once it has read a page.
type hurried struct {
	*station
	expire func()
}

func (h hurried) SavePollState(ctx context.Context, provider string, mark payment.PollState) error {
	h.expire()
	return h.station.SavePollState(ctx, provider, mark)
}

// expiring is a context whose deadline passes when it is told to.
type expiring struct {
	context.Context
	over bool
}

func (e *expiring) Err() error {
	if e.over {
		return context.DeadlineExceeded
	}
	return nil
}

func TestARoundThatRunsOutOfTimeAfterAPageGoesOnNextTime(t *testing.T) {
	d, s := newDesk(t), &station{bank: newBank()}
	s.pages = [][]payment.Facts{{paid()}, {refunded("re_1", 100, payment.RefundSucceeded)}}
	ctx := &expiring{Context: context.Background()}
	marks := hurried{station: s, expire: func() { ctx.over = true }}
	_, err := payment.EventPoller{Receiver: d.Receiver, PollStates: marks, Gateways: map[string]payment.Gateway{"stripe": s}}.Poll(ctx, noon)
	require.NoError(t, err)
	require.Equal(t, []any{"page 1", 1}, []any{s.mark.Cursor, s.saved})
	_, err = s.listens(d, time.Minute)
	require.NoError(t, err)
	d.wants(t, 40, 0, 50, 10)
}
