package opensslconf

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parse reads text as "x.cnf", with HOME set and with the files given.
func parse(text string, files fstest.MapFS) (*Conf, error) {
	return Parse("x.cnf", strings.NewReader(text), System{
		Open: func(path string) (fs.File, error) { return files.Open(path) },
		LookupEnv: func(name string) (string, bool) {
			return "/home/milvus", name == "HOME"
		},
	})
}

// render writes a conf as "[section] key=value key=value …", without an empty default section.
func render(c *Conf) string {
	var out []string
	for _, name := range c.Sections() {
		values, _ := c.Section(name)
		if name == defaultSection && len(values) == 0 {
			continue
		}
		parts := []string{"[" + name + "]"}
		for _, v := range values {
			parts = append(parts, v.Key+"="+v.Text)
		}
		out = append(out, strings.Join(parts, " "))
	}
	return strings.Join(out, " ")
}

func TestLanguage(t *testing.T) {
	files := fstest.MapFS{
		"part.cnf":         {Data: []byte("c=3\n[t]\nd=4\n")},
		"sub/deep.cnf":     {Data: []byte(".include part.cnf\ne=5\n")},
		"dir/a.cnf":        {Data: []byte("a=1")},
		"dir/b.conf":       {Data: []byte("b=2")},
		"dir/c.txt":        {Data: []byte("c=3")},
		"dir/.hidden.conf": {Data: []byte("h=8")},
	}
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"blanks around names and values", " [ s ] \n \tk\t=  v w  \n", "[s] k=v w"},
		{"name with inner blanks", "[ my  section ]\na=1", "[my  section] a=1"},
		{"text behind the bracket does not count", "[s] junk ]\na=1", "[s] a=1"},
		{"section without a name", "[]\na=1", "[] a=1"},
		{"DEFAULT is a section like any other", "[DEFAULT]\na=1\n[default]\nb=2", "[default] b=2 [DEFAULT] a=1"},
		{"no inheritance by dots", "[v3]\na=1\n[v3.ca]\nb=2", "[v3] a=1 [v3.ca] b=2"},
		{"a section again continues it", "[s]\na=1\n[t]\nb=2\n[s]\nc=3", "[s] a=1 c=3 [t] b=2"},
		{"the last of a key counts and moves to the end", "[s]\na=1\nb=2\na=3", "[s] b=2 a=3"},
		{"section::key from elsewhere", "[s]\na=1\nt::b=2\nc=3", "[s] a=1 c=3 [t] b=2"},
		{"key without a name", "=x\ny=$", ""},
		{"value with a percent reference of ini", "a=1\nb=%(a)s", "[default] a=1 b=%(a)s"},
		{"value with a semicolon", "a=x ; y", "[default] a=x ; y"},
		{"comment with and without a blank", "a=x#c\nb=y # c", "[default] a=x b=y"},
		{"no comment in quotes or behind a backslash", `a="x # y"` + "\n" + `b=x\#y`, "[default] a=x # y b=x#y"},
		{"an apostrophe opens a quote", "a=Don't # x\n", "[default] a=Dont # x"},
		{"quotes of three kinds", "a=\"1\"'2'`3`", "[default] a=123"},
		{"an unterminated quote runs on", `a="1 2`, "[default] a=1 2"},
		{"a backslash ends the value", "a=x\\\n", "[default] a=x"},
		{"line end, CR LF", "a=1\\\r\n2\r\nb=3\r\n", "[default] a=12 b=3"},
		{"continuation within a comment", "# c \\\na=1\nb=2", "[default] b=2"},
		{"a carriage return within", "a=1\r2", "[default] a=1\r2"},
		{"byte order mark", "\ufeffa=1", "[default] a=1"},
		{"a NUL ends the file", "a=1\n\x00\nb=2", "[default] a=1"},
		{"a NUL within joins the next line", "a=1\x00 x\nb=2", "[default] a=1b=2"},
		{"variables", "v=V\na=$v.x\nb=${v}x\nc=$(v)x", "[default] v=V a=V.x b=Vx c=Vx"},
		{"variables see what stands above", "v=1\na=$v\nv=2\nb=$v", "[default] a=1 v=2 b=2"},
		{"variable of a section, of the default one", "d=D\n[o]\nx=1\n[s]\na=$o::x\nb=$d\nc=$o::d", "[default] d=D [o] x=1 [s] a=1 b=D c=D"},
		{"environment", "a=$ENV::HOME", "[default] a=/home/milvus"},
		{"environment, else the default section", "NOPE=n\na=$ENV::NOPE", "[default] NOPE=n a=n"},
		{"a section ENV comes first", "[ENV]\nHOME=x\n[s]\na=$ENV::HOME", "[ENV] HOME=x [s] a=x"},
		{"no expansion in quotes", `a="$x"`, "[default] a=$x"},
		{"dollarid", ".pragma dollarid:on\na=$b\n", "[default] a=$b"},
		{"an unknown pragma", ".pragma x:y\na=1", "[default] a=1"},
		{"include carries the section in and out", "[s]\na=1\n.include part.cnf\nb=2", "[s] a=1 c=3 [t] d=4 b=2"},
		{"include of an include", ".include = \"sub/deep.cnf\"\nb=2", "[default] c=3 [t] d=4 e=5 b=2"},
		{"include of a directory", ".include dir\nx=9", "[default] h=8 a=1 b=2 x=9"},
		{"include of what is not there", ".include nope.cnf\na=1", "[default] a=1"},
		{"includedir", ".pragma includedir:sub\n.include deep.cnf\na=1", "[default] e=5 a=1"},
		{"include directive that runs on", ".include-it part.cnf\n", "[default] c=3 [t] d=4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := parse(tc.text, files)
			if tc.name == "key without a name" {
				require.NoError(t, err)
				assert.Equal(t, "[default] =x y=x", render(c))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, render(c))
		})
	}
}

