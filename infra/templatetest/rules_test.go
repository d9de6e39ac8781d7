package templatetest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

const templatePath = "../../template.yaml"

// problems collects what a rule finds wrong.
type problems []string

func (p *problems) addf(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// rule looks at the whole template and says what is wrong with it; nil is good.
type rule func(*template.Template) (problems, error)

// rules by name; the name is what a planted defect says it must be caught by.
var rules = map[string]rule{
	"queue table": queuesAreThoseOfTheTable, "queues": queuesAreSafe, "dead-letter queues": deadLetterQueuesAreSafe, "transport": queuesRefuseClearText,
	"consumers": consumersFailMessageByMessage, "no loop": noFunctionFeedsItself,
	"alarms": everyKindIsWatched, "alarm targets": alarmsReachTheTopic, "alarm limits": alarmsAreWithinLimits,
	"metrics": metricsAreSent, "filters": filtersReadWhatIsLogged, "dashboard": dashboardShowsEverything,
	"buckets": bucketsAreClosed, "pictures": picturesAreOfTheInternet, "tables": tablesOutliveTheStack, "indexes": indexesAreThereToBeRead, "entries": entriesAreOnlyAdded, "e-mail": emailsAreSentByOne, "model": modelsAreAskedByOne,
	"refund key": refundsArePaidByOne, "providers": providersAreThoseOfTheRegistry,
	"actions": actionsAreNamed, "resources": resourcesAreNamed, "scans": scansAreOfFew, "policies": policiesAreHandWritten,
	"queue grants": queueGrantsMatchTheFlow, "secret grants": secretGrantsMatchTheEnvironment, "secrets": secretsAreNamedNotGiven,
	"api": apiIsThrottled, "routes": routesAreOfOneAPI, "functions": functionsAreUniform, "logs": everyFunctionHasItsLog,
	"kinds": kindsAreJudged, "values": valuesAreRight, "trust": rolesAreLambdas, "plain": statementsArePlain, "work": consumersMayWork,
	"environment": environmentsAreRead, "names": namesAreOfTheStack, "places": placesAreTheStacks, "outputs": outputsNameWhatOperatorsReach,
	"parameters": parametersAreUsed, "references": referencesAreThere, "access log": logsAreAccess, "ring": deadLettersRing,
	"limits": awsRefusesNothing, "descriptions": parametersAreDescribed, "surface": tablesKeepTheirKeys, "defaults": parametersKeepTheirDefaults, "owners": routesReachTheirHandlers,
	"concurrency": consumersLeaveRoom,
	"occasions":   alarmsRingWhenTheyShould, "queries": queriesAreTaken, "order": nobodyWaits, "conditions": conditionsHold, "widgets": widgetsAreDrawn,
}

func read(t *testing.T) (string, *template.Template) {
	t.Helper()
	data, err := os.ReadFile(templatePath)
	require.NoError(t, err)
	parsed, err := template.ParseBytes(templatePath, data)
	require.NoError(t, err)
	return string(data), parsed
}

func TestTheTemplateKeepsEveryRule(t *testing.T) {
	_, parsed := read(t)
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			defects, err := check(parsed)
			require.NoError(t, err)
			require.Empty(t, defects, strings.Join(defects, "\n"))
		})
	}
}

// resolve gives one property of a resource with its intrinsics worked out; nil when there is none.
func resolve(t *template.Template, r *template.Resource, path ...string) (any, error) {
	value, ok := r.Lookup(path...)
	if !ok {
		return nil, nil
	}
	return t.Resolve(template.Scope{}, value)
}

// consumers gives, by the queue's logical id, the functions that consume it.
func consumers(t *template.Template) (map[string][]template.Function, error) {
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	out := map[string][]template.Function{}
	for _, f := range functions {
		for _, q := range f.Queues {
			out[q.Queue] = append(out[q.Queue], f)
		}
	}
	return out, nil
}
