package local_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestAnAddressBeyondThisMachineStopsTheStart(t *testing.T) {
	for name, change := range map[string]func(*local.Options){
		"CalledUrl": func(o *local.Options) { o.Parameters["CalledUrl"] = "https://example.com/notices" },
		"CALLED_URL": func(o *local.Options) {
			o.Env = map[string]map[string]string{"echo": {"CALLED_URL": "https://example.com"}}
		},
		"GATEWAY": func(o *local.Options) {
			o.Env = map[string]map[string]string{"*": {"GATEWAY": "https://api.stripe.com"}}
		},
		"AppKeys":     func(o *local.Options) { o.Parameters["AppKeys"] = "ssm:/makegood/app-keys" },
		"NoParameter": func(o *local.Options) { o.Parameters["NoParameter"] = "x" },
	} {
		o := options()
		o.Endpoints, o.Prefix = running(t).Endpoints, "refused-"+name+"-"
		change(&o)
		_, err := local.Start(t.Context(), o)
		assert.ErrorContains(t, err, name)
	}
}

// emptyCache is a project without downloads, so that every tool is looked for.
func emptyCache(t *testing.T) local.Options {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module other\n"), 0o600))
	return local.Options{Root: root}
}

// path makes a PATH that holds only the named tools, each a link to the real one or, with a script,
// that script.
func path(t *testing.T, scripts map[string]string) {
	t.Helper()
	folder := t.TempDir()
	for name, script := range scripts {
		at := filepath.Join(folder, name)
		if script != "" {
			require.NoError(t, os.WriteFile(at, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
			continue
		}
		real, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(real, at))
	}
	t.Setenv("PATH", folder)
	t.Setenv("JAVA_HOME", "")
}

func TestMissingToolsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		tools map[string]string
		says  string
	}{
		"no Java":   {nil, "needs Java, a JDK of version 17 or newer"},
		"old Java":  {map[string]string{"java": `echo 'openjdk version "11.0.2"' >&2`}, `needs Java 17 or newer`},
		"Java 8":    {map[string]string{"java": `echo 'java version "1.8.0_402"' >&2`}, `needs Java 17 or newer`},
		"no Maven":  {map[string]string{"java": ""}, "needs Maven"},
		"bad Maven": {map[string]string{"java": "", "mvn": "echo no such artifact; exit 1"}, "no such artifact"},
	} {
		t.Run(name, func(t *testing.T) {
			o := emptyCache(t)
			path(t, c.tools)
			_, err := local.StartServices(t.Context(), o)
			assert.ErrorContains(t, err, c.says)
		})
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for flag, change := range map[string]func(*local.Options){
		"--port":          func(o *local.Options) { o.Port, o.Endpoints = port, running(t).Endpoints },
		"--admin-port":    func(o *local.Options) { o.AdminPort, o.Endpoints = port, running(t).Endpoints },
		"--provider-port": func(o *local.Options) { o.ProviderPort, o.Endpoints = port, running(t).Endpoints },
		"--dynamodb-port": func(o *local.Options) { o.DynamoDBPort = port },
		"--sqs-port":      func(o *local.Options) { o.SQSPort = port },
		"--s3-port":       func(o *local.Options) { o.S3Port = port },
	} {
		o := options()
		change(&o)
		_, err := local.Start(t.Context(), o)
		assert.ErrorContains(t, err, taken.Addr().String()[len("127.0.0.1:"):], flag)
		assert.ErrorContains(t, err, flag)
		assert.ErrorContains(t, err, "in use")
	}
}

func TestSharedServicesThatDoNotAnswerAreAnError(t *testing.T) {
	t.Setenv(local.EnvDynamoDBURL, "http://127.0.0.1:1")
	t.Setenv(local.EnvSQSURL, running(t).Endpoints.SQSURL)
	t.Setenv(local.EnvS3URL, running(t).Endpoints.S3URL)
	_, err := local.Shared(t.Context())
	assert.ErrorContains(t, err, local.EnvDynamoDBURL)

	t.Setenv(local.EnvDynamoDBURL, running(t).Endpoints.DynamoDBURL)
	shared, err := local.Shared(t.Context())
	require.NoError(t, err)
	shared.Stop()
	again, err := local.Shared(t.Context())
	require.NoError(t, err, "stopping shared services leaves them running")
	assert.Equal(t, shared.DynamoDBURL, again.DynamoDBURL)

	t.Setenv(local.EnvSQSURL, "http://example.com")
	_, err = local.Shared(t.Context())
	assert.ErrorContains(t, err, local.EnvSQSURL)
}

func TestServicesListenOnLoopbackOnly(t *testing.T) {
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	e := running(t).Endpoints
	for _, address := range addresses {
		ip, ok := address.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		for _, url := range []string{e.DynamoDBURL, e.SQSURL} {
			_, port, err := net.SplitHostPort(url[len("http://"):])
			require.NoError(t, err)
			conn, err := net.Dial("tcp", net.JoinHostPort(ip.IP.String(), port))
			if !assert.Error(t, err, "%s answers on %s", url, ip.IP) {
				_ = conn.Close()
			}
		}
	}
}
