package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../../.."

// binary is the command, built once.
var binary = sync.OnceValues(func() (string, error) {
	at := filepath.Join(os.TempDir(), "makegood-local-"+strconv.Itoa(os.Getpid()))
	said, err := exec.Command("go", "build", "-o", at, ".").CombinedOutput()
	if err != nil {
		return string(said), err
	}
	return at, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if at, err := binary(); err == nil {
		_ = os.Remove(at)
	}
	os.Exit(code)
}

// served is a stack that runs as a command, in a process group of its own.
type served struct {
	cmd      *exec.Cmd
	ended    chan error
	children []int
}

func serveTestdata(t *testing.T) served {
	t.Helper()
	at, err := binary()
	require.NoError(t, err, at)
	cmd := exec.Command(at, "serve", "--template", "infra/local/testdata/template.yaml", "--port", "0")
	cmd.Dir = root
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A file, not a buffer: the command writes to it while the test reads.
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer stderr.Close()
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	var printed strings.Builder
	for lines := bufio.NewReader(out); !strings.Contains(printed.String(), "export APP="); {
		line, err := lines.ReadString('\n')
		if err != nil {
			log, _ := os.ReadFile(stderr.Name())
			require.NoError(t, err, string(log))
		}
		printed.WriteString(line)
	}
	require.Contains(t, printed.String(), "ready in ")

	s := served{cmd: cmd, ended: make(chan error, 1)}
	go func() { s.ended <- cmd.Wait() }()
	children, err := exec.Command("pgrep", "-P", strconv.Itoa(cmd.Process.Pid)).Output()
	require.NoError(t, err)
	for _, id := range strings.Fields(string(children)) {
		n, err := strconv.Atoi(id)
		require.NoError(t, err)
		s.children = append(s.children, n)
	}
	require.Len(t, s.children, 4, "two services and a process for each function")

	admin := regexp.MustCompile(`(?m)^export .* LOCAL=(\S+)$`).FindStringSubmatch(printed.String())
	require.NotNil(t, admin, printed.String())
	resp, err := http.Get(admin[1] + "/_local/status")
	require.NoError(t, err)
	defer resp.Body.Close()
	var status struct{ Processes map[string][]int }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&status))
	assert.Len(t, status.Processes["echo"], 1)
	return s
}

// patience is how long a test waits for an end: a loaded machine takes its time.
const patience = time.Minute

func (s served) wantChildrenGone(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for _, id := range s.children {
		for syscall.Kill(id, 0) == nil {
			require.True(t, time.Now().Before(deadline), "process %d is still there", id)
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func TestTermToTheProcessGroupEndsEverythingWell(t *testing.T) {
	s := serveTestdata(t)
	require.NoError(t, syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM))
	select {
	case err := <-s.ended:
		require.NoError(t, err, "exit code 0")
	case <-time.After(patience):
		t.Fatal("still running long after TERM")
	}
	s.wantChildrenGone(t)
}

func TestAKilledStackLeavesNoProcessBehind(t *testing.T) {
	s := serveTestdata(t)
	require.NoError(t, syscall.Kill(s.cmd.Process.Pid, syscall.SIGKILL))
	s.wantChildrenGone(t)
}

func TestServicesAreLentToACommandAndItsExitCodeIsTheirs(t *testing.T) {
	at, err := binary()
	require.NoError(t, err, at)
	cmd := exec.Command(at, "services", "--create", "infra/local/testdata/template.yaml", "--", "sh", "-c",
		`echo "$MAKEGOOD_DYNAMODB_URL $MAKEGOOD_SQS_URL"; exit 7`)
	cmd.Dir = root
	said, err := cmd.Output()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended)
	assert.Equal(t, 7, ended.ExitCode())
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+ http://127\.0\.0\.1:\d+\n$`, string(said))
}

func TestAnUnknownCommandShowsTheUsage(t *testing.T) {
	assert.Equal(t, 2, command(t.Context(), []string{"start"}))
	assert.Equal(t, 2, command(t.Context(), nil))
}
