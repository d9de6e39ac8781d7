package templatetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"makegood/infra/permission"
	"makegood/infra/template"
)

func apiIsThrottled(t *template.Template) (problems, error) {
	var p problems
	apis := t.ResourcesOfType(template.TypeHTTPAPI)
	if len(apis) != 1 {
		p.addf("%d HTTP APIs, not one", len(apis))
	}
	for _, r := range apis {
		for _, limit := range []string{"ThrottlingRateLimit", "ThrottlingBurstLimit"} {
			if n, _ := r.Lookup("DefaultRouteSettings", limit); n == nil || n == 0 {
				p.addf("%s: DefaultRouteSettings has no %s", r.LogicalID, limit)
			}
		}
		if to, _ := r.Lookup("AccessLogSettings", "DestinationArn"); to == nil {
			p.addf("%s has no access log", r.LogicalID)
		}
		cors, _ := r.Lookup("CorsConfiguration")
		if cors == true {
			p.addf("%s: CorsConfiguration true allows every origin", r.LogicalID)
		}
		rights, _ := cors.(map[string]any)
		for _, origin := range permission.Words(rights["AllowOrigins"]) {
			if strings.Contains(origin, "*") {
				p.addf("%s: CORS allows %s", r.LogicalID, origin)
			}
		}
	}
	return p, nil
}

// preflights is the route of what browsers ask before a page calls. Each path has it, so the API
// does not describe it.
const preflights = "OPTIONS /v1/{proxy+}"

// routesAreOfOneAPI: every HTTP event is of our one API, in payload 2.0, and no two functions take
// one route.
func routesAreOfOneAPI(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	owners := map[string]string{}
	for _, f := range functions {
		for _, route := range f.Routes {
			at := route.Method + " " + route.Path
			if other, twice := owners[at]; twice {
				p.addf("%s is taken by %s and by %s", at, other, f.LogicalID)
			}
			owners[at] = f.LogicalID
			if ofConsole(route.Path) {
				if f.LogicalID != "ServeConsoleFunction" {
					p.addf("%s is the console's, and %s takes it", at, f.LogicalID)
				}
			} else if at != preflights && (route.Method == "ANY" || route.Path == "$default" || strings.Contains(route.Path, "+}")) {
				p.addf("%s.%s: %s takes more than the API describes", f.LogicalID, route.Event, at)
			}
			api, _ := t.Resource(f.LogicalID).Lookup("Events", route.Event, "Properties", "ApiId")
			if i, ok := api.(template.Intrinsic); !ok || i.Arg != "HttpApi" {
				p.addf("%s.%s: not an event of HttpApi", f.LogicalID, route.Event)
			}
			if format, _ := t.Resource(f.LogicalID).Lookup("Events", route.Event, "Properties", "PayloadFormatVersion"); format != "2.0" {
				p.addf("%s.%s: PayloadFormatVersion is not 2.0", f.LogicalID, route.Event)
			}
		}
	}
	return p, nil
}

// ofConsole reports whether a path is the console's. Its pages are for people, so the API says
// nothing of them: shared/console has its routes, and one function takes all of them.
func ofConsole(path string) bool { return path == "/console" || strings.HasPrefix(path, "/console/") }

// routes gives "METHOD /path" for each route of the template but the console's, and for each
// operation of the OpenAPI file.
func routes(t *testing.T) (deployed, described []string) {
	t.Helper()
	_, parsed := read(t)
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	for _, f := range functions {
		for _, route := range f.Routes {
			if at := route.Method + " " + route.Path; !ofConsole(route.Path) && at != preflights {
				deployed = append(deployed, route.Method+" "+route.Path)
			}
		}
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "api", "openapi.yaml"))
	require.NoError(t, err)
	var document struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	require.NoError(t, yaml.Unmarshal(data, &document))
	for path, operations := range document.Paths {
		for method := range operations {
			switch method {
			case "get", "put", "post", "delete", "patch", "options", "head":
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	return deployed, described
}

func TestEveryRouteOfTheTemplateIsInTheOpenAPIAndTheReverse(t *testing.T) {
	deployed, described := routes(t)
	require.NotEmpty(t, deployed)
	require.ElementsMatch(t, described, deployed)
}
