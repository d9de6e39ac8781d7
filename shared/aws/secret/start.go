package secret

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
)

// The faults of a stack's parameters that no store's answer will mend.
var (
	errNoName = errors.New("is not the name of a secret: it wants to begin with ssm: or secretsmanager:, and must not be the secret itself")
	errUnfit  = errors.New("holds no secret that will do")
	errEmpty  = errors.New("holds no value")
)

// ofTheLocalStack is part of each of the local stack's fixed values that is too short to be a
// secret.
const ofTheLocalStack = "_local_"

// start reads the secrets and logs what whoever set up the stack must mend. A store that does not
// answer, or refuses, is left for the first caller: not every stack has every secret.
// Why: infra/decisions/0020.
func (s *source) start(log *slog.Logger) {
	ctx := context.Background() // of no event: the function starts
	_, err := s.values(ctx)
	if errors.Is(err, errNoName) || errors.Is(err, errUnfit) || errors.Is(err, errEmpty) {
		log.ErrorContext(ctx, "stack parameter is wrong", "parameter", s.parameter, "environment", s.name, "error", err.Error())
	}
}

// fitting returns the values that fit, and logs that others do not. A slip while a secret is rolled
// must not stop what the other one signs.
func (s *source) fitting(ctx context.Context, n int, reference string, values []string) ([]string, error) {
	if len(values) == 0 {
		return nil, errEmpty
	}
	exempt := strings.HasPrefix(reference, "literal:") // which only the local stack resolves
	var fit []string
	// Keep the values that fit, and the fault of the last one that does not.
	var wrong error
	for _, value := range values {
		err := s.fit(value)
		if err == nil || exempt && strings.Contains(value, ofTheLocalStack) {
			fit = append(fit, value)
			continue
		}
		wrong = fmt.Errorf("%w: %w", errUnfit, err)
	}
	// With one good value the function works on; without any it must not start to accept what it
	// cannot verify.
	if wrong == nil {
		return fit, nil
	}
	if len(fit) == 0 {
		return nil, wrong
	}
	slog.ErrorContext(ctx, "secret left out", "parameter", s.parameter, "environment", s.name, "error", s.explain(n, wrong).Error())
	return fit, nil
}

// Local reports whether this is the local stack: its environment says so, and its tables are on
// this machine, as seen from here or from one of its containers. A deployed function's tables are
// elsewhere, whatever its variables say.
func Local() bool {
	if os.Getenv("MAKEGOOD_LOCAL") != "1" {
		return false
	}
	tables, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
	if err != nil {
		return false
	}
	host := tables.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || host == "host.docker.internal" || ip != nil && ip.IsLoopback()
}

// parameterOf returns the stack's parameter that is called as a variable is: APP_KEYS is AppKeys.
func parameterOf(variable string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(strings.ToLower(variable), "_") {
		if word != "" {
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return name.String()
}
