package local

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Root is the project's folder.
func (s *Stack) Root() string { return s.options.Root }

// AwaitPolicy waits until GET /v1/policy answers 200 to the app's key, which is when the stack
// counts as ready to others.
func (s *Stack) AwaitPolicy(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, serviceReadyWithin)
	defer cancel()
	for {
		// The first answer may take a cold start of read-account.
		req, err := http.NewRequestWithContext(limit, http.MethodGet, s.BaseURL+"/v1/policy", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+AppKey)
		resp, err := plain.Do(req)
		last := fmt.Sprint(err)
		if err == nil {
			body, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			last = fmt.Sprintf("%d %s", resp.StatusCode, body)
		}
		select {
		case <-limit.Done():
			return fmt.Errorf("GET /v1/policy did not answer 200 within %s: %s", serviceReadyWithin, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ServicesEnded is closed when a service that this stack started has ended.
func (s *Stack) ServicesEnded() <-chan struct{} {
	end := make(chan struct{})
	var once sync.Once
	for _, c := range s.Endpoints.children {
		go func() {
			<-c.done
			once.Do(func() { close(end) })
		}()
	}
	return end
}

// Processes gives the ids of the running processes of a function, oldest first; none for a function
// that the template has not.
func (s *Stack) Processes(name string) []int {
	if f := s.functions[name]; f != nil {
		return f.pids()
	}
	return nil
}

// Functions gives the folder names of all functions.
func (s *Stack) Functions() []string {
	var names []string
	for name := range s.functions {
		names = append(names, name)
	}
	return names
}

// Trigger runs a function once with its first schedule's event, and waits: nil when it succeeded. A
// function without a schedule is an error.
func (s *Stack) Trigger(ctx context.Context, name string) error {
	f := s.functions[name]
	if f == nil || len(f.spec.Schedules) == 0 {
		return fmt.Errorf("%s has no schedule", name)
	}
	_, err := f.invoke(ctx, scheduledEvent(f, f.spec.Schedules[0], time.Now()))
	return err
}

// Notices gives what notify-customer has posted so far, in order of arrival: bodies and headers as
// received.
func (s *Stack) Notices() []Notice { return s.notices.all() }

// AnswerNotices has the stack's own notice address answer by answer, one post at a time: a status,
// and a Retry-After where it is not empty. nil: all are taken. What is refused is among Notices
// too.
func (s *Stack) AnswerNotices(answer func(n Notice) (status int, retryAfter string)) {
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	s.notices.answer = answer
}
