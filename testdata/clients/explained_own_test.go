package clients_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aPage has what a page can have.
const aPage = `# A page

| a table | of no rows | of the | wrong kind |

## curl

Text with ` + "`code`" + `.

| text | what | cause | what to do |
|---|---|---|---|
| ` + "`curl: (60) …`" + ` | many | c | d |
| ` + "`curl: (60) … expired`; `curl: (61) … expired`" + ` | ` + "`expired`, `not-yet-valid`" + ` | c | d |
| ` + "`curl: (99)`" + ` | ` + "`host`" + ` (read, not run) | c | d |
| ` + "`curl: (55)`" + ` | many (now and then) | c | d |

## Plaintext

| text | what | cause | what to do |
|---|---|---|---|
| Go SDK: ` + "`short text`" + ` | plaintext server | c | d |

## Go SDK

| text | what | cause | what to do |
|---|---|---|---|
| ` + "`a longer and short text`" + ` | ` + "`host`" + ` | c | d |
`

// onAPage are what it explains.
var onAPage = []happening{
	{"curl", place{set: "1"}, "expired", []string{"curl: (60) it expired"}, nil},
	{"curl", place{set: "2"}, "not-yet-valid", []string{"curl: (61) it expired"}, nil},
	{"curl", place{set: "3"}, "host", []string{"curl: (60) other host"}, []string{"of no interest"}},
	{"curl", place{set: "4"}, "key-usage", []string{"curl: (60) other use"}, nil},
	{"Go SDK", place{set: "5"}, "plaintext server", []string{"a longer and short text"}, nil},
	{"Go SDK", place{set: "6"}, "host", []string{"a longer and short text"}, nil},
}

// TestFaults: the checker of the page can fail.
func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name     string
		old, new string // in the page
		more     []happening
		want     []string
	}{
		{name: "as it is"},
		{name: "made-up text", old: "(61) … expired", new: "(61) … expire soon",
			want: []string{`line 12: curl: "curl: (61) … expire soon" did not happen`, "line 12: did not come of not-yet-valid", `not on the page: curl: "curl: (61) it expired", which came of not-yet-valid {2   }`}},
		{name: "made-up cause", old: "`not-yet-valid`", new: "`not-yet-valid`, `made-up`", want: []string{"line 12: did not come of made-up"}},
		{name: "text of another cause", old: "`expired`, ", new: "",
			want: []string{`line 12: curl: "curl: (60) it expired" came of expired {1   }`}},
		{name: "text that is not explained", more: []happening{{"curl", place{set: "7"}, "host", []string{"a new one"}, nil}},
			want: []string{`not on the page: curl: "a new one", which came of host {7   }`}},
		{name: "text of another client", more: []happening{{"Go SDK", place{set: "7"}, "host", []string{"curl: (99)"}, nil}},
			want: []string{`not on the page: Go SDK: "curl: (99)", which came of host {7   }`}},
		{name: "text of a scenario that came of something else", old: "plaintext server", new: "TLS 1.2",
			want: []string{`line 20: Go SDK: "short text" did not happen`, "line 20: did not come of TLS 1.2",
				`line 26: Go SDK: "a longer and short text" came of plaintext server {5   }`}},
		{name: "also of something else", more: []happening{{"curl", place{set: "7"}, "host", nil, []string{"curl: (60) it expired"}}},
			want: []string{`line 12: curl: "curl: (60) it expired" came of host {7   }`}},
		{name: "many that are one", old: "`host` (read, not run)", new: "many", more: []happening{{"curl", place{set: "7"}, "host", []string{"curl: (99)"}, nil}}, want: []string{"line 13: came of [host] alone"}},
		{name: "read, and wrong", more: []happening{{"curl", place{set: "7"}, "expired", []string{"curl: (99)"}, nil}},
			want: []string{`line 13: curl: "curl: (99)" came of expired {7   }`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Contains(t, aPage, tc.old)
			rows, err := readRows(strings.Replace(aPage, tc.old, tc.new, 1))
			require.NoError(t, err)
			assert.Equal(t, tc.want, faults(rows, append(onAPage[:len(onAPage):len(onAPage)], tc.more...)))
		})
	}
}

// TestReadRows: a row that says nothing, or of nobody, is an error.
func TestReadRows(t *testing.T) {
	for _, tc := range []struct{ row, want string }{
		{"| `a text` | host | c |", "3 columns instead of 4"},
		{"| a text | host | c | d |", "wants a text, and what it comes of"},
		{"| `a text` | | c | d |", "columns instead of 4"},
		{"| `a text` |  | c | d |", "wants a text, and what it comes of"},
		{"| `a text` | many, host | c | d |", "wants a text, and what it comes of"},
		{"| `…ab…` | host | c | d |", "hardly a text"},
	} {
		_, err := readRows("## curl\n| a | b | c | d |\n|---|---|---|---|\n" + tc.row + "\n")
		assert.ErrorContains(t, err, tc.want, tc.row)
	}
	_, err := readRows("## Nobody\n|---|---|---|---|\n| `a text` | host | c | d |\n")
	assert.ErrorContains(t, err, "no client")
}
