package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]struct {
		is     time.Duration
		prints string
	}{
		"30d":         {30 * day, "30d"},
		"720h":        {30 * day, "30d"},
		"1d12h":       {36 * time.Hour, "1d12h"},
		"36h":         {36 * time.Hour, "1d12h"},
		"24h":         {day, "1d"},
		"23h":         {23 * time.Hour, "23h"},
		"0d":          {0, "0d"},
		"0h":          {0, "0d"},
		"0d5h":        {5 * time.Hour, "5h"},
		"007d":        {7 * day, "7d"},
		"36500d":      {36500 * day, "36500d"},
		"876000h":     {36500 * day, "36500d"},
		"1d999999h":   {0, ""},
		"36501d":      {0, ""},
		"999999d":     {0, ""},
		"9999999999d": {0, ""},
		"":            {0, ""},
		"30":          {0, ""},
		"d":           {0, ""},
		"30m":         {0, ""},
		"30D":         {0, ""},
		"12h1d":       {0, ""},
		"-1d":         {0, ""},
		"+1d":         {0, ""},
		" 1d":         {0, ""},
		"1d ":         {0, ""},
		"1d 2h":       {0, ""},
		"1.5d":        {0, ""},
		"1d\n":        {0, ""},
		"١d":          {0, ""},
		"1dd":         {0, ""},
		"1w":          {0, ""},
		"1d2h3d":      {0, ""},
		"two weeks":   {0, ""},
	} {
		t.Run(text, func(t *testing.T) {
			var d duration
			err := d.Set(text)
			if want.prints == "" {
				assert.ErrorContains(t, err, "wanted ")
				assert.Zero(t, d, "a refused value leaves the flag alone")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want.is, time.Duration(d))
			assert.Equal(t, want.prints, d.String())
			var again duration
			require.NoError(t, again.Set(d.String()), "what is printed can be given")
			assert.Equal(t, d, again)
		})
	}
}
