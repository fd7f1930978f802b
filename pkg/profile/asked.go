package profile

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-playground/validator/v10"
)

// DefaultDays is how long gen.sh's certificates are valid.
const DefaultDays = 3650

// textRule is what a setting has to be; tag says it to validator, wanted to the reader.
type textRule struct {
	setting     func(*Asked) Setting
	tag, wanted string
}

const (
	printable      = "omitempty,no_control,max="
	commonNameRule = printable + "64"
	wantCommonName = "64 printable characters at most"
)

var textRules = []textRule{
	{func(a *Asked) Setting { return a.Country }, "omitempty,len=2,alpha", "a country code of two letters, such as CN"},
	{func(a *Asked) Setting { return a.State }, printable + "128", "128 printable characters at most"},
	{func(a *Asked) Setting { return a.Locality }, printable + "128", "128 printable characters at most"},
	{func(a *Asked) Setting { return a.Organization }, printable + "64", "64 printable characters at most"},
	{func(a *Asked) Setting { return a.OrganizationalUnit }, printable + "64", "64 printable characters at most"},
	{func(a *Asked) Setting { return a.CommonName }, commonNameRule, wantCommonName},
	{func(a *Asked) Setting { return a.ClientCommonName }, commonNameRule, wantCommonName},
	{func(a *Asked) Setting { return a.CACommonName }, commonNameRule, wantCommonName},
}

// validate judges each setting by itself. The messages are this package's: validator's own speak of Go structs.
func (a *Asked) validate(check *validator.Validate) error {
	if err := check.RegisterValidation("no_control", isPrintableText); err != nil {
		return err
	}
	for _, r := range textRules {
		s := r.setting(a)
		if check.Var(s.Value, r.tag) != nil {
			return fmt.Errorf("%s: wanted %s, found %s", s.From, r.wanted, quote(s.Value))
		}
	}
	if a.Exact && len(a.SANs) > 0 {
		return errors.New("--san and --san-for add names, and --exact adds nothing to what the conf states")
	}
	for _, d := range []struct {
		flag string
		days *int
	}{{"--days", a.Days}, {"--ca-days", a.CADays}} {
		tag := "min=1,max=" + strconv.Itoa(a.maxDays())
		if n := days(d.days); check.Var(n, tag) != nil {
			return fmt.Errorf("%s: wanted 1 to %d days, for a certificate ends with the year 9999 at the latest, found %d", d.flag, a.maxDays(), n)
		}
	}
	return nil
}

func days(asked *int) int {
	if asked == nil {
		return DefaultDays
	}
	return *asked
}

// maxDays reaches the last whole day that GeneralizedTime can say (RFC 5280, 4.1.2.5).
func (a *Asked) maxDays() int {
	const secondsADay = 24 * 60 * 60
	end := endOfTime.Unix() - a.Now.Unix()
	return int(end / secondsADay)
}

func quote(s string) string {
	const length = 80
	if len(s) > length {
		return fmt.Sprintf("%q… (%d bytes)", s[:length], len(s))
	}
	return strconv.Quote(s)
}
