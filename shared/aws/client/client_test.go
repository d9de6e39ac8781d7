package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/client"
)

func TestCredentialsAreLambdasOwn(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	found, err := client.Base().Credentials.Retrieve(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"AKID", "hidden", "token"}, []string{found.AccessKeyID, found.SecretAccessKey, found.SessionToken})
}

func TestMissingCredentialsFailTheCall(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := client.Base().Credentials.Retrieve(context.Background())
	require.Error(t, err)
}

func TestAllClientsShareOneTransport(t *testing.T) {
	one, other := client.Base(), client.Base()
	assert.Same(t, one.HTTPClient, other.HTTPClient)
}

func TestAnEndpointIsSetLocallyOnly(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_ENDPOINT_URL_SQS", "")
	assert.Nil(t, client.Endpoint("SQS"))
	t.Setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324")
	assert.Equal(t, "http://127.0.0.1:9324", *client.Endpoint("SQS"))
}

func TestOneAddressServesEveryServiceThatHasNoneOfItsOwn(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	t.Setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "")
	assert.Equal(t, "http://127.0.0.1:9324", *client.Endpoint("SQS"))
	assert.Equal(t, "http://127.0.0.1:4566", *client.Endpoint("DYNAMODB"))
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	answer, err := client.Base().HTTPClient.Get(server.URL)
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusTemporaryRedirect, answer.StatusCode)
}

func TestNoServiceIsLinked(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(listed)) {
		assert.NotContains(t, path, "aws-sdk-go-v2/service/")
		assert.NotContains(t, path, "aws-sdk-go-v2/config")
	}
}
