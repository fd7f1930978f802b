package yamledit

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSeveral: settings of one section, some there and some not; lines are those of the text that comes out.
func TestSeveral(t *testing.T) {
	in := "a:\n  b: 0\n  c: /x # c\nd: 1\n"
	out, changes, err := Set([]byte(in), nil, []Setting{
		setting("e.f", "/f"), setting("a.c", "/x"), setting("a.new", true), setting("a.b", 1), setting("e.g", 2),
	})
	require.NoError(t, err)
	assert.Equal(t, "a:\n  b: 1\n  c: /x # c\n  new: true\nd: 1\n\ne:\n  f: /f\n  g: 2\n", string(out))
	assert.Equal(t, []Change{
		{Path: []string{"e", "f"}, Line: 8, To: "/f"},
		{Path: []string{"a", "c"}, Line: 3, From: "/x", To: "/x", Same: true},
		{Path: []string{"a", "new"}, Line: 4, To: "true"},
		{Path: []string{"a", "b"}, Line: 2, From: "0", To: "1"},
		{Path: []string{"e", "g"}, Line: 9, To: "2"},
	}, changes)
}

// TestAllOrNothing: one that is refused keeps the others from being made.
func TestAllOrNothing(t *testing.T) {
	in := []byte("a: 0\nb: {}\n")
	out, _, err := Set(in, nil, []Setting{setting("a", 1), setting("b.c", 1)})
	require.Error(t, err)
	assert.Nil(t, out)
	assert.Equal(t, "a: 0\nb: {}\n", string(in))
}

// TestExactKeys: without a fold, keys are what they are.
func TestExactKeys(t *testing.T) {
	out, _, err := Set([]byte("A: 0\na.b: 0\nab: 0\n"), nil, []Setting{setting("a.b", 1)})
	require.NoError(t, err)
	assert.Equal(t, "A: 0\na.b: 0\nab: 0\n\na:\n  b: 1\n", string(out))
}

// TestKind: what a text is as a whole. Of several documents the first comes with the error.
func TestKind(t *testing.T) {
	for in, want := range map[string]Kind{"": Absent, "# x\n": Absent, "~\n": Null, "a: 1\n": Mapping, "- a\n": Sequence, "a\n": Scalar, "- a\n---\nb: 1\n": Sequence} {
		d, err := Parse([]byte(in), nil)
		assert.Equal(t, want, d.Kind(), in)
		assert.Equal(t, strings.Contains(in, "---"), err != nil, in)
	}
}

func TestGet(t *testing.T) {
	d, err := Parse([]byte(strings.TrimLeft(`
x: &x
  merged: m
  B: other
a:
  <<: [*x, *x]
  plain: 8080 # p
  "quoted": '1'
  tagged: !!str 1
  null: ~
  none:
  list: [1, 2]
alias: *x
`, "\n")), loose)
	require.NoError(t, err)
	for path, want := range map[string]Value{
		"a.plain":        {6, "8080", false, Scalar},
		"A.Plain":        {6, "8080", false, Scalar},
		"a.quoted":       {7, "1", true, Scalar},
		"a.tagged":       {8, "1", true, Scalar},
		"a.null":         {9, "", false, Null},
		"a.none":         {10, "", false, Null},
		"a.list":         {11, "", false, Sequence},
		"a.merged":       {2, "m", false, Scalar},
		"a.b":            {3, "other", false, Scalar},
		"alias":          {12, "", false, Mapping},
		"alias.merged":   {2, "m", false, Scalar},
		"a.nothing":      {0, "", false, Absent},
		"a.plain.deeper": {0, "", false, Absent},
	} {
		v, err := d.Get(strings.Split(path, ".")...)
		require.NoError(t, err, path)
		assert.Equal(t, want, v, path)
	}
}

