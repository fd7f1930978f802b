package milvus

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTextOf: what yaml.v2 v2.4.0 and spf13/cast make of a value, as they were run.
func TestTextOf(t *testing.T) {
	for written, want := range map[string]string{
		"1": "1", "0x10": "16", "010": "8", "0o10": "8", "0b11": "3", "1_000": "1000", "8080.0": "8080", "1e3": "1000", "08": "8", "1__0": "10", "+1": "1", "-0b1": "-1",
		"1_0.5": "10.5", ".5": "0.5", "1.": "1", "y": "true", "Y": "true", "Yes": "true", "yEs": "yEs", "on": "true", "off": "false", "NO": "false", "True": "true",
		"tRUE": "tRUE", "~": "", "null": "", "": "", "'1'": "1", `"yes"`: "yes", "'0x10'": "0x10", "!!str 010": "010", "12:30": "12:30", "0x": "0x", "inf": "inf", "nan": "nan",
		"1e": "1e", "0x1p4": "0x1p4", "2026-01-01": "2026-01-01",
	} {
		c, err := readConfig([]byte("a: " + written + "\n"))
		require.NoError(t, err)
		assert.Equal(t, want, c.get("a").text, written)
	}
}
