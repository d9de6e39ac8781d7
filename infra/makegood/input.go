package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// The bounds of what is read into memory.
const (
	readSize  = 64 << 10 // bytes read at a time
	maxLine   = 1 << 20  // bytes of one line, its line feed not counted; facts have a few hundred
	maxPolicy = 1 << 20  // bytes of a policy file; the published ones have under 10,000
)

// open returns the file of that name, standard input for "-".
func (t terminal) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(t.in), nil
	}
	return os.Open(name)
}

// readPolicy returns the bytes of a policy file.
func (t terminal) readPolicy(name string) ([]byte, error) {
	file, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// One byte more than the bound tells a file that is too large from one that just fits.
	source, err := io.ReadAll(io.LimitReader(file, maxPolicy+1))
	if err == nil && len(source) > maxPolicy {
		err = fmt.Errorf("%s: a policy file has at most %d bytes", name, maxPolicy)
	}
	return source, err
}

// readRevision returns the revision of a policy file.
func (t terminal) readRevision(name string) (policy.Revision, error) {
	source, err := t.readPolicy(name)
	if err != nil {
		return policy.Revision{}, err
	}
	rev, err := policyfile.Parse(name, source)
	if err != nil {
		return policy.Revision{}, fmt.Errorf("%s does not hold: makegood policy check %s says where", name, name)
	}
	return rev, nil
}

var errTooLong = errors.New("the line is too long")

// lines reads lines of at most maxLine bytes. A longer one is an error of its own, after which
// reading goes on.
type lines struct {
	from   *bufio.Reader
	number int
}

func newLines(r io.Reader) *lines { return &lines{from: bufio.NewReaderSize(r, readSize)} }

// next returns the next line that is not blank, without the white space around it. errTooLong for a
// line over the bound, io.EOF after the last.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.line()
		line = bytes.TrimSpace(line)
		if len(line) > 0 || err != nil {
			return line, err
		}
	}
}

// line returns the next line, however many reads it takes.
func (l *lines) line() ([]byte, error) {
	l.number++
	var line []byte
	// A line that is too long is read to its end without being kept, so that the next one starts
	// right.
	for tooLong := false; ; {
		part, err := l.from.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(bytes.TrimSuffix(part, []byte{'\n'})) > maxLine; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case tooLong:
			return nil, errTooLong
		case err != nil && len(line) == 0:
			return nil, io.EOF
		default:
			return line, nil
		}
	}
}

// drained reports whether the next line has to be waited for: what was printed so far should be
// seen before.
func (l *lines) drained() bool { return l.from.Buffered() == 0 }
