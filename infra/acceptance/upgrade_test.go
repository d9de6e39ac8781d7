package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/shared/aws/dynamo"
	"makegood/shared/provider/stripe"
)

// The stages of the upgrade (template.yaml's IndexStage): at walked the new indexes are there and
// the former ones are read, at last the former ones are gone.
const (
	firstStage, walkedStage, lastStage = 0, 3, 8
	stageLasts                         = time.Second // the load between two deployments
)

// formerStack starts a stack as the former release left it, with sweeps that run by themselves.
func formerStack(t *testing.T) {
	t.Helper()
	other, err := local.Start(t.Context(), local.Options{
		Endpoints: street.services, Prefix: fmt.Sprintf("upgrade-%d-", os.Getpid()), ScheduleEvery: time.Second,
		LogDir: filepath.Join(stack.Root(), ".local", "logs", "upgrade"), Log: os.Stderr,
		Policy: usual, Parameters: map[string]string{"IndexStage": strconv.Itoa(firstStage)}, MaxProcesses: 2,
	})
	require.NoError(t, err)
	before := stack
	stack = other
	t.Cleanup(func() {
		other.Stop()
		stack = before
	})
}

// stripShards makes every row one of a release that knew no shards, and returns how many of them
// stand in an index that a sweep or a list walks.
func stripShards(t *testing.T) (walked int) {
	t.Helper()
	db := local.DynamoDB(stack.Endpoints.DynamoDBURL)
	for _, table := range []string{"WalletsTable", "CasesTable"} {
		name := aws.String(stack.Tables[table])
		rows, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: name, ConsistentRead: aws.Bool(true)})
		require.NoError(t, err)
		for _, row := range rows.Items {
			if row["shard"] == nil {
				continue
			}
			_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: name, Key: map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]},
				UpdateExpression: aws.String("REMOVE #shard"), ExpressionAttributeNames: map[string]string{"#shard": "shard"},
			})
			require.NoError(t, err)
			if row["dueAt"] != nil || row["reviewBy"] != nil || row["nearUntil"] != nil {
				walked++
			}
		}
	}
	return walked
}

// buyer is a customer with lots of which some expire.
type buyer struct {
	id      string
	expires int // lots that expire while the test runs
	expired int // credits of them
}

// newBuyer returns a customer who has 40 credits for good, and five in each lot that expires after
// one of the spans.
func newBuyer(t *testing.T, spans ...time.Duration) buyer {
	t.Helper()
	b := buyer{id: customer(t, 40), expires: len(spans), expired: 5 * len(spans)}
	for _, span := range spans {
		grant := object{"customer": b.id, "credits": 5, "source": "allowance", "expires_at": time.Now().Add(span).UTC().Format(time.RFC3339Nano)}
		asApp(t, "POST", "/v1/grants", grant, 201)
	}
	return b
}

// load is what customers do while the stack is upgraded.
type load struct {
	mu      sync.Mutex
	buyers  []buyer
	waiting []string // cases that wait for staff
	ruled   []string // cases that staff declined

	calls  atomic.Int64
	errors []string
	stop   atomic.Bool
	group  sync.WaitGroup
}

func (l *load) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errors = append(l.errors, fmt.Sprintf(format, args...))
}

