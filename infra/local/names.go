package local

import (
	"strings"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

// Names returns the variables by which the stack's functions know its tables, queues and buckets,
// and how many shards there are: whoever commands the stack from outside needs the same.
func (s *Stack) Names() (map[string]string, error) {
	functions, err := s.template.Functions(s.scope(s.Tables, s.QueueURLs, s.Buckets))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, f := range functions {
		for variable, value := range f.Env {
			stored := strings.HasSuffix(variable, "_TABLE") || strings.HasSuffix(variable, "_QUEUE_URL") || strings.HasSuffix(variable, "_BUCKET")
			if stored || variable == "SHARDS" {
				all[variable] = value
			}
		}
	}
	return all, nil
}

// CommandEnv returns the variables by which a command reaches the stack as an operator's reaches a
// deployed one: its door, its services and their names, its logs. S3 takes these credentials, the
// others any.
func (s *Stack) CommandEnv() (map[string]string, error) {
	all, err := s.Names()
	if err != nil {
		return nil, err
	}
	for variable, value := range map[string]string{
		"MAKEGOOD_URL": s.BaseURL, "MAKEGOOD_KEY": OperatorKey, "MAKEGOOD_LOGS": s.options.LogDir,
		"AWS_REGION": region, "AWS_ACCESS_KEY_ID": localKey, "AWS_SECRET_ACCESS_KEY": localKey, "AWS_SESSION_TOKEN": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": s.Endpoints.DynamoDBURL, "AWS_ENDPOINT_URL_SQS": s.Endpoints.SQSURL, "AWS_ENDPOINT_URL_S3": s.s3URL,
		"STRIPE_KEY": standin.ReadKey, "STANDARD_WEBHOOK_SECRETS": sandbox.StandardSecret,
	} {
		all[variable] = value
	}
	for setting, address := range sandbox.Addresses(s.Provider.URL) {
		all[setting.Variable] = address
	}
	return all, nil
}
