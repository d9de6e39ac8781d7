package local

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

const maxLog = 16 << 20 // bytes of a log that is still appended to at the next start

// child is a process that ends with this one.
type child struct {
	cmd   *exec.Cmd
	url   string // where it answers, for services
	stdin io.WriteCloser
	done  chan struct{} // closed when it has ended
}

// forks carries starts to one thread that never ends: Linux signals a child when the thread that
// started it is gone, not the process.
var forks = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range work {
			start()
		}
	}()
	return work
})

// childCommand is a command without a context: children are ended in an order, and with their
// parent.
func childCommand(name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...) //nolint:noctx // see above
}

// openLog opens the file to append to it, and makes it where it is not there.
func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	// A log that grew over several starts begins anew: nobody reads 16 MB from the end.
	if old, err := os.Stat(path); err == nil && old.Size() > maxLog {
		_ = os.Truncate(path, 0)
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// startChild runs cmd in a process group of its own, tied to this process, its output appended to
// the file at logPath.
func startChild(cmd *exec.Cmd, logPath string, echo ...io.Writer) (*child, error) {
	log, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own
	// The child writes to the file by itself, so that its last words are there even when we are
	// killed.
	cmd.Stdout, cmd.Stderr = io.Writer(log), io.Writer(log)
	var echoLog *os.File
	if len(echo) > 0 && echo[0] != nil {
		log, err := os.OpenFile(logPath, os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, err
		}
		echoLog = log
		cmd.Stdout = io.MultiWriter(echoLog, echo[0])
		cmd.Stderr = cmd.Stdout
	}
	// A group of its own: a signal to our group must not reach the child before its work is put
	// away.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
	// The pipe closes when this process is gone, however it went: the services end by that.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// The start must happen on the thread that never ends, or Linux would signal the child when its
	// thread is reused.
	result := make(chan error)
	forks() <- func() { result <- cmd.Start() }
	if err := <-result; err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in the log; that it ended is what counts
		if echoLog != nil {
			_ = echoLog.Close()
		}
		close(c.done)
	}()
	return c, nil
}

// kill ends the child and all it started, and waits until it is gone.
func (c *child) kill() {
	select {
	case <-c.done: // its id may be somebody else's by now
		return
	default:
	}
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	<-c.done
}

// Process is a program that somebody else than a stack runs, and that ends with this process.
type Process struct{ child *child }

// StartProcess runs cmd in a process group of its own, its output appended to the file at logPath.
func StartProcess(cmd *exec.Cmd, logPath string) (*Process, error) {
	c, err := startChild(cmd, logPath)
	if err != nil {
		return nil, err
	}
	return &Process{c}, nil
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.child.done }

// Stop ends the program and all it started, and waits until it is gone.
func (p *Process) Stop() { p.child.kill() }

// LogTail returns the last lines of a log for an error message.
func LogTail(path string) string { return tail(path) }

// tail gives the last lines of a log for an error message.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