// call sends one request as a caller of any API does: what is busy is asked again, with the same
// key.
func (l *load) call(method, path, bearer string, body any, want int, headers ...string) object {
	text, raw := body.([]byte)
	if !raw && body != nil {
		text, _ = json.Marshal(body)
	}
	key := unique("key")
	for range 20 {
		l.calls.Add(1)
		request, _ := http.NewRequestWithContext(context.Background(), method, stack.BaseURL+path, bytes.NewReader(text))
		request.Header.Set("Authorization", "Bearer "+bearer)
		request.Header.Set("Idempotency-Key", key)
		for i := 0; i+1 < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := client.Do(request)
		if err != nil {
			l.note("%s %s: %s", method, path, err)
			return object{}
		}
		read, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		answer := object{}
		_ = json.Unmarshal(read, &answer)
		if response.StatusCode == want {
			return answer
		}
		if response.StatusCode != http.StatusServiceUnavailable && answer["code"] != "result_pending" {
			l.note("%s %s: %d %s", method, path, response.StatusCode, read)
			return object{}
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.note("%s %s: busy for too long", method, path)
	return object{}
}

// buys has a customer come who pays for a package.
func (l *load) buys() buyer {
	b := buyer{id: unique("alice"), expires: 1, expired: 5}
	event := session(b.id, unique("pi"))
	l.call("POST", "/webhooks/stripe", "", event, 200, stripe.Header, stripe.Sign(sandbox.StripeSecret, time.Now(), event))
	return b
}

// gets has a customer get a lot that soon expires, when they have spent what they will.
func (l *load) gets(b buyer) {
	l.call("POST", "/v1/grants", local.AppKey, object{
		"customer": b.id, "credits": 5, "source": "allowance", "expires_at": time.Now().Add(3 * time.Second).UTC().Format(time.RFC3339Nano),
	}, 201)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buyers = append(l.buyers, b)
}

// makes has a customer generate three pictures: two come and are reported, one fails.
func (l *load) makes(b buyer) {
	for _, result := range []object{success(), failure("platform"), success()} {
		id, _ := l.call("POST", "/v1/generations", local.AppKey, order(b.id), 201)["id"].(string)
		l.call("POST", "/v1/generations/"+id+"/result", local.AppKey, result, 202)
		if result["status"] != "succeeded" {
			continue
		}
		opened := l.call("POST", "/v1/reports", local.AppKey, complaint(id), 202)
		l.mu.Lock()
		l.waiting = append(l.waiting, fmt.Sprint(opened["case"]))
		l.mu.Unlock()
	}
}

// claims has a customer claim what only staff can decide.
func (l *load) claims(b buyer) {
	opened := l.call("POST", "/v1/refund-requests", local.AppKey, claim("abnormal_charge", b.id, ""), 202)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, fmt.Sprint(opened["case"]))
}

// rules has staff decline a case that has waited for a while, once there are enough of them.
func (l *load) rules() {
	page := l.call("GET", "/v1/cases?state=in_review", local.OperatorKey, nil, 200)
	all, _ := page["cases"].([]any)
	if len(all) < 20 {
		return
	}
	id := fmt.Sprint(all[len(all)/2].(object)["id"])
	// Noted before it happens: whoever compares lists meanwhile leaves it out.
	l.mu.Lock()
	l.ruled = append(l.ruled, id)
	l.mu.Unlock()
	l.call("POST", "/v1/cases/"+id+"/verdict", local.OperatorKey, object{"outcome": "declined", "note": "seen"}, 200)
}

// begin has so many people at once do all of it again and again.
func (l *load) begin(people int) {
	for n := range people {
		l.group.Go(func() {
			for !l.stop.Load() {
				b := l.buys()
				l.makes(b)
				if l.claims(b); n == 0 { // one of staff, so that no case is ruled twice
					l.rules()
				}
				l.gets(b)
				l.call("GET", "/v1/customers/"+b.id+"/statement", local.AppKey, nil, 200)
				time.Sleep(400 * time.Millisecond)
			}
		})
	}
}

// wantListed demands that each of the cases is on the staff's list once, but for those that were
// ruled meanwhile.
func (l *load) wantListed(t *testing.T, cases []string) {
	t.Helper()
	listed := map[string]int{}
	for _, one := range waitingForStaff(t) {
		listed[one["id"].(string)]++
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range cases {
		if !slices.Contains(l.ruled, id) {
			require.Equal(t, 1, listed[id], id)
		}
	}
}

// migrating is the command that gives rows their shard, for the stack's tables, with its cursor in
// the folder.
func migrating(t *testing.T, folder string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := built()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, append([]string{"migrate", "--json", "--cursor", filepath.Join(folder, "cursor.json")}, args...)...)
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL_DYNAMODB="+stack.Endpoints.DynamoDBURL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"WALLETS_TABLE="+stack.Tables["WalletsTable"], "CASES_TABLE="+stack.Tables["CasesTable"], "GENERATIONS_TABLE="+stack.Tables["GenerationsTable"],
		"SHARDS="+strconv.Itoa(dynamo.DefaultShards))
	return command
}

// migrated is what the command says in the end.
type migrated struct {
	Read, Given, Left int
	Inactive          []string
}

// migrate runs the command to its end.
func migrate(t *testing.T, folder string, wantCode int, args ...string) migrated {
	t.Helper()
	out, code := ended(t, migrating(t, folder, args...))
	require.Equal(t, wantCode, code, out)
	var result migrated
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	return result
}

// interrupted runs the command slowly, and interrupts it in the middle of its rows.
func interrupted(t *testing.T, folder string) {
	t.Helper()
	command := migrating(t, folder, "--rate", "20")
	require.NoError(t, command.Start())
	time.Sleep(time.Second)
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	_ = command.Wait()
	require.Equal(t, 2, command.ProcessState.ExitCode(), "it says that it is not done")
}

