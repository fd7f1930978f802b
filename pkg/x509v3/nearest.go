package x509v3

import (
	"fmt"
	"slices"
	"strings"
)

// suggestion is a piece of a message: what was probably meant, where a name is close.
func suggestion(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

// nearest returns the known name that takes the fewest edits, if those are few for its length; of several the first in
// alphabetical order. Case does not count as an edit.
func nearest(name string, known []string) string {
	const longest = 40
	if name == "" || len(name) > longest {
		return ""
	}
	best, fewest := "", min(len(name)/4+1, len(name)-1)
	for _, k := range slices.Sorted(slices.Values(known)) {
		if abs(len(k)-len(name)) > fewest {
			continue
		}
		if n := edits(strings.ToLower(name), strings.ToLower(k)); n < fewest || n == fewest && best == "" {
			best, fewest = k, n
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// edits returns the Levenshtein distance: how many bytes to insert, delete or replace.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
