package main

import (
	"errors"
	"os"
	"path/filepath"
)

// replaceFile puts a new file in the place of a former in one step: nobody reads half of one, and
// of two that are written at once one stands.
func replaceFile(name string, text []byte) error {
	beside, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = beside.Write(text)
	if err = errors.Join(err, beside.Close()); err == nil {
		err = os.Rename(beside.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}
	return nil
}
