package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"milvus-certs": main})
}

// TestScripts runs what testdata/script promises. Besides testscript's own commands a script has these:
//
//	status N program arg…   runs it and wants that exit status; "unprivileged" in front takes the rights of root away
//	refused N program arg…  the same, and wants one line on standard error, nothing on standard output, no file touched
//	says text               the error of the last program, word for word, without the program's name
//	files dir name…         exactly these are in dir; name may have a * for one file, $NINE is the whole set
//	rename dir/pattern name gives the one file or folder that matches a plain name
//	mode mode file…         the permissions, such as 0600
//	fields file key=value…  parts of a certificate or request, see certificate_test.go
//	serials dir first       server.pem and client.pem carry first and the next number, which ca.srl holds
//	ascending file…         the serial numbers of these certificates ascend
//	alike file file         the same certificate but for keys, serial number and times
//	same-key file file      two certificates or requests are, or with ! are not, of one key
//	secret file…            nothing of these private keys shows in what the last program wrote
//	json file path=value…   values of a report, such as files.0.mode=0600; length counts a list
//	differ file file line…  the files have as many lines, and differ in these
//	journal name dir        an interrupted commit of the set in dir lies in the working directory, under that name
//
// and these variables: $CONF, $GENSH and $MILVUS are the folders of testdata, $NINE the names of the nine files, $EC the flag for
// keys that are made quickly, where the kind does not matter. $LONG64 and $LONG65 are texts of so many letters.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Condition:           scriptCondition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status":    cmdStatus,
			"refused":   cmdRefused,
			"says":      cmdSays,
			"files":     cmdFiles,
			"rename":    cmdRename,
			"mode":      cmdMode,
			"fields":    cmdFields,
			"serials":   cmdSerials,
			"ascending": cmdAscending,
			"alike":     cmdAlike,
			"same-key":  cmdSameKey,
			"secret":    cmdSecret,
			"json":      cmdJSON,
			"journal":   cmdJournal,
			"differ":    cmdDiffer,
		},
	})
}

func setUpScript(env *testscript.Env) error {
	testdata, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, ".home")
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("CONF", filepath.Join(testdata, "conf"))
	env.Setenv("GENSH", filepath.Join(testdata, "gensh"))
	env.Setenv("MILVUS", filepath.Join(testdata, "milvus"))
	env.Setenv("NINE", strings.Join(certset.Names(), " "))
	env.Setenv("EC", "--key-type=ec-p256")
	env.Setenv("LONG64", strings.Repeat("x", 64))
	env.Setenv("LONG65", strings.Repeat("x", 65))
	return nil
}

// scriptCondition knows [unprivileged], whether the rights of root can be taken away, and [mount], whether a file system
// of one's own can be mounted. With REQUIRE_PEERS=1 they have to hold.
func scriptCondition(name string) (bool, error) {
	var err error
	switch name {
	case "unprivileged":
		if os.Geteuid() == 0 {
			err = exec.Command(withoutRights[0], append(withoutRights[1:], "true")...).Run()
		}
	case "root":
		return os.Geteuid() == 0, nil
	case "mount":
		err = exec.Command("unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", os.TempDir()).Run()
	default:
		return false, &exec.Error{Name: name, Err: os.ErrInvalid}
	}
	if os.Getenv("REQUIRE_PEERS") == "1" {
		return err == nil, err
	}
	return err == nil, nil
}

// withoutRights runs a program as root without root's capabilities, for which the modes of files count.
var withoutRights = []string{"setpriv", "--bounding-set=-all"}
