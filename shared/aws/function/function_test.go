package function

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/correlation"
)

func TestAnEventIsWorkedOnUnderTheIDOfItsInvocation(t *testing.T) {
	started := invocations{lambda.NewHandler(func(ctx context.Context) (string, error) { return correlation.ID(ctx), nil })}
	for _, id := range []string{"0f4e866c-6c1d-4f4d-9d6e-0a2c1b3d5e7f", "8c6976e5-b541-4415-bde9-08bd4dee15df"} {
		answer, err := started.Invoke(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: id}), []byte("{}"))
		require.NoError(t, err)
		assert.Equal(t, `"`+id+`"`, string(answer))
	}
	answer, err := started.Invoke(t.Context(), []byte("{}"))
	require.NoError(t, err)
	assert.Equal(t, `""`, string(answer))
}

func TestAnEventThatCouldNotBeHandledIsLoggedUnderTheSameID(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewTextHandler(&log, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	started := invocations{lambda.NewHandler(func(context.Context) error { return errors.New("3 overdue items could not be dealt with") })}
	_, err := started.Invoke(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "inv-1"}), []byte("{}"))
	require.Error(t, err)
	assert.Contains(t, log.String(), `level=ERROR msg="an event could not be handled" error="3 overdue items could not be dealt with" correlation_id=inv-1`)
}
