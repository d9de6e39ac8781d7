package local

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"makegood/infra/sandbox"
	"makegood/infra/template"
)

// nowhere is a loopback address at which nothing listens: what must not be called is pointed there.
const nowhere = "http://127.0.0.1:9"

// listingInterval is how old a listing of the provider's events grows here: a sweep that is
// triggered lists.
const listingInterval = "1s"

// parameters are the template's parameters as this stack sets them: what the template has not is
// left out.
func (s *Stack) parameters() map[string]string {
	values := map[string]string{}
	override := func(name, value string) {
		if _, ok := s.template.Parameter(name); ok {
			values[name] = value
		}
	}
	// Secrets first: an option of the caller may replace each of them below.
	for name, value := range Literals() {
		override(name, value)
	}
	// Payments of the stand-in are test payments; live ones would be parked.
	override("Livemode", "test")
	override("NoticeUrl", s.AdminURL+"/_local/notices")
	// Pages that this host serves may call, by either name of it.
	override("AllowedOrigins", s.BaseURL+","+strings.Replace(s.BaseURL, "127.0.0.1", "localhost", 1))
	for setting, address := range sandbox.Addresses(s.Provider.URL) {
		override(setting.Parameter, address)
	}
	if s.options.Policy != "" {
		override("Policy", s.options.Policy)
	}
	// What the caller names wins, and is checked like the rest (checkParameters).
	for name, value := range s.options.Parameters {
		values[name] = value
	}
	return values
}

// scope resolves the template for this stack: Ref of a table, queue or bucket is what it was
// created as.
func (s *Stack) scope(names ...map[string]string) template.Scope {
	return template.Scope{
		Parameters: s.parameters(), AnyText: true,
		Ref: func(r *template.Resource) (string, bool) {
			for _, names := range names {
				if value, ok := names[r.LogicalID]; ok {
					return value, true
				}
			}
			return "", false
		},
		GetAtt: func(r *template.Resource, attribute string) (string, bool) {
			if url, ok := s.QueueURLs[r.LogicalID]; ok && attribute == "Arn" {
				return queueARN(queueName(url)), true
			}
			if name, ok := s.Buckets[r.LogicalID]; ok && attribute == "Arn" {
				return "arn:aws:s3:::" + name, true
			}
			return "", false
		},
	}
}

// eachFunction calls do with each function of the template and what its processes see.
func (s *Stack) eachFunction(do func(f template.Function, env []string) error) error {
	functions, err := s.template.Functions(s.scope(s.Tables, s.QueueURLs, s.Buckets))
	if err != nil {
		return err
	}
	for _, f := range functions {
		env, err := s.environment(f)
		if err != nil {
			return err
		}
		if err := do(f, env); err != nil {
			return err
		}
	}
	return nil
}

