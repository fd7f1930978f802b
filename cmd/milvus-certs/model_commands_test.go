//go:build !windows

package main

import (
	"fmt"
	"strings"
	"time"
)

// modelCommand is a command of this program.
type modelCommand struct {
	kind  string // "init", "issue", "sign", "renew", "renew ca", "finish" or "wrong"
	role  string
	names []string // as they are typed

	list                   bool // issue --names-from
	force, ifNeeded        bool
	sameKey, encrypt, pass bool
	before, days, caDays   int64 // days
	org                    string
	status                 int      // of a wrong one
	words                  []string // of a wrong one
	input                  string   // name of the file of names, beside the directory
	old                    bool     // with the key that the last renew ca put away
	oldKey                 string   // its file
	oldPublic              digest   // that key
	kill                   *modelKill
	delay                  time.Duration // before it starts
}

// modelKill says when a command is killed: so long after a file has appeared, or after the start.
type modelKill struct {
	event string
	after time.Duration
}

// modelStep are commands that run side by side.
type modelStep []*modelCommand

// args are what is typed.
func (c *modelCommand) args() []string {
	switch c.kind {
	case "wrong":
		return c.words
	case "finish":
		return []string{"renew", "ca", "--finish", "-q"}
	}
	args := append(strings.Fields(c.kind), "-q")
	add := func(on bool, words ...string) {
		if on {
			args = append(args, words...)
		}
	}
	switch {
	case c.kind == "issue" && c.list:
		add(true, c.role, "--names-from", "../beside/"+c.input)
	case c.kind == "issue":
		args = append(append(args, c.role), c.names...)
	case c.kind == "renew":
		args = append(args, c.names...)
	case c.kind == "sign":
		add(true, c.role, "../beside/"+c.names[0]+".csr")
	}
	add(c.kind == "init" || c.kind == "issue", "--key-type", "ec-p256")
	add(c.days > 0 && c.days != longest, "--days", fmt.Sprint(c.days))
	add(c.caDays > 0 && c.caDays != longest, "--ca-days", fmt.Sprint(c.caDays))
	add(c.kind == "init" && c.org != "milvus", "--organization", c.org)
	add(c.force, "--force")
	add(c.ifNeeded, "--if-needed")
	add(c.before > 0, "--renew-before", fmt.Sprint(c.before)+"d")
	add(c.sameKey, "--same-key")
	add(c.encrypt, "--encrypt-ca-key")
	add(c.pass, "--passphrase-env", "MODEL_PASS")
	add(c.old, "--ca-key", c.oldKey)
	return args
}

// shell is the command as a line that does the same.
func (c *modelCommand) shell() string {
	line := ""
	switch {
	case c.kind == "issue" && c.list:
		line = fmt.Sprintf(`printf '%s\n' > ../beside/%s; `, strings.Join(c.names, `\n`), c.input)
	case c.kind == "sign":
		line = fmt.Sprintf("[ -e ../beside/%[2]s.csr ] || { milvus-certs key %[2]s -q -d ../beside --key-type ec-p256; milvus-certs csr %[1]s %[2]s -q -d ../beside; }; ", c.role, c.names[0])
	}
	typed := "milvus-certs"
	for _, word := range c.args() {
		switch {
		case c.old && word == c.oldKey:
			word = `"$(ls -d backup-*/ca.key | tail -n 1)"`
		case strings.Contains(word, "*"):
			word = "'" + word + "'"
		}
		typed += " " + word
	}
	return line + c.kill.shell(typed)
}

// shell is a line that kills a command at about the same moment.
func (k *modelKill) shell(typed string) string {
	switch {
	case k == nil:
		return typed
	case k.event == "":
		return fmt.Sprintf("timeout -s KILL %.4f %s", k.after.Seconds(), typed)
	}
	return fmt.Sprintf("{ %s & p=$!; while [ ! -e %s ] && kill -0 $p; do :; done; sleep %.4f; kill -9 $p; wait $p; }", typed, k.event, k.after.Seconds())
}

// shell is a step as lines.
func (s modelStep) shell() string {
	if len(s) == 1 {
		return s[0].shell()
	}
	text := "# side by side:"
	for _, c := range s {
		text += fmt.Sprintf("\n{ sleep %.4f; %s; } &", c.delay.Seconds(), c.shell())
	}
	return text + "\nwait"
}

const longest = 3650 // days
