// Package planting owns copies of this module for tests that change it: a recipe of CONTRIBUTING.md
// is followed in a copy, and the tests that hold the rooms together say whether it was the whole of
// it.
//
// It refuses to know what is planted.
//
// Invariants: the module itself is not changed; a copy lies in the test's own folder and ends with
// it. A place that is to be changed must be there, once it is not the test fails and names it.
//
// Words: a copy; to add (a new file), to insert (lines into one); touched (the files that were
// changed or are new).
package planting

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Copy is a copy of the module, without what was built or downloaded.
type Copy struct {
	// Dir is its root.
	Dir     string
	t       testing.TB
	touched map[string]bool
}

// New copies the module that the test lies in. It skips nothing but folders of dots that are not
// the project's.
func New(t testing.TB) *Copy {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	c := &Copy{Dir: filepath.Join(t.TempDir(), "module"), t: t, touched: map[string]bool{}}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if built(relative) {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(c.Dir, relative), 0o755)
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || relative == ".git" { // of a worktree it is a file
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(c.Dir, relative), data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// built reports whether a folder holds what was built or downloaded.
func built(relative string) bool {
	return slices.Contains([]string{".git", ".build", ".aws-sam", ".local"}, filepath.ToSlash(relative))
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fs.ErrNotExist
		}
		dir = parent
	}
}

// Add puts every file below the folder into the copy, at its path below the folder. A file there is
// already is an error. What ends in ".planted" loses that end, so that a Go file may lie in a
// test's data and be none of this module's.
func (c *Copy) Add(folder string) {
	c.t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c.write(strings.TrimSuffix(relative, ".planted"), data)
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *Copy) write(relative string, data []byte) {
	c.t.Helper()
	path := filepath.Join(c.Dir, relative)
	if _, err := os.Stat(path); err == nil {
		c.t.Fatalf("%s is there already", relative)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.touched[filepath.ToSlash(relative)] = true
}

// Insert puts text behind the first place where the file says anchor.
func (c *Copy) Insert(file, anchor, text string) {
	c.t.Helper()
	c.Replace(file, anchor, anchor+text)
}

// Replace puts text in the place of the first old.
func (c *Copy) Replace(file, old, text string) {
	c.t.Helper()
	c.Edit(file, func(all string) string {
		if !strings.Contains(all, old) {
			c.t.Fatalf("%s has changed: it does not say %q any more", file, old)
		}
		return strings.Replace(all, old, text, 1)
	})
}

// Edit puts what change makes of a file in its place. A change that changes nothing is an error.
func (c *Copy) Edit(file string, change func(text string) string) {
	c.t.Helper()
	path := filepath.Join(c.Dir, file)
	data, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	text := change(string(data))
	if text == string(data) {
		c.t.Fatalf("%s has changed: nothing in it is there to be edited any more", file)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.touched[filepath.ToSlash(file)] = true
}

// Derive adds a file that says what another says, under other names.
func (c *Copy) Derive(from, to string, names *strings.Replacer) {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.Dir, from))
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(to, []byte(names.Replace(string(data))))
}

// Touched returns the files that were changed or are new, sorted.
func (c *Copy) Touched() []string {
	var files []string
	for file := range c.touched {
		files = append(files, file)
	}
	slices.Sort(files)
	return files
}

// Run runs a command in the copy and fails the test, with what it said, where the command fails.
func (c *Copy) Run(name string, args ...string) {
	c.t.Helper()
	if output, err := c.Try(name, args...); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, output)
	}
}

// Try runs a command in the copy and returns what it said.
func (c *Copy) Try(name string, args ...string) (string, error) {
	command := exec.CommandContext(context.Background(), name, args...)
	command.Dir = c.Dir
	// Without the paths of its folder what a copy compiled serves the next one too.
	command.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	output, err := command.CombinedOutput()
	return string(output), err
}
