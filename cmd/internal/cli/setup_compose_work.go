package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// composeSchema names the form of the report. A change that could break a reader changes the number.
const composeSchema = "milvus-certs/setup-compose/v1"

// What became of a file.
const (
	fileNew       = "new"
	fileChanged   = "changed"
	fileUnchanged = "unchanged"
	fileLeftAlone = "left alone" // it is another, and someone's own
)

// composeReport is what setup compose says, in JSON as it stands.
type composeReport struct {
	Schema     string        `json:"schema"`
	Directory  string        `json:"directory"`
	Folder     string        `json:"folder"`
	Files      []composeFile `json:"files"`       // in tls/
	RestartDue bool          `json:"restart_due"` // a Milvus that runs has other files
	Override   composeFile   `json:"override"`
	Fragment   string        `json:"fragment"` // what is in the override file, or belongs into it
	remarks
}

type composeFile struct {
	File  string `json:"file"`
	State string `json:"state"`
}

// layOut brings tls/ up to date, and writes the override where there is none.
func (a *app) layOut(o *composeOptions, set *deployed, there *composeThere) error {
	report := &composeReport{Schema: composeSchema, Directory: o.dir, Folder: o.folder, remarks: newRemarks()}
	report.Warnings = oneLineEach(there.warnings(set, a.now()))
	values, taken := there.values()
	if taken != nil {
		report.Warnings = append(report.Warnings, oneLine(portTaken(taken)+"; --http-port chooses another"))
	}
	var err error
	if report.Fragment, err = values.Override(); err != nil {
		return err
	}
	if err := a.fillTLS(o, set, report); err != nil {
		return err
	}
	if err := a.writeOverride(o, there, report); err != nil {
		return err
	}
	report.next(there)
	return a.printCompose(o, report)
}

// want wants there to be what the flags are about.
func (t *composeThere) want() error {
	port, _ := milvus.ParseHTTPPort(t.ports) // it was checked before
	switch {
	case t.compose != "" && t.unreadable == nil && !t.found.Found && t.found.Vague+t.found.Unsure == "":
		return fmt.Errorf("%s has no service %s; --service names that of Milvus%s", filepath.Join(t.folder, t.compose), t.service, t.services())
	case t.rest.Off && port > 0:
		return fmt.Errorf("--http-port %d: REST is off in %s (proxy.http.enabled: false), and there is nothing to be published; %s --http-port PORT switches it on", port, t.configuration(), t.setupMilvus())
	}
	return nil
}

// warnings are what will not work, or not for everyone, and is not for this command to put right.
func (t *composeThere) warnings(set *deployed, at time.Time) (warnings []string) {
	notFailure := func(f verify.Finding) bool { return !isFailure(f) }
	warnings = asWarnings(slices.DeleteFunc(t.configured(set, at), notFailure))
	switch {
	case t.unreadable != nil:
		warnings = append(warnings, t.unreadable.Error())
	case t.compose == "":
		warnings = append(warnings, fmt.Sprintf("there is no docker-compose.yml in %s; FOLDER names the folder that it lies in", t.folder))
	}
	notChecked := func(f verify.Finding) bool { return f.Severity == verify.NotChecked }
	more := slices.Concat(strayKeys(t.composeOptions), t.exposed(), t.environment(), t.lacks(set))
	return append(warnings, asWarnings(slices.DeleteFunc(more, notChecked))...)
}

// serverFile is a file as it lies in tls/: keys for their owner alone.
func serverFile(f certset.File) certset.File {
	const private, public = 0o600, 0o644
	out := certset.File{Name: f.Name, Mode: public, Data: f.Data}
	if filepath.Ext(f.Name) == certset.KeyEnding {
		out.Mode = private
	}
	return out
}

// makeTLS makes the folder where it is missing. A Milvus that does not run as root has to get into it, so that umask does not count: the
// key in it has a mode of its own.
func makeTLS(path string) error {
	const public = 0o755
	err := os.Mkdir(path, public)
	if os.IsExist(err) {
		return nil
	}
	if err == nil {
		err = os.Chmod(path, public)
	}
	if err != nil {
		return fmt.Errorf("cannot make %s: %w", path, withoutPath(err, path))
	}
	return nil
}

