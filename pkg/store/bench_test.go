package store

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/require"
)

// BenchmarkCommit commits so many new files, one of which is there already, as ca.srl is. Beside each commit it does
// what no way of making files last can do without: it creates and syncs the same files, one after the other and 16 at
// once. The ratios are those of the commit's time to theirs.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 9, 385} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var commit, serial, sideBySide time.Duration
			d, bare := benchDir(b), b.TempDir()
			for i := 0; b.Loop(); i++ {
				commit += timed(b, func() error { return d.Commit(generation(i, n), "") })
				serial += timed(b, func() error { return createBare(bare, generation(2*i, n), 1) })
				sideBySide += timed(b, func() error { return createBare(bare, generation(2*i+1, n), 16) })
			}
			b.ReportMetric(float64(commit.Microseconds())/float64(b.N), "µs/commit")
			b.ReportMetric(commit.Seconds()/serial.Seconds(), "ratio-to-serial")
			b.ReportMetric(commit.Seconds()/sideBySide.Seconds(), "ratio-to-16")
		})
	}
}

func benchDir(b *testing.B) *Dir {
	d, err := Open(b.TempDir())
	require.NoError(b, err)
	b.Cleanup(func() { _ = d.Close() })
	_, err = d.Lock(0, nil)
	require.NoError(b, err)
	return d
}

func generation(i, n int) []certset.File {
	files := []certset.File{{Name: "ca.srl", Mode: 0o644, Data: make([]byte, 41)}}
	for len(files) < n {
		files = append(files, certset.File{
			Name: fmt.Sprintf("client-%d-%d.pem", i, len(files)), Mode: 0o644, Data: make([]byte, 1400),
		})
	}
	return files
}

func timed(b *testing.B, run func() error) time.Duration {
	start := time.Now()
	require.NoError(b, run())
	return time.Since(start)
}

// createBare creates the files and makes them last, so many at once.
func createBare(dir string, files []certset.File, atOnce int) error {
	dir, err := os.MkdirTemp(dir, "")
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, atOnce)
	for w := range atOnce {
		all.Go(func() {
			for i := w; i < len(files) && errs[w] == nil; i += atOnce {
				errs[w] = createOne(filepath.Join(dir, files[i].Name), files[i])
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return syncBare(dir)
}

func createOne(path string, file certset.File) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, file.Mode)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Write(file.Data); err != nil {
		return err
	}
	return f.Sync()
}

func syncBare(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
