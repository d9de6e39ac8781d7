package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// mark is the file by which a folder is known as a rehearsal's, and held by one at a time.
const mark = ".rehearsal"

// takeFolder empties the folder for this rehearsal, and makes it where it is not there. One that
// holds files of somebody else's, and one that another rehearsal has, are refused. The file that is
// returned holds it until it is closed.
func takeFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	ours := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == mark || e.Name() == emulatorLog })
	if len(entries) > 0 && !ours {
		return nil, fmt.Errorf("%s has files that no rehearsal left, and would be emptied: name an empty folder", dir)
	}
	held, err := os.OpenFile(filepath.Join(dir, mark), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	// The kernel lets go of it when this process ends, however it ends.
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = held.Close()
		return nil, fmt.Errorf("another rehearsal has %s: give this one a folder of its own by --dir (%w)", dir, err)
	}
	// What an earlier run left (a template, logs, binaries) must not be taken for this one's.
	for _, entry := range entries {
		if entry.Name() == mark {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			_ = held.Close()
			return nil, err
		}
	}
	return held, nil
}
