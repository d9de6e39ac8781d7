//go:build !linux

package local

import "syscall"

// endWithParent has nothing to set here: services end when their input closes, functions when the
// Runtime API is gone.
func endWithParent(*syscall.SysProcAttr) {}
