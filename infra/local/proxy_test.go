package local_test

import (
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestAProxyKillsTheCallerAtTheMomentItWrites(t *testing.T) {
	var s *local.Stack
	var writes atomic.Int32
	started := make(chan struct{})
	proxy, err := local.NewProxy(running(t).Endpoints.DynamoDBURL, func(call local.Call, forward func() local.Reply) local.Reply {
		if call.Operation == "PutItem" && writes.Add(1) == 1 {
			<-started
			for _, id := range s.Processes("work") {
				assert.NoError(t, syscall.Kill(id, syscall.SIGKILL))
			}
			return local.Reply{}
		}
		return forward()
	})
	require.NoError(t, err)
	t.Cleanup(proxy.Stop)
	s = another(t, "proxied-", func(o *local.Options) {
		o.Env = map[string]map[string]string{"work": {"AWS_ENDPOINT_URL_DYNAMODB": proxy.URL}}
	})
	close(started)
	send(t, s, "written once")
	eventually(t, "the second delivery written", func() bool { return written(t, s, "written once") != "" })
	assert.EqualValues(t, 2, writes.Load())
}

func TestALostMessageLooksSentAndIsNot(t *testing.T) {
	proxy, err := local.NewProxy(running(t).Endpoints.SQSURL, func(call local.Call, forward func() local.Reply) local.Reply {
		if call.Operation == "SendMessage" || call.Operation == "SendMessageBatch" {
			return local.Lost(call)
		}
		return forward()
	})
	require.NoError(t, err)
	t.Cleanup(proxy.Stop)
	client := local.SQS(proxy.URL)
	made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("lossy")})
	require.NoError(t, err)
	_, err = client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("one")})
	require.NoError(t, err)
	many, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: made.QueueUrl, Entries: []sqstypes.SendMessageBatchRequestEntry{
		{Id: aws.String("a"), MessageBody: aws.String("two")},
	}})
	require.NoError(t, err)
	assert.Len(t, many.Successful, 1)
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl})
	require.NoError(t, err)
	assert.Empty(t, got.Messages)
}

func TestAProxyPassesOnWhatItIsNotAskedAbout(t *testing.T) {
	proxy, err := local.NewProxy(running(t).Endpoints.SQSURL, nil)
	require.NoError(t, err)
	_, err = local.SQS(proxy.URL).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	proxy.Stop()
	_, err = http.Get(proxy.URL) //nolint:bodyclose // there is none
	assert.Error(t, err)
}
