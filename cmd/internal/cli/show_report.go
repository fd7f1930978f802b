package cli

import (
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// showSchema names the form of the report. A change that could break a reader changes the number.
const showSchema = "milvus-certs/show/v1"

// showReport is what show says, in JSON as it stands.
type showReport struct {
	Schema string     `json:"schema"`
	Files  []showFile `json:"files"`
}

type showFile struct {
	File    string       `json:"file"`
	Error   string       `json:"error,omitempty"`
	Remarks []string     `json:"remarks"`
	Serial  string       `json:"serial,omitempty"` // of ca.srl, the number last used
	Objects []showObject `json:"objects"`
}

// showObject is a certificate, a request, a key, or what else stands in a file.
type showObject struct {
	Number      int              `json:"number"` // in its file, from 1
	Kind        string           `json:"kind"`
	Error       string           `json:"error,omitempty"`
	Key         *showKey         `json:"key,omitempty"`
	Certificate *showCertificate `json:"certificate,omitempty"`
	Request     *showRequest     `json:"request,omitempty"`
}

// showKey is a public key, or of a private one what may be shown.
type showKey struct {
	Type      string   `json:"type,omitempty"`
	Form      string   `json:"form,omitempty"` // of a private key
	Encrypted bool     `json:"encrypted"`
	SHA256    string   `json:"sha256,omitempty"` // of the public key
	SameAs    []string `json:"same_as"`          // where else it is, among what is shown
}

type showCertificate struct {
	certificateReport
	showUses
	Issuer      string `json:"issuer"`
	SelfSigned  bool   `json:"self_signed"`
	Version     int    `json:"version"`
	DaysLeft    int    `json:"days_left"`
	SHA1        string `json:"sha1"`
	IssuerKeyID string `json:"issuer_key_id,omitempty"`
	RefusedByGo string `json:"refused_by_go,omitempty"`
	Algorithm   string `json:"signature_algorithm"`

	now time.Time
}

type showRequest struct {
	Subject string   `json:"subject"`
	Names   []string `json:"names"`
	showUses
	Algorithm      string `json:"signature_algorithm"`
	SignatureValid bool   `json:"signature_valid"`
	RefusedByGo    string `json:"refused_by_go,omitempty"`
}

// showUses are what the extensions of a certificate say, or of a request ask for.
type showUses struct {
	KeyUsage         []string        `json:"key_usage"`
	ExtendedKeyUsage []string        `json:"extended_key_usage"`
	CA               *bool           `json:"ca,omitempty"`
	PathLength       *int            `json:"path_length,omitempty"`
	KeyID            string          `json:"key_id,omitempty"`
	Extensions       []showExtension `json:"extensions"`
}

type showExtension struct {
	OID      string `json:"oid"`
	Name     string `json:"name"`
	Critical bool   `json:"critical"`
	Value    string `json:"value"`

	told bool // by another line of the text
}

func newShownFile(name string, data []byte, err error) shownFile {
	f := shownFile{name: name, err: err}
	if err != nil {
		return f
	}
	if filepath.Ext(name) == filepath.Ext(certset.CASerial) {
		serial, err := certset.ParseSerial(data)
		if err == nil {
			f.serial = serialText(serial)
		}
		f.err = inFile(name, err)
		return f
	}
	f.objects, f.remarks, err = certset.ParseObjects(data)
	f.err = inFile(name, err)
	return f
}

func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fileTitle(name), err)
}

// fileTitle is how a file is called in text.
func fileTitle(name string) string {
	if name == standardInput {
		return "standard input"
	}
	return name
}

func newShowReport(read []shownFile, now time.Time) *showReport {
	r := &showReport{Schema: showSchema}
	for _, f := range read {
		out := showFile{File: oneLine(f.name), Serial: f.serial, Remarks: oneLineEach(f.remarks), Objects: []showObject{}}
		if f.err != nil {
			out.Error = oneLine(f.err.Error())
		}
		for _, o := range f.objects {
			out.Objects = append(out.Objects, newShowObject(o, now))
		}
		r.Files = append(r.Files, out)
	}
	r.matchKeys()
	return r
}

