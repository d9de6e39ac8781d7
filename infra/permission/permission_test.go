package permission_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/permission"
	"makegood/infra/template"
)

const small = `
Resources:
  WriteFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/write/
      Handler: bootstrap
      Policies:
        - !Ref SharedPolicy
        - Statement:
            - Effect: Allow
              Action: [dynamodb:PutItem, dynamodb:ConditionCheckItem]
              Resource: !GetAtt LinesTable.Arn
            - {Effect: Allow, Action: dynamodb:Query, Resource: !Sub "${LinesTable.Arn}/index/open"}
            - {Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt LettersQueue.Arn}
  SharedPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt LinesTable.Arn}}
  LinesTable: {Type: AWS::DynamoDB::Table}
  OtherTable: {Type: AWS::DynamoDB::Table}
  LettersQueue: {Type: AWS::SQS::Queue}
`

func parse(t *testing.T, text string) *template.Template {
	t.Helper()
	parsed, err := template.ParseBytes("small.yaml", []byte(text))
	require.NoError(t, err)
	return parsed
}

func TestGrantsAreThoseOfTheFunctionAndOfTheManagedPoliciesItNames(t *testing.T) {
	grants, err := permission.Grants(parse(t, small), template.Scope{}, "WriteFunction")
	require.NoError(t, err)
	assert.Equal(t, []permission.Grant{
		{Action: "dynamodb:GetItem", Resource: "LinesTable.Arn"},
		{Action: "dynamodb:PutItem", Resource: "LinesTable.Arn"},
		{Action: "dynamodb:ConditionCheckItem", Resource: "LinesTable.Arn"},
		{Action: "dynamodb:Query", Resource: "LinesTable.Arn/index/open"},
		{Action: "sqs:SendMessage", Resource: "LettersQueue.Arn"},
	}, grants)
	assert.Equal(t, "LinesTable", grants[3].LogicalID())
	assert.Empty(t, permission.Grant{Resource: "arn:aws:ssm:::parameter/x"}.LogicalID())
}

func TestAPolicyThatIsNotOfTheTemplateIsAnError(t *testing.T) {
	_, err := permission.Grants(parse(t, strings.Replace(small, "!Ref SharedPolicy", "!Ref Elsewhere", 1)), template.Scope{}, "WriteFunction")
	require.ErrorContains(t, err, "not a policy of this template")
	_, err = permission.Grants(parse(t, small), template.Scope{}, "NoFunction")
	require.ErrorContains(t, err, "NoFunction")
}

func TestAFunctionWithARoleHasTheRolesGrantsAlone(t *testing.T) {
	const role = `
  ReadRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - {PolicyName: own, PolicyDocument: {Statement: {Effect: Allow, Action: dynamodb:Query, Resource: !GetAtt OtherTable.Arn}}}
  ReadFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/read/, Handler: bootstrap, Role: !GetAtt ReadRole.Arn}
`
	grants, err := permission.Grants(parse(t, small+role), template.Scope{}, "ReadFunction")
	require.NoError(t, err)
	assert.Equal(t, []permission.Grant{{Action: "dynamodb:Query", Resource: "OtherTable.Arn"}}, grants)

	for name, spoilt := range map[string]string{
		"a role from elsewhere":     strings.Replace(role, "!GetAtt ReadRole.Arn", "arn:aws:iam::1:role/x", 1),
		"policies beside the role":  strings.Replace(role, "Handler: bootstrap,", "Handler: bootstrap, Policies: [],", 1),
		"a managed policy of AWS's": strings.Replace(role, "      Policies:", "      ManagedPolicyArns: [x]\n      Policies:", 1),
	} {
		_, err := permission.Grants(parse(t, small+spoilt), template.Scope{}, "ReadFunction")
		require.Error(t, err, name)
	}
}

func TestTheGuardRefusesWhatTheRoleDoesNotAllow(t *testing.T) {
	for name, c := range map[string]struct {
		function, target, body string
		allowed                bool
	}{
		"put":                          {"write", "PutItem", `{"TableName":"lines"}`, true},
		"get by the managed policy":    {"write", "GetItem", `{"TableName":"lines"}`, true},
		"update":                       {"write", "UpdateItem", `{"TableName":"lines"}`, false},
		"put on another table":         {"write", "PutItem", `{"TableName":"other"}`, false},
		"put on a table of nobody":     {"write", "PutItem", `{"TableName":"strange"}`, false},
		"query of the index":           {"write", "Query", `{"TableName":"lines","IndexName":"open"}`, true},
		"query of the table":           {"write", "Query", `{"TableName":"lines"}`, false},
		"query of another index":       {"write", "Query", `{"TableName":"lines","IndexName":"history"}`, false},
		"batch get":                    {"write", "BatchGetItem", `{"RequestItems":{"lines":{}}}`, false},
		"transaction of allowed items": {"write", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"lines"}},{"ConditionCheck":{"TableName":"lines"}}]}`, true},
		"transaction with one refused": {"write", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"lines"}},{"Delete":{"TableName":"lines"}}]}`, false},
		"transaction with a stranger":  {"write", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"lines"}},{"Put":{"TableName":"other"}}]}`, false},
		"transaction of nothing":       {"write", "TransactWriteItems", `{}`, false},
		"transaction of reads":         {"write", "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"lines"}}]}`, true},
		"no JSON":                      {"write", "PutItem", `{`, false},
		"a function that is not there": {"read", "PutItem", `{"TableName":"lines"}`, false},
		"send":                         {"write", "AmazonSQS.SendMessage", `{"QueueUrl":"http://x/000000000000/letters"}`, true},
		"send of a batch":              {"write", "AmazonSQS.SendMessageBatch", `{"QueueUrl":"http://x/000000000000/letters"}`, true},
		"receive":                      {"write", "AmazonSQS.ReceiveMessage", `{"QueueUrl":"http://x/000000000000/letters"}`, false},
		"neither DynamoDB nor SQS":     {"write", "TrentService.Decrypt", `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				_, _ = w.Write(append([]byte("seen "+r.URL.Path+" "), body...))
			}))
			defer backend.Close()
			guard, err := permission.NewGuard(parse(t, small), backend.URL, backend.URL,
				map[string]string{"LinesTable": "lines", "OtherTable": "other"}, map[string]string{"LettersQueue": backend.URL + "/000000000000/letters"})
			require.NoError(t, err)
			front := httptest.NewServer(guard)
			defer front.Close()

			status, said := call(t, front.URL+"/"+c.function, c.target, c.body)
			if c.allowed {
				assert.Equal(t, http.StatusOK, status, said)
				assert.Equal(t, "seen / "+c.body, said)
				assert.Empty(t, guard.Refused())
				assert.NotEmpty(t, guard.Used(c.function))
				return
			}
			assert.Equal(t, http.StatusBadRequest, status)
			assert.Contains(t, said, "AccessDeniedException")
			assert.Len(t, guard.Refused(), 1)
			assert.Empty(t, guard.Used(c.function))
		})
	}
}

func call(t *testing.T, url, target, body string) (status int, said string) {
	t.Helper()
	if !strings.Contains(target, ".") {
		target = "DynamoDB_20120810." + target
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("X-Amz-Target", target)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(all)
}
