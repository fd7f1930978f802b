package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJournal(t *testing.T) {
	for data, want := range map[string]string{
		`{"version":1,"files":[{"name":"ca.key","replaces":true}],"backup":"kept"}`: "",
		`{"version":1,"files":[{"name":"ca.key","replaces":false}]}`:                "",
		``:                                     "not a journal",
		`null`:                                 "journal version 0, this milvus-certs knows version 1",
		`{"version":2,"files":[{"name":"a"}]}`: "journal version 2",
		`{"version":1}`:                        "journal without files",
		`{"version":1,"files":[{"name":"a"}],"then":"rm"}`:                  `unknown field "then"`,
		`{"version":1,"files":[{"name":"a"}]}{}`:                            "something follows its end",
		`{"version":1,"files":[{"name":"a"},{"name":"a"}]}`:                 `"a": given twice`,
		`{"version":1,"files":[{"name":"a"}],"backup":"a"}`:                 `"a": given to the backup folder too`,
		`{"version":1,"files":[{"name":"a"}],"backup":"../b"}`:              `"../b": wanted the name`,
		`{"version":1,"files":[{"name":""}]}`:                               `"": wanted`,
		`{"version":1,"files":[{"name":"."}]}`:                              `".": wanted`,
		`{"version":1,"files":[{"name":".."}]}`:                             `"..": wanted`,
		`{"version":1,"files":[{"name":".bashrc"}]}`:                        `".bashrc": wanted`,
		`{"version":1,"files":[{"name":"/etc/passwd"}]}`:                    `"/etc/passwd": wanted`,
		`{"version":1,"files":[{"name":"a/b"}]}`:                            `"a/b": wanted`,
		`{"version":1,"files":[{"name":"a\\b"}]}`:                           `"a\\b": wanted`,
		`{"version":1,"files":[{"name":"a\u0000"}]}`:                        `"a\x00": wanted`,
		`{"version":1,"files":[{"name":"a\nb"}]}`:                           `"a\nb": wanted`,
		`{"version":1,"files":[` + strings.Repeat(`{"name":"a"},`, 9) + `]`: "not a journal",
	} {
		_, err := parseJournal([]byte(data))
		if want == "" {
			assert.NoError(t, err, data)
		} else {
			assert.ErrorContains(t, err, want, data)
		}
	}
}

func TestJournalHasABound(t *testing.T) {
	j := journal{Version: journalVersion}
	for i := range 5000 {
		j.Files = append(j.Files, entry{Name: strings.Repeat("x", 200) + strings.Repeat("y", i%50) + string(rune(0x4e00+i))})
	}
	_, err := j.encode()
	assert.ErrorContains(t, err, "5000 files are too many for one commit")
}

// What parses is within the rules, and is what it is written as.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"files":[{"name":"a","replaces":true},{"name":"b","replaces":false}],"backup":"kept"}`))
	f.Add([]byte(`{"version":1,"files":[{"name":"../ca.key"}]}`))
	f.Add([]byte(`{"version":1,"files":[{"name":"\ud800"}],"Files":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := parseJournal(data)
		if err != nil {
			return
		}
		for name := range j.names() {
			assert.NoError(t, checkName(name))
			assert.NotContains(t, name, "/")
			assert.NotEqual(t, byte('.'), name[0])
		}
		written, err := j.encode()
		if len(data) <= MaxFileSize/8 {
			require.NoError(t, err)
			again, err := parseJournal(written)
			require.NoError(t, err)
			assert.Equal(t, j, again)
		}
	})
}
