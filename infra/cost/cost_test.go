package cost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/cost"
	"makegood/infra/template"
)

var one = cost.Usage{Reads: 1, Writes: 1, ReadUnits: 1, WriteUnits: 6, Messages: 1, Invocations: 1, Requests: 1}

// even is figures in which every operation takes the same.
func even() cost.Figures {
	f := cost.Figures{Policy: "photoroom", Operations: map[string]cost.Usage{cost.Purchase: one}}
	for _, outcome := range cost.Outcomes {
		for _, name := range outcome.Operations {
			f.Operations[name] = one
		}
	}
	return f
}

func TestAnOutcomeCostsWhatItsOperationsDo(t *testing.T) {
	// A success is three operations, each with six write units and a read unit.
	bill, err := even().PriceOf(cost.Outcomes[0].Operations...)
	require.NoError(t, err)
	million := bill.Times(1e6)
	assert.InDelta(t, 3*6*0.625, million.Writes, 1e-6)
	assert.InDelta(t, 3*0.125, million.Reads, 1e-6)
	assert.InDelta(t, 3*1.0, million.HTTP, 1e-6)
	assert.InDelta(t, 3*3*0.4, million.SQS, 1e-6)
	// Each invocation of 20 ms at half a gigabyte.
	assert.InDelta(t, 3*(0.2+0.020*0.5*13.3334), million.Lambda, 1e-6)
	assert.InDelta(t, million.Writes+million.Reads+million.HTTP+million.Lambda+million.SQS+million.Watching, million.Total(), 1e-6)
}

func TestEachOperationOfAMonthHappensAsOftenAsItsMixSays(t *testing.T) {
	rows, err := even().Month(1000, cost.Mix{Failed: 2, Partial: 1, Reported: 0.5, Purchases: 10})
	require.NoError(t, err)
	times := map[string]float64{}
	for _, row := range rows {
		times[row.Name] = row.Times
		each := one.Bill()
		if row.Name == cost.Pictures {
			each = cost.LookBill()
		}
		assert.InDelta(t, each.Total()*row.Times, row.USD, 1e-9)
	}
	assert.Equal(t, map[string]float64{
		cost.Purchase: 100, cost.Hold: 1000, cost.Result: 1000, cost.Success: 970, cost.Part: 10, cost.PartNotice: 10, cost.Failure: 20, cost.FailureNotice: 20,
		cost.Report: 5, cost.Receipt: 5, cost.Ruling: 5, cost.RulingNotice: 5,
		cost.Pictures: 5,
	}, times)
	busy := even()
	busy.IdleCounts, busy.AllCounts = 1, 3
	rows, err = busy.Month(1, cost.Mix{})
	require.NoError(t, err)
	assert.InDelta(t, 0.60, rows[len(rows)-1].USD, 1e-9, "two metrics, however many generations")
	rows, err = even().Month(10, cost.Mix{})
	require.NoError(t, err)
	assert.Len(t, rows, 3, "what never happens has no line")
}

func TestPicturesAreLookedAtOnceAndKeptForThreeMonths(t *testing.T) {
	thousand := cost.LookBill().Times(1000)
	// 4.5 GB for three months, 5,000 puts and 4,000 gets.
	assert.InDelta(t, 4.5*0.023*3+0.025+0.0016, thousand.Pictures, 1e-9)
	assert.InDelta(t, 4000*13.3334e-6, thousand.Lambda, 1e-9)
	assert.InDelta(t, thousand.Pictures+thousand.Lambda, thousand.Total(), 1e-9)
}

func TestWhatStandsInATemplateCostsThoughNobodyCalls(t *testing.T) {
	parsed, err := template.ParseBytes("t.yaml", []byte(`
Parameters: {Wide: {Type: String, Default: ""}}
Conditions: {IsWide: !Not [!Equals [!Ref Wide, ""]]}
Resources:
  Consume:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/consume/
      Handler: bootstrap
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Work.Arn}}
        Minute: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}
        Hours: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(2 hours)}}
  Work: {Type: AWS::SQS::Queue}
  Plain: {Type: AWS::CloudWatch::Alarm, Properties: {MetricName: Errors}}
  Two:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - {Id: e, Expression: a / b}
        - {Id: a, MetricStat: {Stat: Sum}, ReturnData: false}
        - {Id: b, MetricStat: {Stat: Sum}, ReturnData: false}
  Never: {Type: AWS::CloudWatch::Alarm, Condition: IsWide, Properties: {MetricName: Errors}}
  Both: {Type: AWS::CloudWatch::CompositeAlarm}
  Picture: {Type: AWS::CloudWatch::Dashboard}
`))
	require.NoError(t, err)
	standing, err := cost.StandingOf(parsed)
	require.NoError(t, err)
	assert.Equal(t, cost.Standing{Mappings: 1, Runs: 43800 + 365, Alarms: 3, Composites: 1, Dashboards: 1}, standing)
	f := even()
	f.IdleCounts = 6
	usd := map[string]float64{}
	for _, line := range cost.Idle(standing, f) {
		usd[line.What] = line.USD
	}
	assert.InDelta(t, 0.2628, usd["polls of 1 queues, 5 at a time, 20 s each"], 1e-6)
	assert.InDelta(t, 0.30, usd["metrics in alarms"], 1e-9)
	assert.InDelta(t, 1.80, usd["metrics of our own"], 1e-9)
	assert.InDelta(t, 0.50, usd["alarms about alarms"], 1e-9)
	assert.InDelta(t, 3.00, usd["dashboards"], 1e-9)
}

func TestAScheduleThatIsNoRateIsNotGuessed(t *testing.T) {
	for _, expression := range []string{"cron(0 12 * * ? *)", "rate(1 moon)", "rate(0 minutes)"} {
		parsed, err := template.ParseBytes("t.yaml", []byte(`
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/f/
      Handler: bootstrap
      Events: {S: {Type: ScheduleV2, Properties: {ScheduleExpression: "`+expression+`"}}}
`))
		require.NoError(t, err)
		_, err = cost.StandingOf(parsed)
		require.ErrorContains(t, err, expression)
	}
}

func TestTheOwnTemplateAndTheOwnFiguresArePriced(t *testing.T) {
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	standing, err := cost.StandingOf(parsed)
	require.NoError(t, err)
	f, err := cost.Counted()
	require.NoError(t, err)
	policy, _ := parsed.Parameter("Policy")
	assert.Equal(t, policy.Default, f.Policy)
	for _, outcome := range cost.Outcomes {
		bill, err := f.PriceOf(outcome.Operations...)
		require.NoError(t, err)
		assert.Greater(t, bill.Total()*1e6, 1.0, outcome.Name)
	}
	idle := cost.Sum(cost.Idle(standing, f))
	description := strings.Join(strings.Fields(fmt.Sprint(parsed.Document["Description"])), " ")
	assert.Contains(t, description, fmt.Sprintf("costs %.2f dollars a month", idle), "makegood cost prints what it says")
	_, err = f.PriceOf("nap")
	require.ErrorContains(t, err, `"nap" was not counted`)
}
