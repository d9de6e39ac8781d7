package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// entry is one line of the journal: an event as it stands in the list.
type entry struct {
	Provider string    `json:"provider"`
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Raw      []byte    `json:"raw"` // base64, since a signature holds for exactly these bytes
}

// Keep makes the provider remember beyond its end: it enters the events of the file into the books,
// and appends every further event. Idempotency keys, faults and posts under way are not kept. It
// must be called before the provider serves.
func (p *Provider) Keep(path string) error {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// What a kill cut off in the middle of a line was accepted by nobody: only whole lines count.
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for n, line := range bytes.Split(text, []byte{'\n'}) {
		if len(line) == 0 {
			continue
		}
		if err := p.restore(line); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n+1, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	journal, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := journal.Truncate(int64(len(text))); err != nil {
		return errors.Join(err, journal.Close())
	}
	if _, err := journal.Seek(int64(len(text)), 0); err != nil {
		return errors.Join(err, journal.Close())
	}
	p.journal = journal
	return nil
}

// restore enters the event of one line into the list and the books.
func (p *Provider) restore(line []byte) error {
	var old entry
	if err := json.Unmarshal(line, &old); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, object, err := p.read(old.Provider, old.Raw, old.ID)
	if err != nil {
		return err
	}
	e.at = old.At
	p.list(e)
	if e.provider == providerStripe {
		return p.books.applyStripe(e, object)
	}
	return p.books.applyStandard(e, object)
}

// record appends an event to the journal, where there is one; the caller holds the lock. A disk
// that is full costs the memory of this event, not the answer to whoever caused it.
func (p *Provider) record(e *event) {
	if p.journal == nil {
		return
	}
	_, _ = p.journal.Write(append(marshal(entry{Provider: e.provider, ID: e.id, At: e.at, Raw: e.raw}), '\n'))
}
