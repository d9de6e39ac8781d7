package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/todo"
)

// encodeTodo writes the open steps, each with the instant from which it is overdue.
func encodeTodo(steps todo.List) types.AttributeValue {
	members := map[string]types.AttributeValue{}
	for step, at := range steps {
		members[string(step)] = instant(at)
	}
	return mapping(members)
}

// putTodo writes the open steps and the soonest of them; nothing owed leaves both out, and the item
// leaves the index.
func (i item) putTodo(steps todo.List, attempts int) {
	if len(steps) > 0 {
		i[attrTodo] = encodeTodo(steps)
		i[attrDueAt] = instant(steps.Due())
	}
	i.putNumber(attrAttempts, int64(attempts))
}

func (i item) todo() todo.List {
	members := i.mapping(attrTodo)
	if len(members) == 0 {
		return nil
	}
	steps := todo.List{}
	for step, at := range members {
		steps[todo.Step(step)] = asInstant(at)
	}
	return steps
}
