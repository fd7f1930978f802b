package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const journalVersion = 1

// journal says what a commit does. What has become of it says the name under which it lies in the staging folder.
type journal struct {
	Version int     `json:"version"`
	Files   []entry `json:"files"`            // in the order in which they are moved into place
	Backup  string  `json:"backup,omitempty"` // the folder that keeps the replaced files; empty: none is kept
}

// entry is one file of a commit.
type entry struct {
	Name     string `json:"name"`
	Replaces bool   `json:"replaces"` // whether there was a file of that name before
}

func (j journal) encode() ([]byte, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(j)
	if err == nil && len(data) > MaxFileSize {
		err = fmt.Errorf("%d files are too many for one commit", len(j.Files))
	}
	return data, err
}

// parseJournal reads what encode wrote, and nothing else: whoever can write in the directory can have written it.
func parseJournal(data []byte) (journal, error) {
	var j journal
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return journal{}, fmt.Errorf("not a journal: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return journal{}, errors.New("not a journal: something follows its end")
	}
	if err := j.check(); err != nil {
		return journal{}, err
	}
	return j, nil
}

func (j journal) check() error {
	if j.Version != journalVersion {
		return fmt.Errorf("journal version %d, this milvus-certs knows version %d", j.Version, journalVersion)
	}
	if len(j.Files) == 0 {
		return errors.New("journal without files")
	}
	names := make(map[string]bool, len(j.Files)+1)
	for _, f := range j.Files {
		if err := checkName(f.Name); err != nil {
			return err
		}
		if names[f.Name] {
			return fmt.Errorf("file name %q: given twice", f.Name)
		}
		names[f.Name] = true
	}
	if j.Backup == "" {
		return nil
	}
	if names[j.Backup] {
		return fmt.Errorf("file name %q: given to the backup folder too", j.Backup)
	}
	return checkName(j.Backup)
}

// names returns the set of file names in the journal.
func (j journal) names() map[string]bool {
	names := make(map[string]bool, len(j.Files))
	for _, f := range j.Files {
		names[f.Name] = true
	}
	return names
}

// checkName holds names to plain ones: a leading dot is kept for the files of this package, and a name that is not
// UTF-8 would come out of the journal as another.
func checkName(name string) error {
	plain := utf8.ValidString(name) && filepath.IsLocal(name) && name[0] != '.' && !strings.ContainsAny(name, `/\`) &&
		!strings.ContainsFunc(name, unicode.IsControl)
	if !plain {
		return fmt.Errorf("file name %q: wanted the name of a file in the directory, without path or leading dot", name)
	}
	return nil
}
