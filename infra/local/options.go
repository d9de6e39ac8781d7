package local

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"makegood/infra/sandbox"
)

// The fixed local secrets. None is worth anything outside this machine. Those of payment providers
// are in infra/sandbox.
const (
	AppKey        = "mk_local_app"
	OperatorKey   = "mk_local_operator"   // of "operator"
	OperatorKey2  = "mk_local_operator_2" // of "operator-2"
	SessionSecret = "local-session-secret-of-32-bytes-or-more"
	AddressSecret = "local-address-secret-of-32-bytes-or-more"
	NoticeSecret  = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
)

// Literals returns the local values of the template's secret parameters; deployed, each is a
// reference to a secret's name.
func Literals() map[string]string {
	literals := sandbox.Literals()
	maps.Copy(literals, map[string]string{
		"AppKeys": "literal:" + AppKey, "OperatorKeys": "literal:operator:" + OperatorKey + ",literal:operator-2:" + OperatorKey2,
		"SessionSecrets": "literal:" + SessionSecret, "NoticeSecrets": "literal:" + NoticeSecret,
		"AddressSecrets": "literal:" + AddressSecret,
	})
	return literals
}

const (
	defaultProcesses  = 8               // copies of one function at most; the rest of the load waits
	defaultRetryDelay = time.Second     // how soon a message that failed is seen again
	stopWithin        = 2 * time.Second // what an answer under way gets when the stack ends
)

// Options says how a stack is to run. The zero value is a whole stack on free ports, the template's
// own policy, schedules as written.
type Options struct {
	Root       string            // the project; "": the folder of go.mod, looked for upwards from the working directory
	Template   string            // "": Root/template.yaml
	Policy     string            // "": the template's default
	Parameters map[string]string // instead of the template's defaults; secrets have fixed local values
	Prefix     string            // stands before every table's, queue's and bucket's name, for stacks that share services

	Port         int        // of the HTTP API; 0: free
	AdminPort    int        // of schedules and notices; 0: free
	ProviderPort int        // of the payment provider's stand-in; 0: free
	DynamoDBPort int        // 0: free
	SQSPort      int        // 0: free
	S3Port       int        // 0: free
	BindServices string     // where DynamoDB Local, ElasticMQ and S3 listen; "": 127.0.0.1
	Endpoints    *Endpoints // services that run already; they are left running

	Env             map[string]map[string]string // per function (folder name; "*": all), laid over the template's
	MaxProcesses    int                          // copies of one function; 0: 8
	RetryDelay      time.Duration                // before a failed message is seen again; 0: 1 s; under a second: at once; negative: the queue's visibility
	ScheduleEvery   time.Duration                // instead of each schedule's own rate; 0: as written
	ManualSchedules bool                         // schedules run only by Trigger
	LogDir          string                       // "": Root/.local/logs
	Data            string                       // folder of files that outlive the stack; "": everything is in memory and ends with it
	Backfill        Backfill                     // what an earlier stack's rows need before they stand in new indexes; nil: nothing
	Log             io.Writer                    // progress, one line each; nil: none
	Demo            func(*Stack) http.Handler    // an app that uses the stack, at /demo of the HTTP API's address; nil: none
	Echo            io.Writer                    // what the functions print, besides their log files; nil: none
}

func (o *Options) settle() error {
	var err error
	// The project is found from any folder within it, so that tests and commands may start
	// anywhere.
	if o.Root == "" {
		if o.Root, err = projectRoot(); err != nil {
			return err
		}
	}
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return err
	}
	if o.Template == "" {
		o.Template = filepath.Join(o.Root, "template.yaml")
	}
	if o.LogDir == "" {
		o.LogDir = filepath.Join(o.Root, ".local", "logs")
	}
	if o.Data != "" {
		if o.Data, err = filepath.Abs(o.Data); err != nil {
			return err
		}
	}
	if o.MaxProcesses == 0 {
		o.MaxProcesses = defaultProcesses
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = defaultRetryDelay
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return os.MkdirAll(o.LogDir, 0o755)
}

// projectRoot finds the folder of go.mod, upwards from the working directory.
func projectRoot() (string, error) {
	// Upwards until a go.mod stands there; the root of the file system is its own parent.
	at, err := os.Getwd()
	for err == nil {
		if _, statErr := os.Stat(filepath.Join(at, "go.mod")); statErr == nil {
			return at, nil
		}
		if filepath.Dir(at) == at {
			return "", errors.New("no go.mod here or above: run this inside the project")
		}
		at = filepath.Dir(at)
	}
	return "", err
}
