package local

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

//go:embed maven/dynamodb/pom.xml maven/elasticmq/pom.xml maven/axe/pom.xml java/Launcher.java
var sources embed.FS

const (
	dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
	oldestJava       = 17
)

// downloads are the services that Maven brings, with what a first start says of them.
var downloads = []struct{ name, what string }{{"dynamodb", "DynamoDB Local (49 MB)"}, {"elasticmq", "ElasticMQ (37 MB)"}}

// tools is what services run with.
type tools struct {
	java     string
	jars     map[string]string // service → folder of its jars and native libraries
	launcher string            // folder of the compiled launcher
}

// prepare finds Java and downloads and compiles what the cache under Root/.local lacks. What is
// missing on the machine is named.
func prepare(ctx context.Context, root string, log io.Writer) (tools, error) {
	// Without Java nothing else is worth a download.
	java, err := findJava(ctx)
	if err != nil {
		return tools{}, err
	}
	t := tools{java: java, jars: map[string]string{}}
	cache := filepath.Join(root, ".local", "jars")
	// Each service has a folder of its own, so that the libraries of the two cannot meet.
	for _, service := range downloads {
		if t.jars[service.name], err = jars(ctx, cache, service.name, service.what, log); err != nil {
			return tools{}, err
		}
	}
	// The launcher is compiled here, since a class file would have to be committed for one Java
	// version.
	t.launcher, err = cached(cache, "launcher", "java/Launcher.java", func(from, into string) error {
		javac := filepath.Join(filepath.Dir(java), "javac")
		if _, err := os.Stat(javac); err != nil {
			if javac, err = exec.LookPath("javac"); err != nil {
				return errors.New("the local stack needs a whole JDK, 17 or newer: java is there, javac is not " +
					"(Debian: apt-get install openjdk-17-jdk-headless)")
			}
		}
		return run(ctx, filepath.Dir(from), javac, "-d", into, from)
	})
	return t, err
}

// Axe returns the folder of the jar that holds axe.min.js. Maven brings it, as it brings the
// services, where the cache under the project's .local lacks it.
func Axe(ctx context.Context, log io.Writer) (string, error) {
	root, err := projectRoot()
	if err != nil {
		return "", err
	}
	return jars(ctx, filepath.Join(root, ".local", "jars"), "axe", "axe-core (0.2 MB)", log)
}

// jars gives the folder of what the pom of that name asks for.
func jars(ctx context.Context, cache, name, what string, log io.Writer) (string, error) {
	return cached(cache, name, "maven/"+name+"/pom.xml", func(from, into string) error {
		fmt.Fprintf(log, "downloading %s into %s by Maven, once: a minute or so\n", what, cache)
		return maven(ctx, from, into)
	})
}

// cached gives the folder made from one embedded source, making it where it is not there yet. The
// name carries the source's hash, and a folder appears whole or not at all, so several processes
// may ask at once.
func cached(cache, name, source string, build func(from, into string) error) (string, error) {
	text, err := sources.ReadFile(source)
	if err != nil {
		return "", err
	}
	// The hash is part of the name, so a changed pom gets a new folder and an old one is never
	// reused.
	sum := sha256.Sum256(text)
	folder := filepath.Join(cache, name+"-"+hex.EncodeToString(sum[:4]))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	// The folder is made elsewhere and renamed when it is whole: a download that is cut off leaves
	// nothing that looks ready.
	work, err := os.MkdirTemp(cache, "making-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	from, into := filepath.Join(work, filepath.Base(source)), filepath.Join(work, "made")
	if err := errors.Join(os.WriteFile(from, text, 0o644), os.Mkdir(into, 0o755)); err != nil {
		return "", err
	}
	if err := build(from, into); err != nil {
		return "", err
	}
	// Another process may have been faster; its folder is as good.
	if err := os.Rename(into, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			return "", err // nobody else made it either
		}
	}
	return folder, nil
}

func maven(ctx context.Context, pom, into string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("the local stack needs Maven, once, to download DynamoDB Local and ElasticMQ: no mvn on PATH " +
			"(Debian: apt-get install maven; macOS: brew install maven)")
	}
	return run(ctx, filepath.Dir(pom), mvn, "-q", "-B", "-f", pom, dependencyPlugin, "-DincludeScope=runtime", "-DoutputDirectory="+into)
}

var javaVersion = regexp.MustCompile(`version "(\d+)(?:\.(\d+))?`)

// findJava takes JAVA_HOME's java, else the one on PATH, and refuses one that is too old.
func findJava(ctx context.Context) (string, error) {
	const advice = "(Debian: apt-get install openjdk-17-jdk-headless; macOS: brew install openjdk)"
	java := filepath.Join(os.Getenv("JAVA_HOME"), "bin", "java")
	if _, err := os.Stat(java); os.Getenv("JAVA_HOME") == "" || err != nil {
		if java, err = exec.LookPath("java"); err != nil {
			return "", errors.New("the local stack needs Java, a JDK of version 17 or newer: no java on PATH and none in JAVA_HOME " + advice)
		}
	}
	// macOS has a java that only asks to install one, and may take its time.
	limit, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(limit, java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s does not run: %w: %s", java, err, output)
	}
	if version := javaVersion.FindSubmatch(output); version != nil {
		if major, _ := strconv.Atoi(string(version[1])); major < oldestJava {
			return "", fmt.Errorf("the local stack needs Java 17 or newer, and %s says %s %s", java, version[0], advice)
		}
	}
	return java, nil
}

// run executes a tool to its end; what it printed is part of the error.
func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, output)
	}
	return nil
}
