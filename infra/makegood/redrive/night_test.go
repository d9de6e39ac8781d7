package redrive_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/redrive"
	"makegood/infra/makegood/stack"
)

// TestARunThatMayDeleteNothingEndsWithItsFirstBatch: it would put every letter on the queue once
// more, and again with every run.
func TestARunThatMayDeleteNothingEndsWithItsFirstBatch(t *testing.T) {
	f := newFake(t, bodies(25)...)
	deletions := 0
	f.before = func(operation string) error {
		if operation == "delete" {
			deletions++
			return errLost
		}
		require.Less(t, deletions, 5, "it goes round in circles")
		return nil
	}
	moved, _, err := f.move(t.Context(), "run", everything)
	require.ErrorIs(t, err, errLost)
	require.ErrorContains(t, err, "10 messages are back on the queue refund-requests and could not be deleted")
	require.Equal(t, 10, moved)
	require.Len(t, f.sent, 10)
}

func TestADeletionThatFailsOnceIsTriedAgain(t *testing.T) {
	f := newFake(t, bodies(25)...)
	calls := 0
	f.before = func(operation string) error {
		if operation != "delete" {
			return nil
		}
		if calls++; calls%2 == 1 {
			return errLost
		}
		return nil
	}
	moved, _, err := f.move(t.Context(), "run", everything)
	require.NoError(t, err)
	require.Equal(t, 25, moved)
	require.Empty(t, f.queues[deadURL])
}

// TestWhatFailsAgainCountsOnceHoweverLongTheRunTakes: it comes out of the run's own hand after a
// while, and must be taken neither for news nor for another's letter.
func TestWhatFailsAgainCountsOnceHoweverLongTheRunTakes(t *testing.T) {
	for _, one := range []struct {
		hidden time.Duration // of a letter in another's hand
		moved  int
	}{{121 * time.Second, 2}, {24 * time.Hour, 1}} {
		f := newFake(t, bodies(2)...)
		start := f.now
		f.queues[deadURL][1].hidden = start.Add(one.hidden)
		f.taken = func(e *entry) bool { return !strings.Contains(e.body, "cas_0") }
		moved, _, err := f.move(t.Context(), "run", everything)
		require.NoError(t, err)
		require.Equal(t, one.moved, moved)
		require.Less(t, f.now.Sub(start), 5*time.Minute)
	}
}

func TestLookingEndsWhereLettersComeBackWhileItLooks(t *testing.T) {
	f := newFake(t, bodies(3)...)
	f.after = func(operation string) error {
		f.now = f.now.Add(time.Hour)
		return nil
	}
	letters, err := f.queue().Look(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, letters, 3)
}

// TestAStackThatDoesNotTellHowCasesStandKeepsNoLetter: the night on which letters are moved is also
// that on which the API may refuse.
func TestAStackThatDoesNotTellHowCasesStandKeepsNoLetter(t *testing.T) {
	asks := 0
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asks++
		w.WriteHeader(http.StatusForbidden)
	}))
	defer door.Close()
	client, err := stack.Open(door.URL, "mk_old")
	require.NoError(t, err)
	f := newFake(t, bodies(25)...)
	report, err := redrive.Order{
		Queue: f.queue(), Most: everything, Name: "run", Log: lines{}, Stack: &client, Within: time.Second,
		Looked: func(redrive.Report) (bool, error) { return true, nil },
	}.Carry(t.Context())
	require.NoError(t, err)
	require.Equal(t, 25, report.Moved)
	require.Contains(t, report.Silence, "403")
	require.Equal(t, 1, asks, "who refuses once is not asked for every letter")
	var page strings.Builder
	require.NoError(t, report.Print(&page))
	require.Contains(t, page.String(), "how they stand is not known: GET /v1/cases/")
}

func TestALineOfALetterIsOneLineAndCommandsNoTerminal(t *testing.T) {
	f := newFake(t, `{"type":"refund.requested","version":1,"about":"case","case":"cas_1\u001b[2J\nmoved"}`)
	report, err := redrive.Order{
		Queue: f.queue(), DryRun: true,
		Log: lines{`{"message_id":"m1","code":"internal","error":"panic: \u001b[31mno\ngoroutine 7 [running]:\nmain.main()"}`},
	}.Carry(t.Context())
	require.NoError(t, err)
	var page strings.Builder
	require.NoError(t, report.Print(&page))
	require.NotContains(t, page.String(), "\x1b")
	require.NotContains(t, page.String(), "goroutine")
	require.Equal(t, 3, strings.Count(page.String(), "\n"), page.String())
	require.Contains(t, page.String(), "case cas_1[2J")
}
