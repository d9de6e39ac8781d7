package secret

import (
	"context"

	"makegood/shared/aws/client"
)

var (
	getParameter   = client.Operation{Service: "ssm", Env: "SSM", Target: "AmazonSSM.GetParameter", Version: "1.1"}
	getSecretValue = client.Operation{Service: "secretsmanager", Env: "SECRETS_MANAGER", Target: "secretsmanager.GetSecretValue", Version: "1.1"}
)

// parameter returns the value of an SSM parameter, decrypted. KindBusy when SSM does not answer,
// KindInternal when it refuses.
func parameter(ctx context.Context, name string) (string, error) {
	var got struct {
		Parameter struct{ Value string }
	}
	err := client.Call(ctx, getParameter, map[string]any{"Name": name, "WithDecryption": true}, &got)
	return got.Parameter.Value, err
}

// secretValue returns the current version of a Secrets Manager secret, which must be text. KindBusy
// when the store does not answer, KindInternal when it refuses.
func secretValue(ctx context.Context, id string) (string, error) {
	var got struct{ SecretString string }
	err := client.Call(ctx, getSecretValue, map[string]any{"SecretId": id}, &got)
	return got.SecretString, err
}