func newShowObject(o certset.Object, now time.Time) showObject {
	out := showObject{Number: o.Number, Kind: oneLine(strings.TrimPrefix(o.Kind, "a "))}
	if o.Err != nil {
		out.Error = oneLine(o.Err.Error())
		return out
	}
	if o.Form != "" || o.PublicKeyInfo != nil {
		out.Key = &showKey{Form: o.Form, Encrypted: o.Encrypted, SameAs: []string{}}
	}
	if o.PublicKeyInfo != nil {
		out.Key.Type = certset.KeyTypeOf(o.PublicKeyInfo)
		sum := o.KeyHash()
		out.Key.SHA256 = hex.EncodeToString(sum[:])
	}
	if o.Certificate != nil {
		out.Certificate = describeWhole(o.Certificate, now)
	}
	if o.Request != nil {
		out.Request = describeRequest(o.Request)
	}
	return out
}

func describeWhole(c *certset.Certificate, now time.Time) *showCertificate {
	sum := c.FingerprintSHA1()
	uses := c.Uses()
	out := &showCertificate{
		certificateReport: describe("", c),
		showUses:          describeUses(uses, c.Extensions),
		Issuer:            oneLine(c.Issuer()),
		SelfSigned:        c.SignedBy(c) == nil,
		Version:           c.Version,
		DaysLeft:          int(math.Floor(c.NotAfter.Sub(now).Hours() / day.Hours())),
		SHA1:              hex.EncodeToString(sum[:]),
		IssuerKeyID:       hex.EncodeToString(uses.IssuerKeyID),
		Algorithm:         c.SignatureAlgorithm(),
		now:               now,
	}
	if c.X509Err != nil {
		out.RefusedByGo = oneLine(c.X509Err.Error())
	}
	return out
}

func describeRequest(r *certset.Request) *showRequest {
	out := &showRequest{
		Subject: oneLine(r.Subject()), Names: oneLineEach(r.Names()),
		showUses:  describeUses(r.Uses(), r.Extensions),
		Algorithm: r.SignatureAlgorithm(), SignatureValid: r.CheckSignature() == nil,
	}
	if r.X509Err != nil {
		out.RefusedByGo = oneLine(r.X509Err.Error())
	}
	return out
}

func describeUses(u certset.Uses, extensions []pkix.Extension) showUses {
	out := showUses{
		KeyUsage: append([]string{}, u.KeyUsage...), ExtendedKeyUsage: []string{}, CA: u.CA, PathLength: u.PathLen,
		KeyID: hex.EncodeToString(u.KeyID), Extensions: []showExtension{},
	}
	for _, id := range u.ExtKeyUsage {
		out.ExtendedKeyUsage = append(out.ExtendedKeyUsage, x509v3.Extension{ID: id}.Name())
	}
	for _, e := range extensions {
		as := x509v3.Extension{ID: e.Id, Value: x509v3.Raw(e.Value)}
		out.Extensions = append(out.Extensions, showExtension{
			OID: e.Id.String(), Name: as.Name(), Critical: e.Critical, Value: oneLine(as.Describe()), told: u.Tell(e.Id),
		})
	}
	return out
}

// matchKeys says of each key where else it is.
func (r *showReport) matchKeys() {
	places := map[string][]string{}
	r.eachKey(func(k *showKey, place string) { places[k.SHA256] = append(places[k.SHA256], place) })
	r.eachKey(func(k *showKey, own string) {
		for _, place := range places[k.SHA256] {
			if place != own {
				k.SameAs = append(k.SameAs, place)
			}
		}
	})
}

// eachKey goes through the public keys with their places: the file, and the number where it holds several objects.
func (r *showReport) eachKey(do func(k *showKey, place string)) {
	for _, f := range r.Files {
		for _, o := range f.Objects {
			if o.Key == nil || o.Key.SHA256 == "" {
				continue
			}
			place := fileTitle(f.File)
			if len(f.Objects) > 1 {
				place = fmt.Sprintf("%s (%d)", place, o.Number)
			}
			do(o.Key, place)
		}
	}
}

// errors are what could not be read, with the file and the place in it.
func (r *showReport) errors() []string {
	var out []string
	for _, f := range r.Files {
		if f.Error != "" {
			out = append(out, f.Error)
		}
		for _, o := range f.Objects {
			switch {
			case o.Error == "":
			case len(f.Objects) > 1:
				out = append(out, fmt.Sprintf("%s: block %d: %s", fileTitle(f.File), o.Number, o.Error))
			default:
				out = append(out, fmt.Sprintf("%s: %s", fileTitle(f.File), o.Error))
			}
		}
	}
	return out
}
