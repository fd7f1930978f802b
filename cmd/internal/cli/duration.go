package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// duration is a flag's value in days and hours, such as 30d, 720h or 1d12h.
type duration time.Duration

const (
	day        = 24 * time.Hour
	maxHours   = 100 * 365 * 24
	hoursInDay = 24
)

var durationForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:(\d{1,6})d)?(?:(\d{1,6})h)?$`) })

func (d *duration) Set(text string) error {
	match := durationForm().FindStringSubmatch(text)
	if match == nil || text == "" {
		return fmt.Errorf("wanted days and hours such as 30d, 720h or 1d12h")
	}
	hours := 0
	for i, factor := range []int{hoursInDay, 1} {
		if n, err := strconv.Atoi(match[i+1]); err == nil {
			hours += n * factor
		}
	}
	if hours > maxHours {
		return fmt.Errorf("wanted a hundred years at most")
	}
	*d = duration(time.Duration(hours) * time.Hour)
	return nil
}

func (d *duration) String() string {
	hours := int(time.Duration(*d).Hours())
	switch {
	case hours%hoursInDay == 0:
		return fmt.Sprintf("%dd", hours/hoursInDay)
	case hours > hoursInDay:
		return fmt.Sprintf("%dd%dh", hours/hoursInDay, hours%hoursInDay)
	}
	return fmt.Sprintf("%dh", hours)
}

// Type names the value in the help text.
func (d *duration) Type() string { return "duration" }
