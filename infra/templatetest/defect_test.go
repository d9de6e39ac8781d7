package templatetest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

// defect is one planted fault: the first place where the file says `says` is made to say `instead`,
// and the rule must notice.
type defect struct {
	rule, says, instead string
}

var defects = []defect{
	{"queue table", "QueueName: !Sub ${NamePrefix}outage-runs\n", "QueueName: !Sub ${NamePrefix}outage-walks\n"},
	{"queue table", "CodeUri: functions/decide-refund/", "CodeUri: functions/settle-generation/"},
	{"queue table", "          REFUND_REQUESTS_QUEUE_URL: !Ref RefundRequestsQueue\n          NOTICES_QUEUE_URL: !Ref NoticesQueue\n          PAYMENT_REFUNDS_QUEUE_URL", "          ASKING_QUEUE_URL: !Ref RefundRequestsQueue\n          NOTICES_QUEUE_URL: !Ref NoticesQueue\n          PAYMENT_REFUNDS_QUEUE_URL"},
	{"queue table", "          OUTAGE_RUNS_QUEUE_URL: !Ref OutageRunsQueue\n          STRIPE_KEY", "          STRIPE_KEY"},
	{"queues", "VisibilityTimeout: 90", "VisibilityTimeout: 89"},
	{"queues", "VisibilityTimeout: 180", "VisibilityTimeout: 30"},
	{"queues", "maxReceiveCount: 5", "maxReceiveCount: 4"},
	{"queues", "MessageRetentionPeriod: 345600", "MessageRetentionPeriod: 86400"},
	{"queues", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"},
	{"queues", "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt NoticesDeadLetterQueue.Arn\n        maxReceiveCount: 5\n", ""},
	{"queues", "Queue: !GetAtt NoticesQueue.Arn\n            BatchSize", "Queue: !GetAtt RefundRequestsQueue.Arn\n            BatchSize"},
	{"dead-letter queues", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"},
	{"dead-letter queues", "deadLetterTargetArn: !GetAtt NoticesDeadLetterQueue.Arn", "deadLetterTargetArn: !GetAtt RefundRequestsDeadLetterQueue.Arn"},
	{"dead-letter queues", "redrivePermission: byQueue", "redrivePermission: allowAll"},
	{"dead-letter queues", "AccountId}:${NamePrefix}notices\"", "AccountId}:${NamePrefix}generation-results\""},
	{"transport", "        - !Ref NoticesDeadLetterQueue\n", ""},
	{"transport", `{"aws:SecureTransport": "false"}`, `{"aws:SecureTransport": "true"}`},
	{"transport", "Effect: Deny", "Effect: Allow"},
	{"consumers", "FunctionResponseTypes: [ReportBatchItemFailures]", "FunctionResponseTypes: []"},
	{"consumers", "ScalingConfig: {MaximumConcurrency: !If [IsNewAccount, 2, 10]}", "Enabled: true"},
	{"no loop", "Resource: [!GetAtt NoticesQueue.Arn, !GetAtt PaymentRefundsQueue.Arn]\n", "Resource: !GetAtt RefundRequestsQueue.Arn\n"},
	{"no loop", "Resource: [!GetAtt NoticesQueue.Arn, !GetAtt PaymentRefundsQueue.Arn]\n", "Resource: !GetAtt GenerationResultsQueue.Arn\n"},
	{"no loop", "Resource: [!GetAtt NoticesQueue.Arn, !GetAtt PaymentRefundsQueue.Arn]\n", "Resource: !GetAtt OutageRunsQueue.Arn\n"},
	{"no loop", "      RecursiveLoop: Allow\n", ""},
	{"no loop", "      Role: !GetAtt PayRefundRole.Arn\n", "      RecursiveLoop: Allow\n      Role: !GetAtt PayRefundRole.Arn\n"},
	{"alarms", "Value: !GetAtt NoticesDeadLetterQueue.QueueName", "Value: !GetAtt NoticesQueue.QueueName"},
	{"alarms", "MetricName: ApproximateAgeOfOldestMessage", "MetricName: NumberOfMessagesSent"},
	{"alarms", "MetricName: 5xx", "MetricName: 4xx"},
	{"alarms", "MetricName: 4xx", "MetricName: 5xx"},
	{"alarms", "MetricName: Latency", "MetricName: IntegrationLatency"},
	{"alarms", "MetricName: Throttles", "MetricName: Errors"},
	{"alarms", "MetricName: TableThrottles", "MetricName: TableFailures"},
	{"alarms", "MetricName: TableRefusals", "MetricName: TableFailures"},
	{"alarms", "MetricName: SlowInvocations", "MetricName: FunctionErrors"},
	{"alarms", "Threshold: 0.0144", "Threshold: 0.144"},
	{"alarms", "Threshold: 0.0072", "Threshold: 0.72"},
	{"alarms", "MetricName: ApproximateNumberOfMessagesNotVisible", "MetricName: ApproximateNumberOfMessagesDelayed"},
	{"alarms", "TreatMissingData: breaching", "TreatMissingData: notBreaching"},
	{"alarms", "AlarmFailures:\n    Type: Number\n    Default: 5\n", "AlarmFailures:\n    Type: Number\n    Default: 500\n"},
	{"alarms", "MetricName: StuckItems", "MetricName: Stuck"},
	{"alarms", "MetricName: MissedEvents", "MetricName: FoundEvents"},
	{"alarms", "MetricName: OverdueReviews", "MetricName: Overdue"},
	{"alarms", "Value: notify-customer", "Value: sweep-due"},
	{"alarms", "MetricName: Errors", "MetricName: Throttles"},
	{"alarms", "Threshold: 0", "Threshold: 100"},
	{"alarm targets", "AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopic], !Ref AWS::NoValue]", "ActionsEnabled: true"},
	{"alarm targets", "        Runbook: Items are stuck.\n", ""},
	{"alarm targets", "Runbook: Items are stuck.", "Runbook: Items are stuck"},
	{"alarm limits", "            Period: 3600\n            Stat: Sum", "            Period: 300\n            Stat: Sum"},
	{"alarm limits", "Expression: IF(least > 0, refused, 0)", "Expression: IF(fewest > 0, refused, 0)"},
	{"alarm limits", "Expression: MAX([results, ", "Expression: MAX(["},
	{"alarm limits", "Period: 60\n      EvaluationPeriods: 15", "Period: 60\n      EvaluationPeriods: 1500"},
	{"metrics", "MetricName: StuckItems", "MetricName: ItemsStuck"},
	{"metrics", "Dimensions: [{Name: Function, Value: sweep-due}]\n      Statistic: Maximum", "Dimensions: [{Name: Function, Value: decide-refund}]\n      Statistic: Maximum"},
	{"metrics", "MetricName: TableFailures", "MetricName: TableErrors"},
	{"metrics", "MetricName: Throttles", "MetricName: ThrottledRequests"},
	{"metrics", "MetricName: 5xx", "MetricName: 5XXError"},
	{"metrics", "Value: !Ref SweepDueFunction}", "Value: !Ref NoticesQueue}"},
	{"filters", "MetricName: WebhooksRefused, MetricValue: \"0\"", "MetricName: WebhooksDenied, MetricValue: \"0\""},
	{"filters", "$.status = \"2*\"", "$.answer = \"2*\""},
	{"filters", "$.route = \"POST /webhooks/*\"", "$.route = \"POST /v1/*\""},
	{"filters", "$.route = \"POST /webhooks/*\"", "$.route = \"POST /webhooks/stripe\""},
	{"filters", "LogGroupName: !Ref HttpApiLogGroup\n      FilterPattern", "LogGroupName: !Ref SweepDueLogGroup\n      FilterPattern"},
	{"dashboard", "    Condition: HasDashboard\n", ""},
	{"dashboard", "{\"start\": \"-PT3H\"", "{\"start\": \"-P3D\""},
	{"dashboard", "\"widgets\": [", "\"widgets\": [,"},
	{"dashboard", "# Refunds", "# Returns"},
	{"dashboard", "\"${StuckItemsAlarm.Arn}\", ", ""},
	{"dashboard", "\"MissedEvents\"", "\"FoundEvents\""},
	{"dashboard", "[\".\", \".\", \".\", \"${GrantCreditsFunction}\", {\"label\": \"grant-credits\"}],", ""},
	{"dashboard", "\"stat\": \"p95\", \"view\"", "\"stat\": \"p90\", \"view\""},
	{"dashboard", "[\".\", \"TableRefusals\", {\"label\": \"refused\"}], ", ""},
	{"tables", "DeletionPolicy: Retain", "DeletionPolicy: Delete"},
	{"tables", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete"},
	{"tables", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"},
	{"tables", "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false"},
	{"tables", "SSEEnabled: true", "SSEEnabled: false"},
	{"tables", "BillingMode: PAY_PER_REQUEST", "TableName: wallets"},
	{"tables", "ProjectionType: KEYS_ONLY", "ProjectionType: ALL"},
	{"indexes", "${CasesTable.Arn}/index/waiting", "${CasesTable.Arn}/index/absent"},
	{"indexes", "IndexName: waiting", "IndexName: absent"},
	{"indexes", "Resource: !Sub ${GenerationsTable.Arn}/index/history", "Resource: !Sub ${GenerationsTable.Arn}/index/review"},
	{"indexes", "        - IndexName: history\n", "        - IndexName: spare\n          KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: dueAt, KeyType: RANGE}]\n          Projection: {ProjectionType: KEYS_ONLY}\n        - IndexName: history\n"},
	{"entries", "Action: [dynamodb:PutItem, dynamodb:Query]\n", "Action: [dynamodb:PutItem, dynamodb:Query, dynamodb:UpdateItem]\n"},
	{"entries", "Action: dynamodb:PutItem\n              Resource: !GetAtt EntriesTable.Arn", "Action: dynamodb:UpdateItem\n              Resource: !GetAtt EntriesTable.Arn"},
	{"entries", "Action: dynamodb:Query\n              Resource:\n                - !GetAtt EntriesTable", "Action: [dynamodb:Query, dynamodb:PutItem]\n              Resource:\n                - !GetAtt EntriesTable"},
	{"e-mail", "              - !If\n                - HasNoticeEmail\n", "              - !If\n                - HasAlarmTopic\n"},
	{"e-mail", "HasNoticeEmail: !Not [!Equals [!Ref NoticeEmailFrom, \"\"]]", "HasNoticeEmail: !Not [!Equals [!Ref Policy, \"\"]]"},
	{"e-mail", "identity/${NoticeEmailFrom}\n", "identity/*\n"},
	{"e-mail", "Condition: {StringEquals: {\"ses:FromAddress\": !Ref NoticeEmailFrom}}", "Condition: {StringLike: {\"ses:FromAddress\": \"*\"}}"},
	{"e-mail", "NOTICE_EMAIL_FROM: !Ref NoticeEmailFrom", "NOTICE_EMAIL_FROM: \"\""},
	{"e-mail", "Action: sqs:SendMessage", "Action: [sqs:SendMessage, ses:SendEmail]"},
	{"resources", "identity/${NoticeEmailFrom}\n", "identity/*\n"},
	{"model", "                - HasAdjudicator\n", "                - HasAlarmTopic\n"},
	{"model", "inference-profile/${AdjudicatorModel}\n                - !Ref AWS::NoValue\n              - !If\n", "inference-profile/eu.other\n                - !Ref AWS::NoValue\n              - !If\n"},
	{"model", "foundation-model/${AdjudicatorModel}\n", "foundation-model/eu.other\n"},
	{"model", "bedrock:InferenceProfileArn: !Sub", "bedrock:PromptRouterArn: !Sub"},
	{"model", "ADJUDICATOR_MODEL: !Ref AdjudicatorModel", "ADJUDICATOR_MODEL: some.model"},
	{"parameters", "!Not [!Equals [!Ref AdjudicatorPrices, \"\"]]]", "!Equals [!Ref AdjudicatorPrices, \"\"]]"},
	{"model", "Action: sqs:SendMessage", "Action: [sqs:SendMessage, bedrock:InvokeModel]"},
	{"resources", "foundation-model/${AdjudicatorModel}\n", "foundation-model/*\n"},
	{"actions", "Action: ses:SendEmail", "Action: ses:SendRawEmail"},
	{"actions", "Action: sqs:SendMessage", "Action: sqs:*"},
	{"actions", "Action: dynamodb:PutItem", "Action: dynamodb:DeleteItem"},
	{"actions", "Action: sqs:SendMessage", "Action: lambda:InvokeFunction"},
	{"resources", "Resource: !GetAtt EntriesTable.Arn", "Resource: \"*\""},
	{"resources", "${WalletsTable.Arn}/index/open", "${WalletsTable.Arn}/index/*"},
	{"resources", ":parameter${Name}", ":parameter/*"},
	{"scans", "${WalletsTable.Arn}/index/open", "${WalletsTable.Arn}"},
	{"scans", "dynamodb:ConditionCheckItem]", "dynamodb:Scan]"},
	{"scans", "Resource: !Sub ${CasesTable.Arn}/index/review\n", "Resource: !Sub ${CasesTable.Arn}/index/open\n"},
	{"scans", "Resource: !Sub ${CasesTable.Arn}/index/review\n", "Resource: !GetAtt GenerationsTable.Arn\n"},
	{"scans", "Action: [dynamodb:BatchGetItem, dynamodb:Scan]\n                Resource: !GetAtt OutagesTable.Arn", "Action: [dynamodb:BatchGetItem, dynamodb:Scan]\n                Resource: !GetAtt PaymentsTable.Arn"},
	{"policies", "        - !Ref ReadCallerSecretsPolicy\n", "        - arn:aws:iam::aws:policy/AdministratorAccess\n"},
	{"policies", "        - !Ref ReadCallerSecretsPolicy\n", "        - DynamoDBCrudPolicy: {TableName: x}\n"},
	{"policies", "      CodeUri: functions/open-session/\n", "      CodeUri: functions/open-session/\n      Role: arn:aws:iam::1:role/shared\n"},
	{"policies", "      Role: !GetAtt SettleGenerationRole.Arn\n", ""},
	{"policies", "      Role: !GetAtt SettleGenerationRole.Arn\n", "      Role: !GetAtt DecideRefundRole.Arn\n"},
	{"policies", "      Role: !GetAtt SettleGenerationRole.Arn\n", "      Role: !GetAtt SettleGenerationRole.Arn\n      Policies: []\n"},
	{"policies", "      Policies:\n        - PolicyName: own", "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      Policies:\n        - PolicyName: own"},
	{"resources", "Resource: !GetAtt SettleGenerationLogGroup.Arn", "Resource: \"*\""},
	{"policies", "            - Effect: Allow\n              Action: sqs:SendMessage", "            - Effect: Allow\n              NotAction: sqs:SendMessage"},
	{"queue grants", "REFUND_REQUESTS_QUEUE_URL: !Ref RefundRequestsQueue", "REFUND_REQUESTS_QUEUE_URL: !Ref NoticesQueue"},
	{"queue grants", "sqs:GetQueueAttributes]\n                Resource: !GetAtt NoticesQueue.Arn", "sqs:GetQueueAttributes]\n                Resource: !GetAtt RefundRequestsQueue.Arn"},
	{"secret grants", "          STRIPE_WEBHOOK_SECRETS: !Ref StripeWebhookSecrets\n", ""},
	{"secret grants", "- Name: !Select [1, !Split [\":\", !Ref NoticeSecrets]]", "- Name: !Select [1, !Split [\":\", !Ref AppKeys]]"},
	{"secret grants", "- !If\n                - HasStripeRefundKey\n", "- !If\n                - HasStripeReadKey\n"},
	{"secret grants", "STANDARD_WEBHOOK_SECRETS: !If [HasStandardApi, !Ref StandardWebhookSecrets, \"\"]", "STANDARD_WEBHOOK_SECRETS: !Ref StandardWebhookSecrets"},
	{"refund key", "STRIPE_KEY: !Ref StripeReadKey", "STRIPE_KEY: !Ref StripeRefundKey"},
	{"refund key", "STRIPE_KEY: !Ref StripeRefundKey", "STRIPE_KEY: !Ref StripeReadKey"},
	{"refund key", "STRIPE_WEBHOOK_SECRETS: !Ref StripeWebhookSecrets\n          STRIPE_ACCOUNT: !Ref StripeAccount\n", "STRIPE_WEBHOOK_SECRETS: !Ref StripeWebhookSecrets\n"},
	{"refund key", "STRIPE_API_URL: !Ref StripeApiUrl\n          STRIPE_ACCOUNT: !Ref StripeAccount\n", "STRIPE_API_URL: !Ref StripeApiUrl\n"},
	{"refund key", "STRIPE_API_URL: !Ref StripeApiUrl", "STRIPE_API_URL: !Ref StripeRefundKey"},
	{"refund key", "!Sub \"${StripeReadKey}:\"", "!Sub \"${StripeRefundKey}:\""},
	{"providers", "Path: /webhooks/standard", "Path: /webhooks/standing"},
	{"providers", "          STANDARD_WEBHOOK_SECRETS: !Ref StandardWebhookSecrets\n", ""},
	{"providers", "STANDARD_WEBHOOK_SECRETS: !If [HasStandardApi, !Ref StandardWebhookSecrets, \"\"]", "STANDARD_WEBHOOK_SECRETS: !If [HasStandardApi, !Ref NoticeSecrets, \"\"]"},
	{"providers", "STRIPE_API_URL: !Ref StripeApiUrl", "STRIPE_API_URL: !Ref StandardApiUrl"},
	{"secrets", "STANDARD_WEBHOOK_SECRETS: !If [HasStandardApi, !Ref StandardWebhookSecrets, \"\"]", "STANDARD_WEBHOOK_SECRETS: !If [HasStandardApi, !Ref StandardWebhookSecrets, shh]"},
	{"secrets", "secretsmanager:[A-Za-z0-9/_+=.@-]+)?$", "secretsmanager:.+|literal:.+)?$"},
	{"secrets", "Default: ssm:/makegood/app-keys", "Default: whsec_bG9jYWw="},
	{"secrets", "Default: ssm:/makegood/app-keys", "Default: hunter2"},
	{"secrets", "AppKeys:\n    Type: String\n    Default: ssm:/makegood/app-keys\n    AllowedPattern: ^(ssm:/[A-Za-z0-9_./-]+|secretsmanager:[A-Za-z0-9/_+=.@-]+)$", "AppKeys:\n    Type: String\n    Default: ssm:/makegood/app-keys"},
	{"secrets", "APP_KEYS: !Ref AppKeys", "APP_KEYS: '{{resolve:ssm-secure:/makegood/app-keys}}'"},
	{"api", "ThrottlingRateLimit: 500", "DetailedMetricsEnabled: true"},
	{"api", "ThrottlingBurstLimit: 1000", "ThrottlingBurstLimit: 0"},
	{"api", "      FailOnWarnings: true", "      CorsConfiguration: {AllowOrigins: ['*']}"},
	{"api", "      FailOnWarnings: true", "      CorsConfiguration: true"},
	{"api", "DestinationArn: !GetAtt HttpApiLogGroup.Arn", "Level: full"},
	{"routes", "Path: /webhooks/standard", "Path: /webhooks/stripe"},
	{"routes", "Path: /v1/grants", "Path: \"/v1/{proxy+}\""},
	{"routes", "ApiId: !Ref HttpApi, Method: POST, Path: /v1/sessions", "Method: POST, Path: /v1/sessions"},
	{"routes", `PayloadFormatVersion: "2.0"`, `PayloadFormatVersion: "1.0"`},
	{"functions", "CodeUri: functions/decide-refund/", "CodeUri: functions/settle-generation/"},
	{"functions", "Metadata: {BuildMethod: go1.x}", "Metadata: {BuildMethod: makefile}"},
	{"functions", "Tracing: Active", "Tracing: PassThrough"},
	{"functions", "Timeout: 10", "Timeout: 11"},
	{"logs", "LogFormat: JSON", "LogFormat: Text"},
	{"logs", "LogGroup: !Ref DecideRefundLogGroup", "LogGroup: !Ref SweepDueLogGroup"},
	{"logs", ", RetentionInDays: !Ref LogRetentionDays", ""},
}

func TestEachPlantedDefectIsCaughtByItsRule(t *testing.T) {
	text, _ := read(t)
	caught := map[string]bool{}
	for _, d := range slices.Concat(defects, unseen, unheard, opened) {
		t.Run(d.rule+": "+d.instead, func(t *testing.T) {
			t.Parallel()
			changed := d.spoil(text)
			if changed == "" { // the whole file would be no help in the message
				t.Fatalf("the file has changed: plant this defect in what it says now, not in %q", d.says)
			}
			spoilt, err := template.ParseBytes("spoilt.yaml", []byte(changed))
			require.NoError(t, err)
			defects, err := rules[d.rule](spoilt)
			require.NoError(t, err)
			require.NotEmpty(t, defects, "rule %q sees nothing wrong", d.rule)
		})
		caught[d.rule] = true
	}
	for name := range rules {
		require.True(t, caught[name], "rule %q has caught nothing yet: plant a defect for it", name)
	}
}
