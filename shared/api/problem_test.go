package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/fault"
)

func TestEachKindHasItsStatus(t *testing.T) {
	for status, c := range map[int]struct {
		kind fault.Kind
		code string
	}{
		400: {fault.KindInvalid, fault.CodeUnknownFeature},
		401: {fault.KindUnauthenticated, fault.CodeUnauthenticated},
		402: {fault.KindInsufficient, fault.CodeInsufficientCredits},
		403: {fault.KindForbidden, fault.CodeAccessRestricted},
		404: {fault.KindNotFound, fault.CodeNotFound},
		409: {fault.KindConflict, fault.CodeIdempotencyKeyReused},
		413: {fault.KindTooLarge, fault.CodeTooLarge},
		429: {fault.KindThrottled, fault.CodeThrottled},
		503: {fault.KindBusy, fault.CodeBusy},
	} {
		shown := api.ProblemOf(fmt.Errorf("somewhere: %w", fault.Errorf(c.kind, c.code, "the detail")))
		assert.Equal(t, api.Problem{
			Type: "urn:makegood:problem:" + c.code, Title: shown.Title, Status: status, Detail: "the detail", Code: c.code,
		}, shown)
		assert.NotEmpty(t, shown.Title)
	}
}

func TestNoKindIsWithoutStatus(t *testing.T) {
	for kind := fault.KindInternal; kind <= fault.KindStale; kind++ {
		assert.NotZero(t, api.ProblemOf(&fault.Error{Kind: kind, Code: "x"}).Status, kind)
	}
}

func TestFieldsAndTheCaseAreShown(t *testing.T) {
	assert.Equal(t, []string{"a", "b"}, api.ProblemOf(fault.Missing("a", "b")).Fields)
	assert.Equal(t, "a", api.ProblemOf(fault.Missing("a", "b")).Field)
	reported := fault.Errorf(fault.KindConflict, fault.CodeAlreadyReported, "once only")
	reported.Case = "cas_1"
	assert.Equal(t, "cas_1", api.ProblemOf(reported).Case)
}

func TestStaleReadsAsBusy(t *testing.T) {
	shown := api.ProblemOf(fault.Stale(errors.New("wallet W changed")))
	assert.Equal(t, 503, shown.Status)
	assert.Equal(t, fault.CodeBusy, shown.Code)
}

// written answers with err and returns the answer and what was logged meanwhile.
func written(t *testing.T, err error) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	w := httptest.NewRecorder()
	api.WriteProblem(api.WithRequestID(context.Background(), "req-7"), w, err)
	return w, log.String()
}

func TestAnInternalErrorIsLoggedAndShowsNothing(t *testing.T) {
	for _, err := range []error{
		errors.New("table Wallets, key 42"),
		fault.Errorf(fault.KindInternal, "table_wallets", "key 42"),
	} {
		w, log := written(t, err)
		assert.Equal(t, 500, w.Code)
		assert.Contains(t, w.Body.String(), `"code":"internal"`)
		assert.NotContains(t, w.Body.String(), "42")
		assert.NotContains(t, w.Body.String(), "allets")
		assert.Contains(t, log, "key 42")
		assert.Contains(t, log, `"request":"req-7"`)
	}
}

func TestAPassingFaultSaysWhenToComeBackAndHidesItsCause(t *testing.T) {
	w, log := written(t, fault.Busy(errors.New("connection to 10.0.0.1 refused")))
	assert.Equal(t, 503, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	assert.NotContains(t, w.Body.String(), "10.0.0.1")
	assert.Contains(t, log, "10.0.0.1")
}

func TestACallersOwnFaultIsNotLogged(t *testing.T) {
	w, log := written(t, fault.Invalid("note", "alice@example.com is no note"))
	assert.Equal(t, 400, w.Code)
	assert.Empty(t, log)
}

func TestWhoIsUnknownIsToldHowToBeKnown(t *testing.T) {
	w, _ := written(t, fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "who?"))
	require.Equal(t, 401, w.Code)
	assert.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
}
