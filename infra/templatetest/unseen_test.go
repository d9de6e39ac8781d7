package templatetest

import (
	"regexp"
	"strings"
)

// cut is a defect's text where the whole block of a resource or output is taken out: "cut:NAME".
const cut = "cut:"

// spoil plants the defect: another text in its place, or a block taken out. It returns "" where the
// file does not say what is to be replaced.
func (d defect) spoil(text string) string {
	name, whole := strings.CutPrefix(d.says, cut)
	if !whole {
		if !strings.Contains(text, d.says) {
			return ""
		}
		return strings.Replace(text, d.says, d.instead, 1)
	}
	block := regexp.MustCompile(`(?m)^  ` + name + `:\n(?:    .*\n|\n)+`)
	if !block.MatchString(text) {
		return ""
	}
	return block.ReplaceAllString(text, "")
}

// unseen are defects that linters, SAM and the story on the local stack let pass.
var unseen = []defect{
	// Who may take on a role, call a function, read a table.
	{"trust", "Principal: {Service: lambda.amazonaws.com}", "Principal: \"*\""},
	{"trust", "Principal: {Service: lambda.amazonaws.com}", "Principal: {AWS: \"*\"}"},
	{"trust", "Principal: {Service: lambda.amazonaws.com}", "Principal: {Service: ec2.amazonaws.com}"},
	{"trust", "  PayRefundRole:\n", "  SpareRole:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Version: \"2012-10-17\"\n        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}\n\n  PayRefundRole:\n"},
	{"kinds", "      CodeUri: functions/open-session/\n", "      CodeUri: functions/open-session/\n      FunctionUrlConfig: {AuthType: NONE}\n"},
	{"kinds", "  HttpApiLogGroup:\n", "  Anyone:\n    Type: AWS::Lambda::Permission\n    Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref GrantCreditsFunction, Principal: \"*\"}\n\n  HttpApiLogGroup:\n"},
	{"kinds", "  HttpApiLogGroup:\n", "  Address:\n    Type: AWS::Lambda::Url\n    Properties: {AuthType: NONE, TargetFunctionArn: !Ref GrantCreditsFunction}\n\n  HttpApiLogGroup:\n"},
	{"kinds", "  HttpApiLogGroup:\n", "  Operator:\n    Type: AWS::IAM::User\n\n  HttpApiLogGroup:\n"},
	{"kinds", "      BillingMode: PAY_PER_REQUEST\n", "      BillingMode: PAY_PER_REQUEST\n      ResourcePolicy: {PolicyDocument: {Version: \"2012-10-17\", Statement: {Effect: Allow, Principal: \"*\", Action: dynamodb:*, Resource: \"*\"}}}\n"},
	{"kinds", "      Description: Reads the secrets by which a caller of /v1 is known.\n", "      Description: Reads the secrets by which a caller of /v1 is known.\n      Users: [visitor]\n"},
	{"plain", "              Action: dynamodb:PutItem\n              Resource: !GetAtt EntriesTable.Arn\n", "              Action: dynamodb:PutItem\n              Resource: !GetAtt EntriesTable.Arn\n              Condition: {IpAddress: {\"aws:SourceIp\": 10.0.0.0/8}}\n"},
	{"access log", "$context.identity.sourceIp", "$context.authorizer.principalId"},
	{"access log", "\"ip\":\"$context.identity.sourceIp\"", "\"ip\":\"$request.header.authorization\""},
	{"access log", "\"route\":\"$context.routeKey\"", "\"route\":\"$context.path\""},

	// What runs, and when.
	{"kinds", "            BatchSize: 10\n", "            BatchSize: 10\n            Enabled: false\n"},
	{"kinds", "            BatchSize: 10\n", "            BatchSize: 10\n            FilterCriteria: {Filters: [{Pattern: '{\"body\":{\"version\":[2]}}'}]}\n"},
	{"kinds", "            BatchSize: 10\n", "            BatchSize: 10\n            MaximumBatchingWindowInSeconds: 300\n"},
	{"kinds", "            ScheduleExpression: rate(1 minute)\n", "            ScheduleExpression: rate(1 minute)\n            State: DISABLED\n"},
	{"kinds", "            ScheduleExpression: rate(1 minute)\n", "            ScheduleExpression: rate(1 minute)\n            EndDate: \"2027-01-01T00:00:00Z\"\n"},
	{"values", "rate(1 minute)", "rate(1 hour)"},
	{"values", "EventInvokeConfig: {MaximumRetryAttempts: 0", "EventInvokeConfig: {MaximumRetryAttempts: 2"},
	{"kinds", "      CodeUri: functions/pay-refund/\n", "      CodeUri: functions/pay-refund/\n      ReservedConcurrentExecutions: 0\n"},
	{"limits", "      CodeUri: functions/pay-refund/\n", "      CodeUri: functions/pay-refund/\n      ReservedConcurrentExecutions: 5\n"},
	{"kinds", "      CodeUri: functions/pay-refund/\n", "      CodeUri: functions/pay-refund/\n      Layers: [arn:aws:lambda:us-east-1:111111111111:layer:theirs:1]\n"},
	{"kinds", "      CodeUri: functions/pay-refund/\n", "      CodeUri: functions/pay-refund/\n      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}\n"},
	{"kinds", "      VisibilityTimeout: 90\n", "      VisibilityTimeout: 90\n      DelaySeconds: 900\n"},
	{"kinds", "      FailOnWarnings: true\n", "      FailOnWarnings: true\n      DisableExecuteApiEndpoint: true\n"},
	{"kinds", "      FailOnWarnings: true\n", "      FailOnWarnings: true\n      Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}\n"},
	{"kinds", "PayloadFormatVersion: \"2.0\"", "PayloadFormatVersion: \"2.0\", TimeoutInMillis: 50"},
	{"kinds", "  SweepDueFunction:\n    Type: AWS::Serverless::Function\n", "  SweepDueFunction:\n    Type: AWS::Serverless::Function\n    Condition: HasStripeReadKey\n"},
	{"kinds", "Transform: AWS::Serverless-2016-10-31", "Transform: [Theirs, AWS::Serverless-2016-10-31]"},
	{"values", "Architectures: [!Ref Architecture]", "Architectures: [x86_64]"},
	{"values", "Handler: bootstrap", "Handler: main"},
	{"values", "ApplicationLogLevel: INFO", "ApplicationLogLevel: ERROR"},
	{"owners", "Path: /v1/sessions", "Path: /v1/session"},
	{"owners", "Method: PUT, Path: \"/v1/outages/{id}\"", "Method: PATCH, Path: \"/v1/outages/{id}\""},
	{"concurrency", "!If [IsNewAccount, 2, 10]", "!If [IsNewAccount, 10, 10]"},
	{"concurrency", "!If [IsNewAccount, 2, 5]", "!If [IsNewAccount, 2, 500]"},

	// What a function is told, and may.
	{"environment", "WALLETS_TABLE: !Ref WalletsTable", "WALLET_TABLE: !Ref WalletsTable"},
	{"environment", "CASES_TABLE: !Ref CasesTable", "CASES_TABLE: !Ref PaymentsTable"},
	{"environment", "LIVEMODE: !Ref Livemode", "LIVEMODE: live"},
	{"environment", "METRICS_NAMESPACE: !Sub Makegood/${AWS::StackName}", "METRICS_NAMESPACE: Makegood"},
	{"environment", "APP_KEYS: !Ref AppKeys", "APP_KEYS: !Ref OperatorKeys"},
	{"environment", "LISTING_INTERVAL: 10m", "LISTING_INTERVALS: 10m"},
	{"environment", "CONTACT_EMAIL: !Ref ContactEmail", "CONTACT_MAIL: !Ref ContactEmail"},
	{"environment", "          NOTICE_URL: !Ref NoticeUrl\n", ""},
	{"environment", "          NOTICES_QUEUE_URL: !Ref NoticesQueue\n", ""},
	{"environment", "GENERATION_RESULTS_QUEUE_URL: !Ref GenerationResultsQueue", "GENERATION_RESULTS_QUEUE_URL: !Ref RefundRequestsQueue"},
	{"work", "[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]", "[sqs:ReceiveMessage, sqs:GetQueueAttributes]"},
	{"work", "[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]\n                Resource: !GetAtt PaymentRefundsQueue.Arn", "[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]\n                Resource: !GetAtt NoticesQueue.Arn"},
	{"work", "[logs:CreateLogStream, logs:PutLogEvents]", "[logs:CreateLogStream]"},
	{"work", "Resource: !GetAtt SettleGenerationLogGroup.Arn", "Resource: !GetAtt PayRefundLogGroup.Arn"},

	// What is called how, and where it lies.
	{"names", "/aws/lambda/${AWS::StackName}-grant-credits", "/aws/lambda/${AWS::StackName}-receive-purchase"},
	{"names", "QueueName: !Sub ${NamePrefix}notices\n", "QueueName: notices\n"},
	{"names", "FunctionName: !Sub ${AWS::StackName}-open-session", "FunctionName: makegood-open-session"},
	{"names", "LogGroupName: !Sub /aws/vendedlogs/${AWS::StackName}/http-api", "LogGroupName: /aws/vendedlogs/makegood/http-api"},
	{"places", "arn:${AWS::Partition}:ses:${AWS::Region}", "arn:aws:ses:${AWS::Region}"},
	{"places", "parameter${Name}", "parameter${Name}-us-east-1"},
	{"outputs", "cut:NoticesDeadLetterQueueUrl", ""},
	{"outputs", "Value: !Ref CasesTable\n", "Value: !Ref PaymentsTable\n"},
	{"outputs", "Value: !GetAtt HttpApi.ApiEndpoint\n", "Value: !GetAtt HttpApi.ApiEndpoint\n    Export: {Name: makegood-api}\n"},
	{"references", "REFUND_REQUESTS_QUEUE_URL: !Ref RefundRequestsQueue", "REFUND_REQUESTS_QUEUE_URL: !Ref RefundRequestQueue"},
	{"references", "Resource: !GetAtt EntriesTable.Arn", "Resource: !GetAtt EntryTable.Arn"},
	{"parameters", "          CONTACT_EMAIL: !Ref ContactEmail\n", ""},
	{"parameters", "    AllowedPattern: ^[A-Za-z0-9_-]{0,40}$\n", ""},
	{"parameters", "    Default: photoroom\n", ""},
	{"descriptions", "    Description: For how many days CloudWatch keeps the lines of the functions and of the API, for example 30.\n", ""},
	{"descriptions", ", for example ssm:/makegood/app-keys.", "."},

	// What is kept.
	{"surface", "        - {AttributeName: sk, KeyType: RANGE}\n", "        - {AttributeName: dueAt, KeyType: RANGE}\n"},
	{"surface", "- {AttributeName: dueAt, AttributeType: N}", "- {AttributeName: dueAt, AttributeType: S}"},
	{"surface", "KeySchema: [{AttributeName: shard, KeyType: HASH}, {AttributeName: reviewBy, KeyType: RANGE}]", "KeySchema: [{AttributeName: shard, KeyType: HASH}, {AttributeName: nearUntil, KeyType: RANGE}]"},
	{"surface", "cut:OutagesTable", ""},
	{"values", "TimeToLiveSpecification: {AttributeName: expiresAt, Enabled: true}", "TimeToLiveSpecification: {AttributeName: pk, Enabled: true}"},
	{"tables", "      BillingMode: PAY_PER_REQUEST\n", "      BillingMode: PAY_PER_REQUEST\n      TimeToLiveSpecification: {AttributeName: dueAt, Enabled: true}\n"},
	{"kinds", "      BillingMode: PAY_PER_REQUEST\n", "      BillingMode: PAY_PER_REQUEST\n      StreamSpecification: {StreamViewType: NEW_IMAGE}\n"},
	{"values", "{PointInTimeRecoveryEnabled: true}", "{PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 1}"},
	{"access log", "    DeletionPolicy: Delete\n", "    DeletionPolicy: Retain\n"},
	{"access log", "RetentionInDays: !Ref LogRetentionDays", "RetentionInDays: 3653"},
	{"access log", "ThrottlingRateLimit: 500", "ThrottlingRateLimit: 5"},

	// What rings.
	{"alarms", "cut:SweepDueSilentAlarm", ""},
	{"alarms", "TreatMissingData: breaching", "TreatMissingData: notBreaching"},
	{"ring", "Value: !GetAtt NoticesDeadLetterQueue.QueueName}]\n      Statistic: Maximum", "Value: !GetAtt NoticesDeadLetterQueue.QueueName}]\n      Statistic: Average"},
	{"alarms", "cut:StuckItemsAlarm", ""},
	{"alarms", "cut:MissedEventsAlarm", ""},
	{"alarms", "cut:HttpApiServerErrorAlarm", ""},
	{"alarms", "cut:NoticesDeadLetterAlarm", ""},
	{"metrics", "  StuckItemsAlarm:\n", "  LostCreditsAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: !Sub Makegood/${AWS::StackName}\n      MetricName: LostCredits\n      Dimensions: [{Name: Function, Value: sweep-due}]\n\n  StuckItemsAlarm:\n"},
	{"metrics", "MetricName: ApproximateAgeOfOldestMessage", "MetricName: AgeOfOldestMessage"},
	{"metrics", "Namespace: AWS/ApiGateway\n", "Namespace: AWS/ApiGatewayV2\n"},
	{"metrics", "Dimensions: [{Name: ApiId, Value: !Ref HttpApi}]", "Dimensions: [{Name: ApiName, Value: !Ref HttpApi}]"},
	{"ring", "Value: !GetAtt NoticesDeadLetterQueue.QueueName", "Value: !GetAtt NoticesDeadLetterQueue.Arn"},
	{"kinds", "      TreatMissingData: notBreaching\n", "      TreatMissingData: notBreaching\n      ActionsEnabled: false\n"},
	{"alarm targets", "HasAlarmTopic: !Not [!Equals [!Ref AlarmTopic, \"\"]]", "HasAlarmTopic: !Equals [!Ref Policy, photoroom]"},

	// What AWS refuses.
	{"limits", "Timeout: 50", "Timeout: 901"},
	{"limits", "MemorySize: 512", "MemorySize: 10240"},
	{"limits", "            BatchSize: 10\n", "            BatchSize: 100\n"},
	{"limits", "FunctionName: !Sub ${AWS::StackName}-settle-generation", "FunctionName: !Sub ${AWS::StackName}-settle-generations"},
	{"limits", "      Description: Signs a customer's token, good for one hour.\n", "      Description: " + strings.Repeat("long ", 60) + "\n"},
	{"limits", "LIVEMODE: !Ref Livemode", "LIVEMODE: " + strings.Repeat("x", 4_096)},
	{"limits", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 2419200"},

	// What a line less does: of 922 lines taken out, or numbers changed, these were missed.
	{"plain", "              Action: dynamodb:BatchGetItem\n", ""},
	{"plain", "        - Version: \"2012-10-17\"\n          Statement:\n            - Effect: Allow\n              Action: [dynamodb", "        - Statement:\n            - Effect: Allow\n              Action: [dynamodb"},
	{"names", "      QueueName: !Sub ${NamePrefix}generation-results\n", ""},
	{"names", "      LogGroupName: !Sub /aws/vendedlogs/${AWS::StackName}/http-api\n", ""},
	{"functions", "      MemorySize: 512\n", ""},
	{"functions", "      Timeout: 10\n", ""},
	{"values", "            BatchSize: 1\n", "            BatchSize: 7\n"},
	{"transport", "            Action: sqs:*\n            Resource: \"*\"\n", "            Action: sqs:*\n"},
	{"access log", ",\"error\":\"$context.integrationErrorMessage\"}", ""},
	{"access log", "ThrottlingBurstLimit: 1000", "ThrottlingBurstLimit: 7"},
	{"parameters", "      - Assert: !Equals [!Ref Canary, none]\n", "      - Assert: !Equals [!Ref Livemode, test]\n"},
	{"defaults", "    Default: 8\n    MinValue: 1\n", "    Default: 8\n"},
	{"defaults", "    Default: \"8\"\n", "    Default: \"0\"\n"},
	{"defaults", "    Default: test\n", "    Default: live\n"},
}
