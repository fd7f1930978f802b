package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
)

// TestOverrideIsLookedAtAgain: what another command has written since the folder was looked at is not replaced unseen.
func TestOverrideIsLookedAtAgain(t *testing.T) {
	for text, want := range map[string]string{"as wanted": fileUnchanged, "written for other flags": fileChanged, "someone's own": fileLeftAlone, "": fileNew} {
		t.Run(text, func(t *testing.T) {
			o := &composeOptions{folder: t.TempDir(), service: "standalone", containerDir: "/milvus/tls", milvusYAML: usualMilvusYAML}
			there, err := o.look()
			require.NoError(t, err)
			values, _ := there.values()
			report := &composeReport{}
			report.Fragment, err = values.Override()
			require.NoError(t, err)

			path := filepath.Join(o.folder, deploy.OverrideName)
			written := map[string]string{"as wanted": report.Fragment, "someone's own": "services: {}\n"}[text]
			if text == "written for other flags" {
				values.ContainerDir = "/certs"
				written, err = values.Override()
				require.NoError(t, err)
			}
			if written != "" {
				require.NoError(t, os.WriteFile(path, []byte(written), 0o600))
			}
			var out bytes.Buffer
			a := &app{now: time.Now, stdout: &out, stderr: &out}
			require.NoError(t, a.writeOverride(o, there, report))
			assert.Equal(t, composeFile{deploy.OverrideName, want}, report.Override)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, want == fileLeftAlone, string(data) != report.Fragment)
		})
	}
}

func TestContainerUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	info, err := os.Stat(path)
	require.NoError(t, err)
	uid, gid, known := ownerOf(info)
	if !known {
		t.Skip("files have no such owners here")
	}
	for _, c := range []struct {
		user      containerUser
		mode      os.FileMode
		may, sure bool
	}{
		{newContainerUser("", false), 0o600, true, true},
		{newContainerUser("root", false), 0o600, true, true},
		{newContainerUser("0:0", false), 0o600, true, true},
		{containerUser{uid, -1, false}, 0o600, true, true},
		{containerUser{uid + 1, gid, false}, 0o600, false, true},
		{containerUser{uid + 1, gid, false}, 0o640, true, true},
		{containerUser{uid + 1, gid + 1, false}, 0o640, false, true},
		{containerUser{uid + 1, gid + 1, true}, 0o640, true, true},
		{containerUser{uid + 1, gid + 1, false}, 0o644, true, true},
		{newContainerUser("milvus", false), 0o600, false, false},
		{newContainerUser("${UID}:${GID}", false), 0o600, false, false},
		{newContainerUser("milvus", false), 0o644, true, true},
	} {
		require.NoError(t, os.Chmod(path, c.mode))
		info, err := os.Stat(path)
		require.NoError(t, err)
		may, sure := c.user.may(info, 4)
		assert.Equal(t, [2]bool{c.may, c.sure}, [2]bool{may, sure}, "%+v %o", c.user, c.mode)
	}
}
