package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/milvus-certs/milvus-certs/pkg/gensh"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

const confName = "openssl.cnf"

// readConf reads the conf that was named, else openssl.cnf in the directory, else the built-in one. The remark, where there
// is one, tells of a conf that one might think was read.
func readConf(config, dir string) (conf *opensslconf.Conf, remark string, err error) {
	if config != "" {
		conf, err = openConf(config)
		return conf, "", usage(err)
	}
	// Only what is not there at all is passed over: a link to nowhere was meant to lead to a conf.
	path := filepath.Join(dir, confName)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return nil, "", usagef("%s is %s, not a file", path, info.Mode().Type())
		}
		conf, err = openConf(path)
		return conf, "", usage(err)
	}
	if _, err := os.Stat(confName); err == nil {
		remark = fmt.Sprintf("%s in the working directory is not read; to use it, give --config %s", confName, confName)
	}
	conf, err = profile.Builtin()
	return conf, remark, err
}

// resolveProfile turns the conf and what was asked for into a profile, and says which conf that was.
func (a *app) resolveProfile(o output, config, dir string, asked profile.Asked) (*profile.Profile, string, error) {
	conf, remark, err := readConf(config, dir)
	if err != nil {
		return nil, "", err
	}
	if remark != "" {
		a.say(o, "%s", remark)
	}
	p, err := profile.New(conf, asked)
	return p, conf.Name(), usage(err)
}

func openConf(path string) (*opensslconf.Conf, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return opensslconf.Parse(path, f, opensslconf.System{
		Open:      openInclude,
		LookupEnv: os.LookupEnv,
	})
}

// openInclude opens files and directories only. Opening a pipe would wait for someone to write into it.
func openInclude(name string) (fs.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, errors.New("not a file")
	}
	return os.Open(name)
}

func readGenSh(path string) (gensh.Variables, error) {
	f, err := openFile(path)
	if err != nil {
		return gensh.Variables{}, usage(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	v, err := gensh.Parse(path, io.Reader(f))
	return v, usage(err)
}

// openFile opens what the user names: a file, or what reads like one, such as a pipe from the shell.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if _, linkErr := os.Lstat(path); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is a symbolic link to a file that is not there", path)
	}
	if err != nil {
		return nil, readError(path, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, fmt.Errorf("%s is a directory, not a file", path)
	}
	return f, nil
}

// readError drops the operation from a file error, for "open x: no such file" says no more than "x: no such file".
func readError(path string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}
