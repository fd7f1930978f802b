package main

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func wantArgs(ts *testscript.TestScript, neg bool, args []string, least int, usage string) {
	if neg || len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
}

// run runs a program and returns its exit status. What it printed is there for stdout, stderr and the commands below.
func run(ts *testscript.TestScript, args []string) int {
	if args[0] == "unprivileged" {
		if args = args[1:]; os.Geteuid() == 0 {
			args = slices.Concat(withoutRights, args)
		}
	}
	err := ts.Exec(args[0], args[1:]...)
	if err == nil {
		return 0
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		ts.Fatalf("%v", err)
	}
	return exit.ExitCode()
}

func wantStatus(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := run(ts, args[1:]); got != want {
		ts.Fatalf("exit status %d, wanted %d", got, want)
	}
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "status N program arg…")
	wantStatus(ts, args)
}

func cmdRefused(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "refused N program arg…")
	before := snapshot(ts)
	wantStatus(ts, args)
	if stdout := ts.ReadFile("stdout"); stdout != "" {
		ts.Fatalf("wanted nothing on standard output, found %q", stdout)
	}
	complaint(ts)
	if after := snapshot(ts); !slices.Equal(before, after) {
		ts.Fatalf("files were touched\nbefore: %s\nafter:  %s", before, after)
	}
}

// complaint returns the error of the last program: one line, lower case, without a full stop.
func complaint(ts *testscript.TestScript) string {
	line, ended := strings.CutSuffix(ts.ReadFile("stderr"), "\n")
	text, named := strings.CutPrefix(line, "milvus-certs: ")
	switch {
	case !ended || !named || strings.Contains(line, "\n"):
		ts.Fatalf("wanted one line that starts with the program's name, found %q", line)
	case text == "" || text[0] >= 'A' && text[0] <= 'Z', strings.HasSuffix(text, "."):
		ts.Fatalf("wanted lower case and no full stop, found %q", text)
	}
	return text
}

func cmdSays(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 1, "says text")
	if got, want := complaint(ts), strings.Join(args, " "); got != want {
		ts.Fatalf("wanted %s\nfound  %s", want, got)
	}
}

// snapshot describes everything in the script's folder: what is new, gone, replaced or written shows.
func snapshot(ts *testscript.TestScript) []string {
	var all []string
	err := filepath.WalkDir(ts.Getenv("WORK"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %s %d", path, info.Mode(), info.Size())
		if !info.IsDir() { // a lock comes and goes in a folder
			line += info.ModTime().String()
		}
		all = append(all, line)
		return nil
	})
	ts.Check(err)
	return all
}

func cmdFiles(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 1, "files dir name…")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var found []string
	for _, e := range entries {
		if ts.MkAbs(args[0]) != ts.Getenv("WORK") || e.Name() != ".home" && e.Name() != ".tmp" {
			found = append(found, e.Name())
		}
	}
	left := slices.Clone(found)
	for _, pattern := range strings.Fields(strings.Join(args[1:], " ")) {
		i := slices.IndexFunc(left, func(name string) bool {
			matches, err := filepath.Match(pattern, name)
			return err == nil && matches
		})
		if i < 0 {
			ts.Fatalf("%s is missing in %s: %s", pattern, args[0], found)
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		ts.Fatalf("%s should not be in %s", left, args[0])
	}
}

func cmdRename(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "rename dir/pattern name")
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("wanted one match, found %s", found)
	}
	ts.Check(os.Rename(found[0], filepath.Join(filepath.Dir(found[0]), args[1])))
}

func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "mode mode file…")
	for _, name := range strings.Fields(strings.Join(args[1:], " ")) {
		info, err := os.Lstat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] || !info.Mode().IsRegular() {
			ts.Fatalf("%s: mode %s (%s), wanted %s", name, got, info.Mode(), args[0])
		}
	}
}

func cmdSecret(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 1, "secret file…")
	const header, telling = 36, 12 // bytes: what all keys of a kind start with, and what shows that a key was printed
	printed := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, name := range args {
		block, _ := pem.Decode([]byte(ts.ReadFile(name)))
		if block == nil {
			ts.Fatalf("%s is no private key", name)
		}
		for i := header; i+telling <= len(block.Bytes); i++ {
			part := block.Bytes[i : i+telling]
			if strings.Contains(printed, base64.StdEncoding.EncodeToString(part)) || strings.Contains(printed, string(part)) {
				ts.Fatalf("a part of %s was printed", name)
			}
		}
	}
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "json file path=value…")
	var report any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &report))
	for _, arg := range args[1:] {
		path, want, _ := strings.Cut(arg, "=")
		if got := fmt.Sprint(lookUp(ts, report, path)); got != want {
			ts.Fatalf("%s is %s, wanted %s", path, got, want)
		}
	}
}

// lookUp follows a path of keys and indexes.
func lookUp(ts *testscript.TestScript, value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			found, ok := v[step]
			if !ok {
				ts.Fatalf("%s: there is no %q", path, step)
			}
			value = found
		case []any:
			if step == "length" {
				return len(v)
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s: the list has %d items", path, len(v))
			}
			value = v[i]
		default:
			ts.Fatalf("%s: nothing is under %q", path, step)
		}
	}
	return value
}

// cmdJournal leaves what an init --force leaves that is killed when its journal has just appeared: under the name "apply"
// when it was going forward, "undo" when it was going back.
func cmdJournal(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "journal apply|undo dir")
	type entry struct {
		Name     string `json:"name"`
		Replaces bool   `json:"replaces"`
	}
	journal := struct {
		Version int     `json:"version"`
		Files   []entry `json:"files"`
		Backup  string  `json:"backup"`
	}{Version: 1, Backup: "backup"}
	staging := ts.MkAbs(".milvus-certs.tx")
	for _, dir := range []string{"new", "old"} {
		ts.Check(os.MkdirAll(filepath.Join(staging, dir), 0o700))
	}
	for _, name := range certset.Names() {
		copyFile(ts, filepath.Join(ts.MkAbs(args[1]), name), filepath.Join(staging, "new", name))
		copyFile(ts, ts.MkAbs(name), filepath.Join(staging, "old", name))
		journal.Files = append(journal.Files, entry{name, true})
	}
	record, err := json.Marshal(journal)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(staging, args[0]), record, 0o600))
}

func copyFile(ts *testscript.TestScript, from, to string) {
	data, err := os.ReadFile(from)
	ts.Check(err)
	info, err := os.Stat(from)
	ts.Check(err)
	ts.Check(os.WriteFile(to, data, info.Mode()))
	ts.Check(os.Chmod(to, info.Mode()))
}
