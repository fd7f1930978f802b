package sets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Set is a set of certificates, named by what is the matter with it.
type Set struct {
	Name string
	Make func(dir string) error // writes the nine files
	As   []string               // server names to try besides localhost and 127.0.0.1
}

// All are the sets that clients are tried with.
func All(program Program) []Set {
	return slices.Concat(
		scripts(program), kinds(program), names(), wildcards(), constraints(), authorities(), strangers(), intermediates(),
		usages(), extensions(), times(), fields(), keyFiles(), certificateFiles(),
	)
}

// as adds names that the server is dialled as.
func (s Set) as(names ...string) Set {
	s.As = append(slices.Clone(s.As), names...)
	return s
}

// atOnce suits two cores: the time goes into making keys.
const atOnce = 2

// Make makes sets in folders of their names.
func Make(folder string, all []Set) error {
	errs := make([]error, len(all))
	turns := make(chan struct{}, atOnce)
	var making sync.WaitGroup
	for i, set := range all {
		turns <- struct{}{}
		making.Go(func() {
			defer func() { <-turns }()
			dir := filepath.Join(folder, set.Name)
			// A folder that exists is that of another set of this name.
			if errs[i] = os.Mkdir(dir, 0o700); errs[i] == nil {
				errs[i] = set.Make(dir)
			}
			if errs[i] != nil {
				errs[i] = fmt.Errorf("%s: %w", set.Name, errs[i])
			}
		})
	}
	making.Wait()
	return errors.Join(errs...)
}
