package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const processed = `{"Resources": {
	"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Body": 1}},
	"HttpApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"openapi": "3.0.1", "paths": {
		"/v1/cases/{id}": {"get": {"x-amazon-apigateway-integration": {"httpMethod": "POST", "type": "aws_proxy", "payloadFormatVersion": "2.0",
			"uri": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${ReadFunction.Arn}/invocations"}}}},
		"/v1/reports": {"post": {"x-amazon-apigateway-integration": {"httpMethod": "POST", "type": "aws_proxy", "payloadFormatVersion": "2.0",
			"uri": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${ReportFunctionAliaslive}/invocations"}}}}
	}}}}
}}`

func TestRoutesAreReadFromTheBodyThatTheTransformMade(t *testing.T) {
	routes, err := apiRoutes(processed)
	require.NoError(t, err)
	assert.Equal(t, []route{
		{key: "GET /v1/cases/{id}", target: "ReadFunction", payload: "2.0"},
		{key: "POST /v1/reports", target: "ReportFunctionAliaslive", payload: "2.0"},
	}, routes)
}

func TestARouteWithoutAFunctionIsRefused(t *testing.T) {
	_, err := apiRoutes(`{"Resources": {"A": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"paths": {"/a": {"get": {}}}}}}}}`)
	require.ErrorContains(t, err, "A: get /a leads to no function")
}

func TestAFunctionIsInvokedOnlyByTheRouteThatItsPolicyNames(t *testing.T) {
	statement := func(principal, source string) string {
		return `{"Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Principal": {"Service": "` + principal + `"},
			"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:eu-central-1:000000000000:` + source + `"}}}]}`
	}
	for _, c := range []struct {
		policy string
		want   bool
	}{
		{statement("apigateway.amazonaws.com", "a1/*/GET/v1/cases/*"), true},
		{statement("apigateway.amazonaws.com", "a1/*/POST/v1/cases/*"), false},
		{statement("apigateway.amazonaws.com", "a2/*/GET/v1/cases/*"), false},
		{statement("apigateway.amazonaws.com", "a1/*/GET/v1/cases/*/appeal"), false},
		{statement("scheduler.amazonaws.com", "a1/*/GET/v1/cases/*"), false},
		{`{"Statement": []}`, false},
	} {
		got, err := mayInvoke(c.policy, "a1", "GET /v1/cases/{id}")
		require.NoError(t, err)
		assert.Equal(t, c.want, got, c.policy)
	}
}
