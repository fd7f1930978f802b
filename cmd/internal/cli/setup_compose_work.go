package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/store"
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
	report.Warnings = oneLineEach(there.warnings(set))
	var err error
	if report.Fragment, err = there.values().Override(); err != nil {
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

// warnings are what will not work, or not for everyone, and is not for this command to put right.
func (t *composeThere) warnings(set *deployed) (warnings []string) {
	if t.noConfiguration != nil {
		warnings = append(warnings, t.noConfiguration.Error())
	}
	switch {
	case t.unreadable != nil:
		warnings = append(warnings, t.unreadable.Error())
	case t.compose == "":
		warnings = append(warnings, fmt.Sprintf("there is no docker-compose.yml in %s; FOLDER names the folder that it lies in", t.folder))
	case !t.found.Found:
		warnings = append(warnings, fmt.Sprintf("%s has no service %s; --service names that of Milvus", filepath.Join(t.folder, t.compose), t.service))
	}
	for _, f := range strayKeys(t.composeOptions) {
		warnings = append(warnings, f.Problem+"; "+f.WayOut)
	}
	return append(warnings, asWarnings(t.lacks(set))...)
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

// fillTLS makes the files in tls/ those of the set, all or none.
func (a *app) fillTLS(o *composeOptions, set *deployed, report *composeReport) error {
	const folderMode = 0o755
	if err := os.Mkdir(o.tls(), folderMode); err != nil && !os.IsExist(err) {
		return fmt.Errorf("cannot make %s: %w", o.tls(), withoutPath(err, o.tls()))
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

// writeOverride writes the override file where there is none.
func (a *app) writeOverride(o *composeOptions, there *composeThere, report *composeReport) error {
	name := there.override
	switch {
	case name == deploy.OverrideName && there.overrideText == report.Fragment:
		report.Override = composeFile{name, fileUnchanged}
		return nil
	case name != "":
		report.Override = composeFile{name, fileLeftAlone}
		return nil
	}
	const public = 0o644
	report.Override = composeFile{deploy.OverrideName, fileNew}
	file := certset.File{Name: deploy.OverrideName, Mode: public, Data: []byte(report.Fragment)}
	return a.writeNew(o.output, o.folder, []certset.File{file}, "run the command again")
}

// next are the commands that come next.
func (r *composeReport) next(there *composeThere) {
	in := ""
	if dir := filepath.Clean(r.Folder); dir != "." {
		in = "cd " + pathIn(dir, "") + " && "
	}
	switch {
	case there.noConfiguration != nil:
	case r.Files[0].State == fileNew || r.Override.State == fileNew:
		r.Next = append(r.Next, in+"docker compose up -d")
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
		fileNew: "made", fileUnchanged: "is as it should be", fileLeftAlone: "is there already and is left alone; what belongs into it is printed",
	}
	fmt.Fprintf(&out, "%s: %s\n", oneLine(filepath.Join(r.Folder, r.Override.File)), what[r.Override.State])
	return out.String()
}