// environment is what one function's processes see, and nothing else: this machine's own variables
// are not passed on.
func (s *Stack) environment(f template.Function) ([]string, error) {
	// The template's own values come first, and are checked before they are overwritten.
	env := map[string]string{}
	for name, value := range f.Env { // also what is overwritten below: a template that names an address means it
		if err := staysHere(name, value); err != nil {
			return nil, fmt.Errorf("%s: environment %w", f.LogicalID, err)
		}
		env[name] = value
	}
	// These are what Lambda itself sets, and addresses: whatever is not emulated points where
	// nothing listens, so that a call fails at once instead of leaving the machine.
	for name, value := range map[string]string{
		"MAKEGOOD_LOCAL": "1", "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": localKey, "AWS_SECRET_ACCESS_KEY": localKey, "AWS_SESSION_TOKEN": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": s.Endpoints.DynamoDBURL, "AWS_ENDPOINT_URL_SQS": s.Endpoints.SQSURL, "AWS_ENDPOINT_URL_S3": s.s3URL,
		"LOOPBACK_PICTURES":    "true", // here alone: an app's pictures lie on this machine, over plain http
		"AWS_ENDPOINT_URL_SSM": nowhere, "AWS_ENDPOINT_URL_SECRETS_MANAGER": nowhere,
		"AWS_ENDPOINT_URL_SESV2": nowhere, "AWS_ENDPOINT_URL": nowhere,
		"AWS_LAMBDA_FUNCTION_NAME": f.Deployed, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB), "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + f.Deployed, "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023", "_HANDLER": "bootstrap",
		"LISTING_INTERVAL": listingInterval,
		"HTTP_PROXY":       nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": "127.0.0.1,localhost,::1",
		"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC",
	} {
		env[name] = value
	}
	// Every function has every provider's address, whether or not it asks.
	for setting, address := range sandbox.Addresses(s.Provider.URL) {
		env[setting.Variable] = address
	}
	// A test may put a proxy before a service of one function, or of all ("*").
	for _, key := range []string{"*", f.Name} {
		for name, value := range s.options.Env[key] {
			env[name] = value
		}
	}
	if name := emptyAddress(env); name != "" {
		return nil, fmt.Errorf("%s: environment %s is empty: the local stack asks no provider but its own", f.LogicalID, name)
	}
	// The last check sees what the process will see, wherever it came from.
	list := make([]string, 0, len(env))
	for name, value := range env {
		if err := staysHere(name, value); err != nil {
			return nil, fmt.Errorf("%s: environment %w", f.LogicalID, err)
		}
		list = append(list, name+"="+value)
	}
	sort.Strings(list)
	return list, nil
}

// emptyAddress returns the variable of a provider's address that is empty, which may mean the
// provider's own; "" where none is.
func emptyAddress(env map[string]string) string {
	for _, p := range sandbox.Providers {
		if env[p.Address.Variable] == "" {
			return p.Address.Variable
		}
	}
	return ""
}

// checkParameters refuses parameters that would reach beyond this machine, whether or not a
// function uses them.
func (s *Stack) checkParameters() error {
	for _, p := range s.template.Parameters {
		value, err := s.template.ParameterValue(s.scope(), p.Name)
		if err != nil {
			return err
		}
		if err := staysHere(p.Name, value); err != nil {
			return fmt.Errorf("parameter %w", err)
		}
		if strings.Contains(p.AllowedPattern, "secretsmanager:") && value != "" && !strings.HasPrefix(value, "literal:") {
			return fmt.Errorf("parameter %s names secrets, deployed as ssm:/name or secretsmanager:name: here it wants to be literal: and the secret", p.Name)
		}
	}
	for name := range s.options.Parameters {
		if _, ok := s.template.Parameter(name); !ok {
			return fmt.Errorf("parameter %s: the template has none of that name", name)
		}
	}
	return nil
}

// places are the ends of names that hold an address, whether or not it is written as a URL.
var places = []string{"url", "host", "address", "endpoint"}

// realProvider names a real provider, or begins a key of its accounts: neither has any business
// here, however it is written.
var realProvider = regexp.MustCompile(`(?i)(sk|rk)_(live|test)_|\bstripe\.com\b`)

// staysHere refuses a value that would make a process look beyond this machine: a URL that is not
// loopback, a secret kept in AWS, or a provider's real key.
func staysHere(name, value string) error {
	for _, reference := range strings.Split(value, ",") {
		reference = strings.TrimSpace(reference)
		if strings.HasPrefix(reference, "ssm:") || strings.HasPrefix(reference, "secretsmanager:") {
			return fmt.Errorf("%s is %q: the local stack reads no secret from AWS; give a literal: value", name, value)
		}
		address := reference != "" && slices.ContainsFunc(places, func(end string) bool { return strings.HasSuffix(strings.ToLower(name), end) })
		if (address || strings.Contains(reference, "://")) && !isLoopbackURL(strings.TrimPrefix(reference, "literal:")) {
			return fmt.Errorf("%s is %q: the local stack calls only this machine (127.0.0.1, localhost)", name, value)
		}
		if realProvider.MatchString(reference) {
			return fmt.Errorf("%s names a real payment provider, or holds its key: the local stack asks none but its own", name)
		}
	}
	return nil
}

func isLoopbackURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}
