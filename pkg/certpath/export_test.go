package certpath

import "testing"

// EachGenerated has generated paths judged by judge, for tests from outside: the path, and whether X509_verify_cert refuses
// it with these settings. The judge's answer is how it differs.
func EachGenerated(t *testing.T, count int, settings OpenSSL, judge func(p Path, refused bool) string) {
	eachGenerated(t, count, func(t *testing.T) func(generated) string {
		peer := needLibcrypto(t)
		return func(g generated) string {
			g.Host, g.settings = "", settings
			a := peer.ask(t, g.question())
			if len(a.Unreadable) > 0 {
				return ""
			}
			return judge(g.Path, len(a.Refusals) > 0)
		}
	})
}
