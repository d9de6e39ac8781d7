package main

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// route is one of the API's, as the OpenAPI body of the processed template has it.
type route struct {
	key     string // "POST /v1/generations"
	target  string // logical id of the function, or of its alias
	payload string // format version
}

// apiRoutes reads the routes of every HTTP API in a processed template. The emulator makes the API
// and imports no body, so they are made from this (the bridge).
func apiRoutes(processed string) ([]route, error) {
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(processed), &template); err != nil {
		return nil, fmt.Errorf("the processed template: %w", err)
	}
	var routes []route
	for id, resource := range template.Resources {
		if resource.Type != "AWS::ApiGatewayV2::Api" {
			continue
		}
		var api struct {
			Body struct {
				Paths map[string]map[string]struct {
					Integration struct {
						URI     json.RawMessage `json:"uri"`
						Payload string          `json:"payloadFormatVersion"`
						Type    string          `json:"type"`
					} `json:"x-amazon-apigateway-integration"`
				} `json:"paths"`
			}
		}
		if err := json.Unmarshal(resource.Properties, &api); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		for at, methods := range api.Body.Paths {
			for method, operation := range methods {
				integration := operation.Integration
				target := integrationTarget(string(integration.URI))
				if target == "" || integration.Type != "aws_proxy" {
					return nil, fmt.Errorf("%s: %s %s leads to no function: %s", id, method, at, integration.URI)
				}
				routes = append(routes, route{key: routeKey(method, at), target: target, payload: integration.Payload})
			}
		}
	}
	slices.SortFunc(routes, func(a, b route) int { return strings.Compare(a.key, b.key) })
	return routes, nil
}

func routeKey(method, at string) string {
	if at == "/$default" {
		return "$default"
	}
	if method == "x-amazon-apigateway-any-method" {
		method = "any"
	}
	return strings.ToUpper(method) + " " + at
}

var invocationOf = regexp.MustCompile(`functions/\$\{([A-Za-z0-9]+)(\.Arn)?\}/invocations`)

// integrationTarget returns the logical id in an integration's address, "" where there is none.
func integrationTarget(uri string) string {
	match := invocationOf.FindStringSubmatch(uri)
	if match == nil {
		return ""
	}
	return match[1]
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// mayInvoke reports whether a function's resource policy lets the API's route invoke it.
func mayInvoke(policy, api, key string) (bool, error) {
	var document struct {
		Statement []struct {
			Effect    string
			Action    string
			Principal struct{ Service string }
			Condition struct {
				ArnLike map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return false, fmt.Errorf("a function's policy: %w", err)
	}
	method, at, _ := strings.Cut(key, " ")
	// A parameter of the path stands there as a star.
	want := api + "/*/" + method + pathParameter.ReplaceAllString(at, "*")
	for _, s := range document.Statement {
		if s.Effect != "Allow" || s.Action != "lambda:InvokeFunction" || s.Principal.Service != "apigateway.amazonaws.com" {
			continue
		}
		_, source, _ := strings.Cut(s.Condition.ArnLike["AWS:SourceArn"], ":execute-api:")
		if _, source, ok := cutAccount(source); ok && (source == want || matches(source, want)) {
			return true, nil
		}
	}
	return false, nil
}

// cutAccount takes region and account off what follows the service in a name of AWS's.
func cutAccount(text string) (account, rest string, ok bool) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 3 {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// matches compares segment by segment; a star of the pattern stands for one.
func matches(pattern, text string) bool {
	ok, err := path.Match(pattern, text)
	return ok && err == nil
}
