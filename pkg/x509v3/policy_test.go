package x509v3

import "testing"

func TestPolicies(t *testing.T) {
	checkRows(t, []row{
		{"certificatePolicies = 1.2.3, anyPolicy", "300e300406022a0330060604551d2000"},
		{"certificatePolicies = @policy", "3053305106022a03304b302206082b060105050702011616687474703a2f2f6578616d706c652e636f6d2f637073302506082b060105050702023019300d1a034f726730060201010201020c084578706c69636974"},
		{"certificatePolicies = ia5org, @policy", "3053305106022a03304b302206082b060105050702011616687474703a2f2f6578616d706c652e636f6d2f637073302506082b060105050702023019300d16034f726730060201010201020c084578706c69636974"},
		{"certificatePolicies = 1.2.3:x", `certificatePolicies: wanted a policy's OID or @section, found "1.2.3:x"`},
		{"certificatePolicies = @empty", "certificatePolicies: the section [empty] has no policyIdentifier"},
		{"certificatePolicies = @names", "x.cnf:5: [names] DNS.1: wanted policyIdentifier, CPS or userNotice"},
		{"certificatePolicies = @nowhere", "certificatePolicies: there is no section [nowhere]"},
		{"policyConstraints = requireExplicitPolicy:3, inhibitPolicyMapping:0", "3006800103810100"},
		{"policyConstraints = inhibit:0", `policyConstraints: wanted requireExplicitPolicy:NUMBER or inhibitPolicyMapping:NUMBER, found "inhibit:0"`},
		{"policyMappings = 1.2.3:1.2.4, 1.5:1.6", "3012300806022a0306022a04300606012d06012e"},
		{"policyMappings = 1.2.3", `policyMappings: wanted ISSUER'S-POLICY:SUBJECT'S-POLICY, found "1.2.3"`},
	})
}

func TestProxyCertInfo(t *testing.T) {
	checkRows(t, []row{
		{"proxyCertInfo = language:id-ppl-anyLanguage, pathlen:3, policy:text:ab, policy:hex:6364", "3015020103301006082b06010505071500040461626364"},
		{"proxyCertInfo = @proxy", "300f020101300a06082b06010505071500"},
		{"proxyCertInfo = @proxy, @empty", "300f020101300a06082b06010505071500"},
		{"proxyCertInfo = @proxy, policy:file:policy.txt", "3017020101301206082b060105050715000406706f6c696379"},
		{"proxyCertInfo = language:id-ppl-inheritAll", "300c300a06082b06010505071501"},
		{"proxyCertInfo = language:id-ppl-inheritAll, policy:text:x", "proxyCertInfo: this policy language goes without a policy"},
		{"proxyCertInfo = pathlen:1", "proxyCertInfo: wanted language:OID, found none"},
		{"proxyCertInfo = @proxy, pathlen:1", "proxyCertInfo: pathlen is set twice"},
		{"proxyCertInfo = @proxy, language:1.2.3", "proxyCertInfo: the policy language is set twice"},
		{"proxyCertInfo = @proxy, policy:file:missing.txt", "proxyCertInfo: missing.txt: file does not exist"},
		{"proxyCertInfo = @proxy, policy:x", `proxyCertInfo: policy: wanted text:, hex: or file:, found "x"`},
		{"proxyCertInfo = critical", `proxyCertInfo: wanted language:OID, pathlen:NUMBER, policy:KIND:VALUE or @section, found "critical"`},
	})
}
