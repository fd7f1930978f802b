package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// printShow prints the report. What is odd in a file is a remark.
func (a *app) printShow(o *showOptions, r *showReport) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, r)
	}
	for _, f := range r.Files {
		for _, remark := range f.Remarks {
			a.say(o.output, "note: %s: %s", fileTitle(f.File), remark)
		}
	}
	if o.quiet {
		return nil
	}
	_, err := fmt.Fprint(a.stdout, printable(r.text()))
	return err
}

func (r *showReport) text() string {
	var parts []string
	for _, f := range r.Files {
		if f.Serial != "" {
			parts = append(parts, title(f.File, "serial number last used")+line("serial", f.Serial))
		}
		for _, o := range f.Objects {
			if o.Error != "" {
				continue // on standard error
			}
			kind := o.Kind
			if len(f.Objects) > 1 {
				kind += fmt.Sprintf(", %d of %d", o.Number, len(f.Objects))
			}
			parts = append(parts, title(f.File, kind)+o.text())
		}
	}
	return strings.Join(parts, "\n")
}

func title(file, kind string) string { return fileTitle(file) + "  " + kind + "\n" }

// text writes the lines of an object, the ones that people look for first.
func (o showObject) text() string {
	switch {
	case o.Certificate != nil:
		return o.Certificate.lines(o.Key)
	case o.Request != nil:
		return o.Request.lines(o.Key)
	case o.Key != nil:
		return o.Key.lines()
	}
	return ""
}

func (c *showCertificate) lines(key *showKey) string {
	issuer := c.Issuer
	if c.SelfSigned {
		issuer = "itself"
	}
	return line("subject", orNone(c.Subject)) +
		line("issuer", orNone(issuer)) +
		line("serial", c.Serial) +
		listLine("names", c.Names) +
		c.showUses.lines() +
		line("from", inUTC(c.NotBefore)+c.notYet()) +
		line("until", inUTC(c.NotAfter)+", "+c.left()) +
		key.lines() +
		line("signed", c.Algorithm) +
		line("SHA-256", c.SHA256) +
		line("key id", c.KeyID) +
		line("by key id", c.IssuerKeyID) +
		c.oddVersion() +
		c.others() +
		line("Go", refusal(c.RefusedByGo))
}

// lines leave out what the request does not ask for.
func (r *showRequest) lines(key *showKey) string {
	signed := r.Algorithm + ", with its own key"
	if !r.SignatureValid {
		signed = r.Algorithm + ", NOT with its own key"
	}
	return line("subject", orNone(r.Subject)) + listLine("names", r.Names) + r.showUses.lines() +
		key.lines() + line("signed", signed) + r.others() + line("Go", refusal(r.RefusedByGo))
}

func (k *showKey) lines() string {
	what := []string{}
	for _, part := range []string{k.Type, k.Form} {
		if part != "" {
			what = append(what, part)
		}
	}
	if k.Encrypted {
		what = append(what, "encrypted")
	}
	if len(k.SameAs) > 0 {
		what = append(what, "also in "+strings.Join(k.SameAs, ", "))
	}
	return line("key", strings.Join(what, ", ")) + line("key hash", k.SHA256)
}

func (u showUses) lines() string {
	ca := ""
	switch {
	case u.CA == nil:
	case !*u.CA:
		ca = "no"
	case u.PathLength == nil:
		ca = "yes"
	case *u.PathLength == 0:
		ca = "yes, with no CA below"
	default:
		ca = fmt.Sprintf("yes, CAs below: at most %d", *u.PathLength)
	}
	return line("usage", u.marked("2.5.29.15", strings.Join(u.KeyUsage, ", "))) +
		line("for", u.marked("2.5.29.37", strings.Join(u.ExtendedKeyUsage, ", "))) +
		line("CA", u.marked("2.5.29.19", ca))
}

// marked adds the word to what a critical extension says.
func (u showUses) marked(oid, text string) string {
	for _, e := range u.Extensions {
		if e.OID == oid && e.Critical && text != "" {
			return text + " (critical)"
		}
	}
	return text
}

// others are the extensions that no other line tells of.
func (u showUses) others() string {
	var out strings.Builder
	for _, e := range u.Extensions {
		if e.told {
			continue
		}
		name := e.Name
		if e.Critical {
			name += " (critical)"
		}
		out.WriteString(line("besides", name+": "+shortened(e.Value)))
	}
	return out.String()
}

// shortened keeps an extension of any length, or a long word in it, from filling the screen; JSON has it whole.
func shortened(text string) string {
	const most, longest = 240, 60
	words := strings.Split(cut(text, most), " ")
	for i, w := range words {
		words[i] = cut(w, longest)
	}
	return strings.Join(words, " ")
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func inUTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (c *showCertificate) notYet() string {
	if !c.now.Before(c.NotBefore) {
		return ""
	}
	return ", in " + days(c.NotBefore.Sub(c.now))
}

func (c *showCertificate) left() string {
	if c.now.After(c.NotAfter) {
		return "expired " + days(c.now.Sub(c.NotAfter)) + " ago"
	}
	return days(c.NotAfter.Sub(c.now)) + " left"
}

// days writes whole days, and of less than one the hours.
func days(d time.Duration) string {
	n, unit := int(d/day), "day"
	if n == 0 {
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func (c *showCertificate) oddVersion() string {
	const usual = 3
	if c.Version == usual {
		return ""
	}
	return line("version", fmt.Sprint(c.Version))
}

func refusal(reason string) string {
	if reason == "" {
		return ""
	}
	return "refuses it: " + reason
}

func orNone(text string) string {
	if text == "" {
		return "(empty)"
	}
	return text
}

const labelWidth = 9

// line writes a label and a text, which goes on in the next lines where it is long. Without a text there is no line.
func line(label, text string) string {
	if text == "" {
		return ""
	}
	const indent = 2 + labelWidth + 2
	return fmt.Sprintf("  %-*s  %s\n", labelWidth, label, fill(strings.Split(text, " "), indent))
}

// listLine is line for a list, whose members are not broken.
func listLine(label string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	const indent = 2 + labelWidth + 2
	return fmt.Sprintf("  %-*s  %s\n", labelWidth, label, fill(withCommas(list), indent))
}

func withCommas(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = text + ","
	}
	if n := len(out); n > 0 {
		out[n-1] = list[n-1]
	}
	return out
}

// fill puts words into lines of 80 columns, the first of which has begun already; the others are indented.
func fill(words []string, indent int) string {
	const width = 80
	var out strings.Builder
	column := indent
	for i, w := range words {
		length := utf8.RuneCountInString(w)
		switch {
		case i > 0 && column+1+length > width:
			out.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		case i > 0:
			out.WriteString(" ")
			column++
		}
		out.WriteString(w)
		column += length
	}
	return out.String()
}
