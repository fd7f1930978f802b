package cli

import "time"

// atLayouts are the forms of a time on the command line. A day begins at midnight in UTC.
var atLayouts = []string{time.RFC3339, time.DateOnly}

// parseAt reads the value of --at, the time that a command looks from; empty: now.
func parseAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	for _, layout := range atLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return now, usagef("--at: wanted a time such as 2027-01-31 or 2027-01-31T12:00:00Z, found %q", text)
}
