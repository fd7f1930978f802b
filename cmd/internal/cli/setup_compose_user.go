package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// environment is what the service's environment says otherwise than milvus.yaml may.
func (t *composeThere) environment() (findings []verify.Finding) {
	for _, name := range t.found.Environment {
		if key := milvus.SettingOf(name); key != "" {
			findings = append(findings, t.about(verify.Warning, "environment", fmt.Sprintf("sets %s in its environment, which counts more than %s in milvus.yaml", name, key), "take it out"))
		}
	}
	if t.found.EnvFiles {
		findings = append(findings, t.about(verify.NotChecked, "environment", "has env_file, and settings of Milvus in there count more than milvus.yaml", composeConfig))
	}
	return findings
}

// containerUser is who Milvus runs as, by numbers; -1: it cannot be told.
type containerUser struct {
	uid, gid int
	groups   bool // it has more groups than that
}

func newContainerUser(text string, groups bool) containerUser {
	user, group, _ := strings.Cut(text, ":")
	u := containerUser{-1, -1, groups}
	if uid, err := strconv.Atoi(user); err == nil {
		u.uid = uid
	}
	if gid, err := strconv.Atoi(group); err == nil {
		u.gid = gid
	}
	if user == "" || user == "root" {
		u.uid = 0
	}
	return u
}

// may tells whether the user can use a file, as the bits of others say it: 4 to read, 1 to pass. Sure is whether that can be told.
func (u containerUser) may(info os.FileInfo, bit os.FileMode) (may, sure bool) {
	const owners, groups = 6, 3
	uid, gid, known := ownerOf(info)
	mode := info.Mode().Perm()
	switch {
	case !known || u.uid == 0 || u.uid != uid && mode&bit != 0:
		return true, true
	case u.uid == uid:
		return mode>>owners&bit != 0, true
	case mode>>groups&bit != 0 && (u.gid < 0 || u.groups || u.gid == gid):
		return true, true // it was given to a group, and that is no accident
	}
	return false, u.uid >= 0
}

// usable wants the user of the container to get at the files, where that is not root.
func (t *composeThere) usable() (findings []verify.Finding) {
	user := newContainerUser(t.found.User, t.found.Groups)
	gid := "GID"
	if user.gid >= 0 {
		gid = strconv.Itoa(user.gid)
	}
	key := filepath.Join(t.tls(), certset.ServerKey)
	for _, f := range []struct {
		path, verb, wayOut string
		bit                os.FileMode
	}{
		{t.tls(), "enter", "chmod 755 " + pathIn(t.tls(), ""), 1},
		{key, "read", fmt.Sprintf("chgrp %s %s && chmod 640 %s", gid, pathIn(key, ""), pathIn(key, "")), 4}, //nolint:mnd // as chmod has it
	} {
		info, err := os.Stat(f.path)
		if err != nil {
			continue // that is said
		}
		may, sure := user.may(info, f.bit)
		finding := verify.Finding{Severity: verify.Warning, Check: "user", File: f.path, WayOut: f.wayOut,
			Problem: fmt.Sprintf("user %s of service %s cannot %s it (mode %04o)", t.found.User, t.service, f.verb, info.Mode().Perm())}
		if !sure {
			finding.Severity = verify.NotChecked
			finding.Problem = fmt.Sprintf("whether user %s of service %s can %s it cannot be told (mode %04o)", t.found.User, t.service, f.verb, info.Mode().Perm())
		}
		if !may {
			findings = append(findings, finding)
		}
	}
	return findings
}
