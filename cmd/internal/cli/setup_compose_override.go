package cli

import (
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// becomes is what becomes of the override file, where a text is to be in it. One that this program wrote it replaces.
func (r composeOverride) becomes(text string) composeFile {
	switch {
	case r.override == "":
		return composeFile{deploy.OverrideName, fileNew}
	case r.text == text:
		return composeFile{r.override, fileUnchanged}
	case r.own != nil:
		return composeFile{r.override, fileChanged}
	}
	return composeFile{r.override, fileLeftAlone}
}

// writeOverride writes the override file, unless it is someone's own.
func (a *app) writeOverride(o *composeOptions, there *composeThere, report *composeReport) (err error) {
	report.Override = there.becomes(report.Fragment)
	if !report.Override.isWritten() {
		return nil
	}
	dir, err := store.Open(o.folder)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := dir.Close(); closeErr != nil && err == nil {
			a.say(o.output, "warning: %v", closeErr)
		}
	}()
	if err := a.lock(o.output, dir, o.folder); err != nil {
		return err
	}
	// Another command may have written it since.
	if there.composeOverride, err = o.readOverride(dir); err != nil {
		return err
	}
	report.Override = there.becomes(report.Fragment)
	if !report.Override.isWritten() {
		return nil
	}
	const public = 0o644
	return dir.Commit([]certset.File{{Name: report.Override.File, Mode: public, Data: []byte(report.Fragment)}}, "")
}

func (f composeFile) isWritten() bool { return f.State == fileNew || f.State == fileChanged }