// fillTLS makes the files in tls/ those of the set, all or none.
func (a *app) fillTLS(o *composeOptions, set *deployed, report *composeReport) error {
	if err := makeTLS(o.tls()); err != nil {
		return err
	}
	dir, err := store.Open(o.tls())
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // what was committed is there
	if err := a.lock(o.output, dir, o.tls()); err != nil {
		return err
	}
	old, err := dir.Read(deploy.ServerFiles())
	if err != nil {
		return err
	}
	var files []certset.File
	for _, name := range deploy.ServerFiles() {
		f := serverFile(set.Files[name])
		was, found := old[name]
		state := fileUnchanged
		switch {
		case !found:
			state = fileNew
		case !bytes.Equal(was.Data, f.Data):
			state, report.RestartDue = fileChanged, true
		case modesMatter && was.Mode != f.Mode && !readByGroup(was):
			state = fileChanged
		}
		report.Files = append(report.Files, composeFile{name, state})
		if state != fileUnchanged {
			files = append(files, f)
		}
	}
	return dir.Commit(files, "")
}

// readByGroup tells whether a key was given to a group, for a Milvus that does not run as root.
func readByGroup(f certset.File) bool {
	const group = 0o640
	return filepath.Ext(f.Name) == certset.KeyEnding && f.Mode == group
}

func isFailure(f verify.Finding) bool { return f.Severity == verify.Failure }

// next are the commands that come next.
func (r *composeReport) next(there *composeThere) {
	in := ""
	if dir := filepath.Clean(r.Folder); dir != "." {
		in = "cd " + pathIn(dir, "") + " && "
	}
	up := in + "docker compose up -d"
	switch {
	case there.noConfiguration != nil:
	case r.Override.State == fileLeftAlone && slices.ContainsFunc(there.mounted(), isFailure):
		r.Next = append(r.Next, up+"   # once what is printed is in "+oneLine(filepath.Join(r.Folder, r.Override.File)))
	case r.Files[0].State == fileNew || r.Override.isWritten():
		r.Next = append(r.Next, up)
	case r.RestartDue:
		r.Next = append(r.Next, in+"docker compose restart "+there.service)
	}
}

func (a *app) printCompose(o *composeOptions, r *composeReport) error {
	if o.format == formatJSON || r.Override.State != fileLeftAlone {
		return a.printReport(o.output, r, r.remarks, r.text())
	}
	// What is printed is what belongs into the file, so that the rest is said.
	for line := range strings.Lines(r.text()) {
		a.say(o.output, "%s", strings.TrimSuffix(line, "\n"))
	}
	loud := o.output
	loud.quiet = false
	rest := r.remarks
	rest.Next = nil
	for _, command := range r.Next {
		rest.Notes = append(rest.Notes, "next: "+command)
	}
	if o.quiet {
		rest = newRemarks()
	}
	return a.printReport(loud, r, rest, r.Fragment)
}

// text is the report for people.
func (r *composeReport) text() string {
	by := map[string][]string{}
	for _, f := range r.Files {
		by[f.State] = append(by[f.State], f.File)
	}
	tls := filepath.Join(r.Folder, deploy.ComposeFolder)
	var out strings.Builder
	if len(by[fileNew])+len(by[fileChanged]) == 0 {
		fmt.Fprintf(&out, "%s is as the set in %s: nothing changed\n", oneLine(tls), oneLine(r.Directory))
	}
	for _, state := range []string{fileNew, fileChanged} {
		if len(by[state]) > 0 {
			fmt.Fprintf(&out, "%s: %s %s\n", oneLine(tls), state, strings.Join(by[state], ", "))
		}
	}
	if r.RestartDue {
		out.WriteString("a restart of Milvus is due: it reads these files when it starts\n")
	}
	what := map[string]string{
		fileNew: "made", fileChanged: "changed to what the flags and milvus.yaml say", fileUnchanged: "is as it should be", fileLeftAlone: "is there already and is left alone; what belongs into it is printed",
	}
	fmt.Fprintf(&out, "%s: %s\n", oneLine(filepath.Join(r.Folder, r.Override.File)), what[r.Override.State])
	return out.String()
}
