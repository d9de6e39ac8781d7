package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

const alarmsTemplate = `Resources:
  Plain:
    Type: AWS::CloudWatch::Alarm
    Properties: {AlarmDescription: plain, Namespace: N, MetricName: M}
  Math:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: the sum of two
      Metrics: [{Id: e, Expression: a + b}]
      Threshold: 5
      AlarmActions:
        Fn::If: [HasAlarmTopic, [{Ref: AlarmTopic}], {Ref: "AWS::NoValue"}]
  All:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties: {AlarmDescription: any of them, AlarmRule: ALARM(x)}
`

func TestAlarmsThatTheEmulatorLacksBecomePlainOnes(t *testing.T) {
	folder := t.TempDir()
	built, path := filepath.Join(folder, "template.yaml"), filepath.Join(folder, "rehearsed.yaml")
	require.NoError(t, os.WriteFile(built, []byte(alarmsTemplate), 0o644))
	count, err := plainAlarms(built, path)
	require.NoError(t, err)
	assert.Equal(t, 2, count)
	parsed, err := template.Parse(path)
	require.NoError(t, err)
	for id, metric := range map[string]string{"Plain": "M", "Math": "Nothing", "All": "Nothing"} {
		alarm := parsed.Resource(id)
		require.NotNil(t, alarm, id)
		assert.Equal(t, kindAlarm, alarm.Type, id)
		assert.Equal(t, metric, alarm.Properties["MetricName"], id)
		assert.NotContains(t, alarm.Properties, "Metrics")
	}
	assert.Equal(t, "the sum of two", parsed.Resource("Math").Properties["AlarmDescription"])
	assert.Contains(t, parsed.Resource("Math").Properties, "AlarmActions")
}
