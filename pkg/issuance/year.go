package issuance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// yearForm is a CommonName with the year behind it, and where there was a second CA in that year its number.
var yearForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.*?)(?: (\d{4})(?:-(\d{1,4}))?)?$`) })

// withYear puts the year behind a CommonName, in place of one that is there already.
func withYear(commonName string, year int) string {
	if commonName == "" {
		commonName = "CA"
	}
	match := yearForm().FindStringSubmatch(commonName)
	if match == nil {
		return strings.TrimSpace(fmt.Sprintf("%s %d", commonName, year))
	}
	is := strings.TrimSpace(fmt.Sprintf("%s %d", match[1], year))
	if match[2] != strconv.Itoa(year) {
		return is
	}
	n, err := strconv.Atoi(match[3])
	if err != nil {
		n = 1
	}
	return fmt.Sprintf("%s-%d", is, n+1)
}

// withoutYear takes the year away again.
func withoutYear(commonName string) string {
	if match := yearForm().FindStringSubmatch(commonName); match != nil {
		return match[1]
	}
	return commonName
}