func TestRefusals(t *testing.T) {
	files := fstest.MapFS{
		"loop.cnf": {Data: []byte(".include loop.cnf")},
		"bad.cnf":  {Data: []byte("a=1\noops\n")},
	}
	for _, tc := range []struct{ name, text, want string }{
		{"no equals sign", "a=1\nb\n", `x.cnf:2: wanted name = value, found "b" without "="`},
		{"something else where it should be", "a : b", `x.cnf:1: wanted name = value, found ": b" where "=" should be`},
		{"semicolon comment", "[s]\n; hi", `x.cnf:2: ";" starts no comment in a conf, "#" does`},
		{"unclosed bracket", "[s", `x.cnf:1: wanted a section's heading such as [ v3_req ], found "[s"`},
		{"quoted heading", `["s"]`, `x.cnf:1: wanted a section's heading such as [ v3_req ], found "[\"s\"]"`},
		{"undefined variable", "[s]\na=$nope", `x.cnf:2: [s] a: variable $nope has no value above this line; set it, or write \$ for the character itself`},
		{"lone dollar", "a=5$ now", `x.cnf:1: [default] a: a lone "$" has no value; write \$ for the character itself`},
		{"unset environment", "a=$ENV::NOPE", `x.cnf:1: [default] a: variable $ENV::NOPE has no value; set the environment variable NOPE, or put a line NOPE = … at the top of the conf`},
		{"unclosed brace", "[s]\na=1\nb=${a", `x.cnf:3: [s] b: wanted "}" after "${a", found ""`},
		{"long expansion", "v=" + strings.Repeat("x", 40000) + "\na=$v$v", "x.cnf:2: [default] a: the value grows over 65536 bytes as its variables are expanded"},
		{"bad pragma", ".pragma dollarid", `x.cnf:1: wanted .pragma name:value, found "dollarid"`},
		{"bad switch", ".pragma dollarid:maybe", `x.cnf:1: pragma: wanted on, true, off or false, found "maybe"`},
		{"relative include under abspath", ".pragma abspath:true\n.include bad.cnf", `x.cnf:2: .include: "bad.cnf" is a relative path, which .pragma abspath forbids`},
		{"fault in an included file", "x=1\n.include bad.cnf", `bad.cnf:2: wanted name = value, found "oops" without "="`},
		{"include of itself", ".include loop.cnf", `loop.cnf:1: .include: loop.cnf includes itself`},
		{"position of a continued line", "a=1\nb=x\\\ny$\n", `x.cnf:2: [default] b: a lone "$" has no value; write \$ for the character itself`},
		{"control characters", "[a\\\x1bb]\nc=$x", "x.cnf:2: [a\uFFFDb] c: variable $x has no value above this line; set it, or write \\$ for the character itself"},
		{"too large", strings.Repeat("#", maxBytes+1), "x.cnf:1: a conf may hold 1048576 bytes at most, with all that it includes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := parse(tc.text, files)
			require.Error(t, err)
			assert.Equal(t, tc.want, err.Error())
			assert.IsType(t, &Error{}, err)
		})
	}
}

