package cli

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// terminal returns both ends of a terminal: the person's and the program's, pty(7).
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	var unlock, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(value)))
		require.Zero(t, errno)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { program.Close() })
	return person, program
}

func TestPassphraseFromTerminal(t *testing.T) {
	for name, test := range map[string]struct {
		typed, prompts, err string
		isNew               bool
	}{
		"typed":        {"secret\n", "pass phrase of ca.key: \n", "", false},
		"nothing":      {"\n", "pass phrase of ca.key: \n", "the terminal: wanted a pass phrase, found nothing", false},
		"twice":        {"secret\nsecret\n", "new pass phrase of ca.key: \nthe same once more: \n", "", true},
		"twice, other": {"secret\nsecrets\n", "new pass phrase of ca.key: \nthe same once more: \n", "the two pass phrases differ", true},
		"new, nothing": {"\n", "new pass phrase of ca.key: \n", "the terminal: wanted a pass phrase, found nothing", true},
	} {
		t.Run(name, func(t *testing.T) {
			person, program := terminal(t)
			useStdin(t, program)
			_, err := person.WriteString(test.typed)
			require.NoError(t, err)
			var stderr bytes.Buffer
			a := &app{stderr: &stderr}
			ask := a.askPassphrase(output{}, &passphrase{}, "ca.key")
			if test.isNew {
				ask = func() ([]byte, error) { return a.newPassphrase(output{}, &passphrase{}, "ca.key") }
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				text, err := ask()
				assert.Equal(t, test.prompts, stderr.String())
				if test.err != "" {
					assert.EqualError(t, err, test.err)
					return
				}
				assert.NoError(t, err)
				assert.Equal(t, "secret", string(text))
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("it waits for more")
			}
		})
	}
}
