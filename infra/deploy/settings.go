package main

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// settings is what samconfig.toml says of one environment, as far as it is asked here.
type settings struct {
	stack      string            // the stack's name
	parameters map[string]string // of the template
}

// readSettings reads one environment. An environment that the file lacks is an error: SAM would
// deploy without its parameters.
func readSettings(path, env string) (settings, error) {
	var file map[string]any
	if _, err := toml.DecodeFile(path, &file); err != nil {
		return settings{}, fmt.Errorf("%s: %w", path, err)
	}
	if _, ok := file[env].(map[string]any); !ok {
		return settings{}, fmt.Errorf("%s has no [%s]", path, env)
	}
	s := settings{parameters: map[string]string{}}
	// What stands under deploy wins over what stands for all commands, as in SAM.
	for _, command := range []string{"global", "deploy"} {
		values := parametersOf(file, env, command)
		if name, ok := values["stack_name"].(string); ok {
			s.stack = name
		}
		for _, pair := range pairsOf(values["parameter_overrides"]) {
			name, value, ok := strings.Cut(pair, "=")
			if !ok {
				return settings{}, fmt.Errorf("%s: parameter_overrides of [%s] has %q, which is not NAME=VALUE", path, env, pair)
			}
			s.parameters[name] = strings.Trim(value, `"`)
		}
	}
	if s.stack == "" {
		return settings{}, fmt.Errorf("%s: [%s] has no stack_name", path, env)
	}
	return s, nil
}

func parametersOf(file map[string]any, env, command string) map[string]any {
	environment, _ := file[env].(map[string]any)
	part, _ := environment[command].(map[string]any)
	parameters, _ := part["parameters"].(map[string]any)
	return parameters
}

// pairsOf returns NAME=VALUE pairs, which SAM takes as a list and as one text.
func pairsOf(value any) []string {
	switch v := value.(type) {
	case string:
		return strings.Fields(v)
	case []any:
		var pairs []string
		for _, pair := range v {
			pairs = append(pairs, fmt.Sprint(pair))
		}
		return pairs
	}
	return nil
}