func TestPlacesAndWarnings(t *testing.T) {
	files := fstest.MapFS{"part.cnf": {Data: []byte("\n[t]\nb=2\n")}}
	c, err := parse("[s]\na=1\n\\\na=\\\n2\n.include part.cnf\n.include nope.cnf\n", files)
	require.NoError(t, err)

	a, ok := c.Get("s", "a")
	require.True(t, ok)
	assert.Equal(t, Value{Section: "s", Key: "a", Text: "2", Pos: Position{"x.cnf", 3}}, a)
	b, _ := c.Get("t", "b")
	assert.Equal(t, Position{"part.cnf", 3}, b.Pos)
	assert.Equal(t, Position{"part.cnf", 2}, c.Start("t"))

	var warnings []string
	for _, w := range c.Warnings() {
		warnings = append(warnings, w.String())
	}
	assert.Equal(t, []string{
		"x.cnf:3: [s] a: set before in line 2; this last one counts, and takes its place here",
		"x.cnf:7: .include nope.cnf is passed over: file does not exist",
	}, warnings)
}

func TestLookupFallsBackToTheDefaultSection(t *testing.T) {
	c, err := parse("string_mask=pkix\n[req]\nprompt=no\n", nil)
	require.NoError(t, err)
	v, ok := c.Lookup("req", "string_mask")
	assert.True(t, ok)
	assert.Equal(t, "pkix", v.Text)
	_, ok = c.Get("req", "string_mask")
	assert.False(t, ok)
	_, ok = c.Lookup("nosuch", "prompt")
	assert.False(t, ok)
	assert.False(t, c.Has("nosuch"), "asking for a section must not make it")
}

// Confs that are built to cost: each must be answered, at once and in little memory.
func TestHostileConfs(t *testing.T) {
	for name, text := range map[string]string{
		"many sections":  many(func(i int) string { return "[" + number(i) + "]\n" }),
		"many keys":      many(func(i int) string { return number(i) + "=\n" }),
		"full sections":  many(func(i int) string { return "s" + number(i/9000) + "::" + number(i%9000) + "=\n" }),
		"one key often":  many(func(int) string { return "a=\n" }),
		"expansion bomb": "a=" + strings.Repeat("x", 60000) + "\n" + many(func(i int) string { return number(i) + "=$a\n" })[:900000],
		"quotes":         strings.Repeat(`"\`, maxBytes/2),
		"continuations":  strings.Repeat("\\\n", maxBytes/2),
		"brackets":       "[" + strings.Repeat("a ", maxBytes/2-1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(text, nil)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000, "an error is for reading")
			}
		})
	}
}

func many(line func(int) string) string {
	var out strings.Builder
	for i := 0; out.Len() < maxBytes-16; i++ {
		out.WriteString(line(i))
	}
	return out.String()
}

func number(i int) string {
	const digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	s := ""
	for ; i > 0 || s == ""; i /= len(digits) {
		s += string(digits[i%len(digits)])
	}
	return s
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"[s]\na=1\n", "a=$ENV::HOME\\\n/x # c\n", ".include part.cnf\n", "a='x' \"y\\\"\" `z`", "[ a b ] c\nt::k=${s::v}$(x)",
		".pragma dollarid:on\n$a=1\nb=$(a)", "\ufeff=\n\x00", "HOME = .\nRANDFILE = $ENV::HOME/.rnd\n",
	} {
		f.Add(seed)
	}
	files := fstest.MapFS{"part.cnf": {Data: []byte("[p]\nx=1\n.include part.cnf")}, "d/a.cnf": {Data: []byte("y=$x")}}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse(text, files)
		if err != nil {
			return
		}
		for _, name := range c.Sections() {
			values, ok := c.Section(name)
			require.True(t, ok)
			for _, v := range values {
				got, ok := c.Get(name, v.Key)
				require.True(t, ok)
				require.Equal(t, v, got)
				require.False(t, v.Pos.IsZero())
			}
		}
	})
}
