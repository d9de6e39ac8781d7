package local

import (
	"strings"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

// Names returns the variables by which the stack's functions know its tables and queues, and how
// many shards there are: whoever commands the stack from outside needs the same.
func (s *Stack) Names() (map[string]string, error) {
	functions, err := s.template.Functions(s.scope(s.Tables, s.QueueURLs))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, f := range functions {
		for variable, value := range f.Env {
			if strings.HasSuffix(variable, "_TABLE") || strings.HasSuffix(variable, "_QUEUE_URL") || variable == "SHARDS" {
				all[variable] = value
			}
		}
	}
	return all, nil
}

// CommandEnv returns the variables by which a command reaches the stack as an operator's reaches a
// deployed one: its door, its services and their names, its logs. The services take any
// credentials.
func (s *Stack) CommandEnv() (map[string]string, error) {
	all, err := s.Names()
	if err != nil {
		return nil, err
	}
	for variable, value := range map[string]string{
		"MAKEGOOD_URL": s.BaseURL, "MAKEGOOD_KEY": OperatorKey, "MAKEGOOD_LOGS": s.options.LogDir,
		"AWS_REGION": region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": s.Endpoints.DynamoDBURL, "AWS_ENDPOINT_URL_SQS": s.Endpoints.SQSURL,
		"STRIPE_KEY": standin.ReadKey, "STANDARD_WEBHOOK_SECRETS": sandbox.StandardSecret,
	} {
		all[variable] = value
	}
	for setting, address := range sandbox.Addresses(s.Provider.URL) {
		all[setting.Variable] = address
	}
	return all, nil
}
