package peer

import (
	"os"
	"testing"
)

// Installed are the clients that this machine has. One that is missing is shown as skipped, or fails the test where
// REQUIRE_PEERS is set.
func Installed(t *testing.T, dir string) (found []Client) {
	t.Helper()
	for _, c := range Clients(dir) {
		_, err := c.Version()
		switch {
		case err == nil:
			found = append(found, c)
		case os.Getenv("REQUIRE_PEERS") != "":
			t.Errorf("%s is missing: %v", c.Name, err)
		default:
			t.Run(c.Name, func(t *testing.T) { t.Skip(err) })
		}
	}
	return found
}
