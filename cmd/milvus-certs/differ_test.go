package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdDiffer wants two files to have the same number of lines, and just these lines to differ.
func cmdDiffer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: differ file file line…")
	}
	a, b := strings.SplitAfter(ts.ReadFile(args[0]), "\n"), strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	if len(a) != len(b) {
		ts.Fatalf("%d and %d lines", len(a), len(b))
	}
	var found []string
	for i := range a {
		if a[i] != b[i] {
			found = append(found, strconv.Itoa(i+1))
		}
	}
	if !slices.Equal(found, args[2:]) {
		ts.Fatalf("these lines differ: %s", strings.Join(found, " "))
	}
}
