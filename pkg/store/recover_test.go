package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A staging folder in each state in which it can be left, and in some in which it cannot.
func TestRecover(t *testing.T) {
	const journal = `0600 {"version":1,"files":[{"name":"a","replaces":true},{"name":"b","replaces":false}],` +
		`"backup":"kept"}`
	folders := tree{stagingDir: "folder 0700", newDir: "folder 0700", oldDir: "folder 0700"}

	tests := []struct {
		name    string
		left    tree
		want    tree
		outcome Recovery
		err     string
	}{
		{name: "nothing", left: tree{}, want: tree{}},
		{name: "an empty folder", left: tree{stagingDir: "folder 0700"}, want: tree{}},
		{
			name: "no journal yet",
			left: tree{"a": "0600 1", staged("a"): "0600 2", replaced("a"): "0600 1", draft: "0600 {"},
			want: tree{"a": "0600 1"}, outcome: Undone,
		},
		{
			name: "nothing applied",
			left: tree{"a": "0600 1", staged("a"): "0600 2", staged("b"): "0644 2", replaced("a"): "0600 1", applying: journal},
			want: tree{"a": "0600 2", "b": "0644 2", "kept": "folder 0700", "kept/a": "0600 1"}, outcome: Completed,
		},
		{
			name: "half applied",
			left: tree{"a": "0600 2", staged("b"): "0644 2", replaced("a"): "0600 1", applying: journal},
			want: tree{"a": "0600 2", "b": "0644 2", "kept": "folder 0700", "kept/a": "0600 1"}, outcome: Completed,
		},
		{
			name: "half undone",
			left: tree{"a": "0600 2", staged("b"): "0644 2", replaced("a"): "0600 1", undoing: journal},
			want: tree{"a": "0600 1"}, outcome: Undone,
		},
		{
			name: "undone",
			left: tree{"a": "0600 1", staged("b"): "0644 2", undoing: journal},
			want: tree{"a": "0600 1"}, outcome: Undone,
		},
		{
			name: "done",
			left: tree{"a": "0600 2", "b": "0644 2", replaced("a"): "0600 1", done: journal},
			want: tree{"a": "0600 2", "b": "0644 2"}, outcome: Completed,
		},
		{
			name: "neither here nor there", left: tree{"a": "0600 2", applying: journal},
			err: applying + " names b, which is neither here nor there",
		},
		{name: "strange file", left: tree{stagingDir + "/x": "0600 "}, err: `holds "x"`},
		{name: "folder among the files", left: tree{staged("x"): "folder 0700"}, err: `new holds "x"`},
		{name: "folder for a journal", left: tree{applying: "folder 0700"}, err: "apply is a directory"},
		{name: "not in the journal", left: tree{staged("x"): "0600 ", undoing: journal}, err: `new holds "x"`},
		{name: "two journals", left: tree{applying: journal, undoing: journal}, err: "holds more than one journal"},
		{name: "no journal at all", left: tree{applying: "0600 {}"}, err: "apply cannot be read (journal version 0"},
		{
			name: "a journal that leads out", left: tree{applying: strings.ReplaceAll(journal, `"b"`, `"../b"`)},
			err: `apply cannot be read (file name "../b"`,
		},
		{
			name: "an endless journal", left: tree{applying: "0600 " + strings.Repeat(" ", MaxFileSize+1)},
			err: "apply is too long: at most 1048576 bytes are read",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if len(test.left) > 1 || test.err != "" {
				for name, folder := range folders {
					test.left[name] = folder
				}
			}
			test.left.restore(t, dir)
			d := open(t, dir)
			outcome, err := d.Lock(0, nil)
			if test.err != "" {
				assert.ErrorContains(t, err, test.err)
				assert.Equal(t, test.left, readTree(t, dir), "nothing is touched")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.outcome, outcome)
			require.NoError(t, d.Close())
			assert.Equal(t, test.want, readTree(t, dir))
		})
	}
}

func TestRecoverDoesNotFollowLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, elsewhere, other)
	staging := filepath.Join(dir, stagingDir)
	require.NoError(t, os.Symlink(elsewhere, staging))
	_, err := open(t, dir).Lock(0, nil)
	assert.EqualError(t, err, staging+" is a symbolic link, not a directory of milvus-certs: look at it, then remove it")

	for _, name := range []string{"new", "old", "apply", "journal"} {
		require.NoError(t, os.Remove(staging))
		require.NoError(t, os.Mkdir(staging, 0o700))
		require.NoError(t, os.Symlink(elsewhere, filepath.Join(staging, name)))
		_, err := open(t, dir).Lock(0, nil)
		assert.ErrorContains(t, err, name+" is a symbolic link")
		require.NoError(t, os.Remove(filepath.Join(staging, name)))
	}
	assert.Equal(t, tree{}.put("", other), readTree(t, elsewhere))
}

func TestRecoveryInWords(t *testing.T) {
	assert.Equal(t, "nothing completed undone",
		NothingToRecover.String()+" "+Completed.String()+" "+Undone.String())
}
