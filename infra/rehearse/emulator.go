package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"makegood/infra/local"
)

const (
	region        = "eu-central-1"
	accountKey    = "rehearsal" // of the account's root user: it may do anything, and opens nothing elsewhere
	accountSecret = "rehearsal-secret"

	emulatorLog    = "emulator.log"
	emulatorWithin = 60 * time.Second // from its start to its first answer
	emulatorLook   = 100 * time.Millisecond
)

// emulator is MiniStack, a process that ends with this one.
type emulator struct {
	url     string
	port    string
	client  *http.Client
	log     string
	process *local.Process
}

// startEmulator starts MiniStack on a free loopback port.
func startEmulator(ctx context.Context, root, dir string, trust trust) (*emulator, error) {
	// The virtual environment is made with the caller's own settings for pip: it may need a mirror.
	install := exec.CommandContext(ctx, filepath.Join(root, "infra/rehearse/venv.sh"))
	install.Stderr = os.Stderr
	python, err := install.Output()
	if err != nil {
		return nil, fmt.Errorf("MiniStack's virtual environment: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// Beside these variables it has none: what it has, each function has too, and a name that the
	// template forgets must not come from the caller's shell.
	temporary := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(temporary, 0o755); err != nil {
		return nil, err
	}
	e := &emulator{url: "https://127.0.0.1:" + port, port: port, log: filepath.Join(dir, emulatorLog), client: &http.Client{Transport: trust.transport()}}
	cmd := exec.Command(strings.TrimSpace(string(python)), "-m", "ministack")
	cmd.Dir = temporary
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + temporary, "TMPDIR=" + temporary, "LANG=C.UTF-8", "PYTHONUNBUFFERED=1",
		// It listens on every interface, and for devices too, unless it is told otherwise.
		"BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + port, "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
		// Roles are enforced: a function without a permission is refused.
		"AUTH=true", "AWS_ACCESS_KEY_ID=" + accountKey, "AWS_SECRET_ACCESS_KEY=" + accountSecret,
		"MINISTACK_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_ENDPOINT_URL=" + e.url, "SSL_CERT_FILE=" + trust.path,
		"USE_SSL=1", "MINISTACK_SSL_CERT=" + trust.path, "MINISTACK_SSL_KEY=" + trust.keyPath,
	}
	if e.process, err = local.StartProcess(cmd, e.log); err != nil {
		return nil, err
	}
	if err := e.await(ctx); err != nil {
		e.process.Stop()
		return nil, err
	}
	return e, nil
}

// await returns when the emulator answers, and refuses one that answers others than this machine.
func (e *emulator) await(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, emulatorWithin)
	defer cancel()
	for !e.answers(limit) {
		select {
		case <-e.process.Ended():
			return fmt.Errorf("MiniStack ended by itself; %s ends with\n%s", e.log, local.LogTail(e.log))
		case <-limit.Done():
			return fmt.Errorf("MiniStack did not answer within %s; its log is %s", emulatorWithin, e.log)
		case <-time.After(emulatorLook):
		}
	}
	return loopbackOnly(e.port)
}

func (e *emulator) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	answer, err := e.client.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// loopbackOnly knocks at the port on each of this machine's other addresses: nobody may open.
func loopbackOnly(port string) error {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.IsLoopback() || network.IP.IsLinkLocalUnicast() {
			continue
		}
		knock, err := net.DialTimeout("tcp", net.JoinHostPort(network.IP.String(), port), time.Second)
		if err == nil {
			_ = knock.Close()
			return fmt.Errorf("MiniStack listens on %s, beyond loopback", network.IP)
		}
	}
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return "", errors.New("no port on 127.0.0.1")
	}
	return strconv.Itoa(address.Port), nil
}