// backfilled gives every row its shard while the stack runs: counted, interrupted, gone on with.
func backfilled(t *testing.T, lacking int) {
	t.Helper()
	folder := t.TempDir()
	before := migrate(t, folder, 1, "--dry-run").Left
	require.Positive(t, before)
	require.LessOrEqual(t, before, lacking, "what is written meanwhile gets its shard by that")
	interrupted(t, folder)
	halfway := migrate(t, folder, 1, "--dry-run").Left
	require.Less(t, halfway, before)
	require.Positive(t, halfway, "it was interrupted before it was done")
	end := migrate(t, folder, 0)
	require.Zero(t, end.Left)
	require.LessOrEqual(t, end.Given, before)
	require.Empty(t, end.Inactive)
}

func TestAStackOfTheFormerReleaseIsUpgradedUnderLoadAndNothingIsLostOrDoubled(t *testing.T) {
	formerStack(t)
	l := &load{}
	// Lots of the former release fall due in each stage, and cases of it wait.
	for n := range 16 {
		l.buyers = append(l.buyers, newBuyer(t, time.Duration(5+n)*time.Second, time.Duration(20+n)*time.Second))
	}
	var keepers []buyer // whose lots do not expire yet
	for range 20 {
		keepers = append(keepers, newBuyer(t, time.Hour))
	}
	often := customer(t, 32*shops[policy].price)
	l.waiting = reportsOf(t, often, 16, "R8")
	for _, b := range l.buyers {
		l.waiting = append(l.waiting, request(t, "abnormal_charge", b.id, ""))
	}
	before := slices.Clone(l.waiting)
	lacking := stripShards(t)
	require.Greater(t, lacking, 50)

	l.begin(3)
	for stage := firstStage + 1; stage <= lastStage; stage++ {
		time.Sleep(stageLasts)
		require.NoError(t, stack.Deploy(t.Context(), map[string]string{"IndexStage": strconv.Itoa(stage)}), "stage %d", stage)
		l.wantListed(t, before)
		require.NotNil(t, nearLimits(t, often), "stage %d", stage)
		if stage == walkedStage {
			backfilled(t, lacking)
		}
	}
	time.Sleep(stageLasts)
	l.stop.Store(true)
	l.group.Wait()
	require.Empty(t, l.errors, "of %d calls", l.calls.Load())
	t.Logf("%d calls, %d customers, %d cases, %d ruled", l.calls.Load(), len(l.buyers), len(l.waiting), len(l.ruled))

	// Every due lot expired once, and no other; every statement sums.
	soon(t, "the queues drain", func() bool { return drained(t) })
	for _, b := range l.buyers {
		wantExpired(t, b)
	}
	for _, keeper := range keepers {
		wantBalance(t, keeper.id, balance{available: 45})
	}

	// Every case that waits is listed once, and none that was ruled; who is near a limit is listed.
	listed := map[string]int{}
	for _, one := range waitingForStaff(t) {
		listed[one["id"].(string)]++
	}
	want := map[string]int{}
	for _, id := range l.waiting {
		want[id] = 1
	}
	for _, id := range l.ruled {
		delete(want, id)
	}
	require.Equal(t, want, listed)
	require.NotNil(t, nearLimits(t, often))
	require.Empty(t, everyPage(t, "/v1/stuck", local.OperatorKey, "stuck"))
}

// drained reports whether no queue holds a message, not even one that was set aside.
func drained(t *testing.T) bool {
	t.Helper()
	for queue := range stack.QueueURLs {
		if waiting(t, queue) > 0 {
			return false
		}
	}
	return true
}

// wantExpired demands that each lot that fell due expired once, and that the statement adds up.
func wantExpired(t *testing.T, b buyer) {
	t.Helper()
	var times, credits int
	sums := map[string]float64{}
	soon(t, "the lots of "+b.id+" expire", func() bool {
		times, credits, sums = 0, 0, map[string]float64{}
		for _, row := range statement(t, b.id) {
			sums[row["from"].(string)] -= row["amount"].(float64)
			sums[row["to"].(string)] += row["amount"].(float64)
			if row["reason"] == "lot_expired" {
				times++
				credits += int(row["amount"].(float64))
			}
		}
		return times >= b.expires
	})
	require.Equal(t, []int{b.expires, b.expired}, []int{times, credits}, b.id)
	wantBalance(t, b.id, balance{sums["available"], sums["held"], -sums["owed"] + 0})
	assert.Zero(t, sums["held"], b.id)
}