// TestHostile: texts that are made to take long do not.
func TestHostile(t *testing.T) {
	var merges, ways strings.Builder
	merges.WriteString("m0: &m0 {a: 1}\n")
	ways.WriteString("w0: &w0 {z: 1}\n")
	for i := range 80 {
		fmt.Fprintf(&merges, "m%d: &m%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d, ", i), 20), ", "))
		fmt.Fprintf(&ways, "w%d: &w%d {a: *w%d, A: *w%d, _a: *w%d, a_: *w%d}\n", i+1, i+1, i, i, i, i)
	}
	d, err := Parse([]byte(merges.String()), loose)
	require.NoError(t, err)
	v, err := d.Get("m80", "a")
	require.NoError(t, err)
	assert.Equal(t, "1", v.Text)

	d, err = Parse([]byte(ways.String()), loose)
	require.NoError(t, err)
	_, err = d.Get(append([]string{"w80"}, strings.Split(strings.Repeat("a.", 80)+"q", ".")...)...)
	require.Error(t, err) // each way is there twice
	// Each of many keys, which all fold to the same, takes in a long chain of mappings.
	var chain strings.Builder
	chain.WriteString("x: &m0\n  a: 1\n")
	for i := range 1000 {
		fmt.Fprintf(&chain, "x%d: &m%d\n  <<: *m%d\n  k%d: 1\n", i+1, i+1, i, i)
	}
	for i := range 500 {
		fmt.Fprintf(&chain, "%sc: {<<: *m1000}\n", strings.Repeat("_", i))
	}
	d, err = Parse([]byte(chain.String()), loose)
	require.NoError(t, err)
	_, err = d.Get("cd")
	require.ErrorContains(t, err, "more merge keys (<<) than can be followed")

	d, err = Parse([]byte("a: &a\n  <<: *a\n  b: *a\n"), loose)
	require.NoError(t, err)
	_, err = d.Get("a", "b", "b", "b", "c")
	require.NoError(t, err)
}

// FuzzSet: what is accepted reads as before but for what was set, only lines of what was set differ, and a second time changes
// nothing.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		"", "# x", "a: 0\nb:\n  c: 1 # x\n", "a:\n\n# x\nb: {c: 1}\r\n", "\ufeffa: &x |+\n  x\n\nb: *x\n...\n", "---\na: >-\n  x\n  # y\nc: \"x\n  y\"",
		"b:\n- 1\n- c: 1\na: 'x''y'", "<<: {a: 1}\nB:\n  C: 0", "? a\n: 1\nb: !!str 1", "a: 0\u0085b: 1\u2028", "{a: 0, b: {c: }}", "a.b.c: 1\n&x b: 0\n*x : 1",
	} {
		f.Add([]byte(seed), "/new", 1, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, text string, number int, flag bool) {
		settings := []Setting{setting("a", number), setting("b.c", text), setting("b.d.e", flag), setting("B.d.f", text)}
		out, changes, err := Set(data, loose, settings)
		if err != nil {
			require.IsType(t, &Error{}, err)
			return
		}
		before, err := Parse(data, loose)
		require.NoError(t, err)
		after, err := Parse(out, loose)
		require.NoError(t, err)
		require.NoError(t, unharmed(before, after, settings))
		same := 0
		for i, c := range changes {
			v, err := after.Get(c.Path...)
			require.NoError(t, err)
			require.Equal(t, settings[i].Text(), v.Text)
			if c.Same {
				same++
			}
		}
		wantKept(t, data, out, 2*(len(changes)-same)+2)
		again, changes, err := Set(out, loose, settings)
		require.NoError(t, err)
		require.Equal(t, string(out), string(again))
		for _, c := range changes {
			require.True(t, c.Same)
		}
	})
}

// wantKept wants the lines of a text to be those of another, in their order, but for a few that differ.
func wantKept(t *testing.T, data, out []byte, few int) {
	t.Helper()
	was, is := bytes.SplitAfter(data, []byte("\n")), bytes.SplitAfter(out, []byte("\n"))
	lost := 0
	for _, line := range was {
		i := 0
		for i < len(is) && !bytes.Equal(is[i], line) {
			i++
		}
		if i == len(is) {
			lost++ // it was changed
			continue
		}
		is = is[i+1:]
	}
	require.LessOrEqual(t, lost, few)
}
