package message_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/message"
	"makegood/shared/todo"
)

func TestEveryRouteHasItsSchemaItsFunctionAndItsFixtures(t *testing.T) {
	types := map[string]bool{}
	for _, route := range message.Routes {
		assert.False(t, types[route.Type], "%s travels once", route.Type)
		types[route.Type] = true
		assert.FileExists(t, filepath.Join("..", "api", "messages", route.Type+".v1.schema.json"))
		assert.DirExists(t, filepath.Join("..", "..", "functions", route.Function))
		assert.DirExists(t, filepath.Join("..", "..", "events", route.Function))
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, route.Queue)
		assert.NotEmpty(t, route.Step, "%s: what an operator's log calls it", route.Type)
	}
}

func TestAQueueHasOneFunctionAndAVariableOfItsName(t *testing.T) {
	functions := map[string]string{}
	for _, route := range message.Routes {
		if function, ok := functions[route.Queue]; ok {
			assert.Equal(t, function, route.Function, route.Queue)
		}
		functions[route.Queue] = route.Function
	}
	assert.Equal(t, "REFUND_REQUESTS_QUEUE_URL", message.QueueEnv("refund-requests"))
}

// What a person does, and what the sweep does by itself, is asked of nobody.
var unasked = []todo.Step{todo.StepReview, todo.StepExpiry}

func TestEveryStepIsAskedForAgainByAMessageOfItsRoute(t *testing.T) {
	type pair struct {
		step todo.Step
		kind todo.Kind
	}
	resent := map[pair]bool{}
	for _, route := range message.Routes {
		for _, resend := range route.Resends {
			one := pair{resend.Step, resend.Kind}
			assert.False(t, resent[one], "%s of a %s is asked for once", one.step, one.kind)
			resent[one] = true
			again := message.Ask(resend.Step, resend.Kind, "partition", "sort")
			require.NotNil(t, again)
			assert.Equal(t, route.Type, again.Head().Type)
		}
	}
	for _, step := range todo.Steps {
		asked := slices.ContainsFunc(message.Routes, func(route message.Route) bool {
			return slices.ContainsFunc(route.Resends, func(resend message.Resend) bool { return resend.Step == step })
		})
		assert.NotEqual(t, slices.Contains(unasked, step), asked, "the step %s", step)
	}
	assert.Nil(t, message.Ask("nap", todo.KindCase, "partition", "sort"))
	assert.Nil(t, message.Ask(todo.StepRefund, todo.KindWallet, "partition", "sort"))
	_, ok := message.RouteOf("nothing.ours")
	assert.False(t, ok)
}
