package limit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What CloudFormation takes of a translated template.
const (
	mostResources = 500
	inlineBytes   = 51_200    // a template that travels in the request
	uploadBytes   = 1_000_000 // one that lies in S3, where resolve_s3 puts it
	logicalID     = 255
	// The policy of a function, which says who may invoke it, has 20 KB; a permission takes about
	// 400 bytes of it.
	invokePermissions = 20_480 / 400
)

// Translated returns what CloudFormation would refuse of what SAM makes of the template, and of the
// file itself, whose bytes are uploaded.
func Translated(document map[string]any, bytes int) []string {
	var r refusals
	resources, _ := document["Resources"].(map[string]any)
	if len(resources) > mostResources {
		r.addf("%d resources, %d are allowed", len(resources), mostResources)
	}
	if bytes > uploadBytes {
		r.addf("the file has %d bytes, %d are allowed", bytes, uploadBytes)
	}
	permissions := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		body, _ := resources[id].(map[string]any)
		properties, _ := body["Properties"].(map[string]any)
		r.most("a logical id", id, logicalID)
		if body["Type"] == "AWS::Lambda::Permission" {
			permissions[text(properties["FunctionName"])]++
		}
		checkAddressees(id, text(body["Type"]), properties, &r)
	}
	for function, n := range permissions {
		if n > invokePermissions {
			r.addf("%s has %d permissions to invoke it, about %d are allowed", function, n, invokePermissions)
		}
	}
	if circle := circleOf(resources); len(circle) > 0 {
		r.addf("resources wait for each other: %s", strings.Join(circle, " → "))
	}
	return r
}

// NeedsUpload reports whether the file is too large to travel in a request, so that the deployment
// needs a bucket.
func NeedsUpload(bytes int) bool { return bytes > inlineBytes }

// checkAddressees looks at who is let in by what SAM adds: API Gateway may invoke what has a route
// of this API, and services take on roles.
func checkAddressees(id, kind string, properties map[string]any, r *refusals) {
	switch kind {
	case "AWS::Lambda::Permission":
		if properties["Principal"] != "apigateway.amazonaws.com" || properties["SourceArn"] == nil {
			r.addf("%s lets %v invoke %s, from anywhere", id, properties["Principal"], text(properties["FunctionName"]))
		}
	case "AWS::Lambda::Url":
		r.addf("%s gives %s an address of its own", id, text(properties["TargetFunctionArn"]))
	case "AWS::IAM::Role":
		document, _ := properties["AssumeRolePolicyDocument"].(map[string]any)
		statements, _ := document["Statement"].([]any)
		if single, ok := document["Statement"].(map[string]any); ok {
			statements = []any{single}
		}
		for _, statement := range statements {
			body, _ := statement.(map[string]any)
			principal, _ := body["Principal"].(map[string]any)
			services := text(principal["Service"])
			if len(principal) != 1 || !strings.Contains(services, ".amazonaws.com") || strings.Contains(services, "*") {
				r.addf("%s may be taken on by %s", id, text(body["Principal"]))
			}
		}
	}
}

// circleOf returns resources each of which refers to the next, the last to the first; none where
// there is an order to make them in.
func circleOf(resources map[string]any) []string {
	next := map[string][]string{}
	for id, body := range resources {
		references(body, func(name string) {
			if _, is := resources[name]; is && name != id {
				next[id] = append(next[id], name)
			}
		})
	}
	const entered, left = 1, 2
	state := map[string]int{}
	var path []string
	var walk func(id string) []string
	walk = func(id string) []string {
		state[id] = entered
		path = append(path, id)
		for _, n := range next[id] {
			if state[n] == entered {
				return append(slices.Clone(path[slices.Index(path, n):]), n)
			}
			if state[n] == 0 {
				if circle := walk(n); circle != nil {
					return circle
				}
			}
		}
		state[id] = left
		path = path[:len(path)-1]
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(next)) {
		if state[id] == 0 {
			if circle := walk(id); circle != nil {
				return circle
			}
		}
	}
	return nil
}

// references calls visit with each name that a translated value refers to.
func references(value any, visit func(string)) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			references(item, visit)
		}
	case map[string]any:
		for key, item := range v {
			switch name := item.(type) {
			case string:
				switch key {
				case "Ref", "DependsOn":
					visit(name)
				case "Fn::Sub":
					placeholders(name, visit)
				}
			case []any:
				if first, ok := firstOf(name); ok && (key == "Fn::GetAtt" || key == "DependsOn") {
					visit(first)
				} else if ok && key == "Fn::Sub" {
					placeholders(first, visit)
				}
			}
			references(item, visit)
		}
	}
}

func firstOf(list []any) (string, bool) {
	if len(list) == 0 {
		return "", false
	}
	first, ok := list[0].(string)
	return first, ok
}

// placeholders calls visit with each name in a text of Fn::Sub.
func placeholders(format string, visit func(string)) {
	for _, part := range strings.Split(format, "${")[1:] {
		name, _, _ := strings.Cut(part, "}")
		id, _, _ := strings.Cut(name, ".")
		visit(id)
	}
}

// text writes a value of a translated template for a message.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(written)
}
