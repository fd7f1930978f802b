package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// batch runs all jobs in one process, which costs more to start than a connection takes. It reads a job from each line of
// its standard input, and prints the outcomes in any order.
func batch(name string, args ...string) func(context.Context, []Job) ([]Outcome, error) {
	return func(ctx context.Context, jobs []Job) ([]Outcome, error) {
		var in, stderr bytes.Buffer
		for i, job := range jobs {
			job.ID = i
			if err := json.NewEncoder(&in).Encode(job); err != nil {
				return nil, err
			}
		}
		cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the programs and the files are those of a test
		cmd.Stdin, cmd.Stderr, cmd.SysProcAttr = &in, &stderr, noTerminal
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", cmd, err, stderr.String())
		}
		return outcomes(len(jobs), out)
	}
}

// outcomes reads one outcome for each job.
func outcomes(jobs int, out []byte) ([]Outcome, error) {
	found := make([]Outcome, jobs)
	seen := map[int]bool{}
	for line := range strings.Lines(string(out)) {
		var answer struct {
			ID int `json:"id"`
			Outcome
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		if answer.ID < 0 || answer.ID >= jobs || seen[answer.ID] {
			return nil, fmt.Errorf("%q: not asked for", line)
		}
		seen[answer.ID], found[answer.ID] = true, answer.Outcome
	}
	if len(seen) != jobs {
		return nil, fmt.Errorf("%d of %d jobs were answered", len(seen), jobs)
	}
	return found, nil
}

// printed runs a command that prints a version; the first line of it counts.
func printed(name string, args ...string) func() (string, error) {
	return func() (string, error) {
		out, err := exec.Command(name, args...).CombinedOutput() //nolint:gosec // the programs and the files are those of a test
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if err != nil {
			return "", fmt.Errorf("%s: %w: %s", name, err, line)
		}
		return line, nil
	}
}
