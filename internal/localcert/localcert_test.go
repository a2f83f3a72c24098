package localcert

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"
)

func TestNew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cert, ca, err := New(now)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(ca); strings.Count(text, "BEGIN") != 1 || strings.Contains(text, "KEY") {
		t.Errorf("the authority is not one certificate and nothing else: %s", text)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("the authority is no certificate")
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "example.com": false, "127.0.0.2": false} {
		for at, inTime := range map[time.Time]bool{now: true, now.Add(Valid - time.Second): true, now.Add(Valid + time.Second): false, now.Add(-2 * time.Hour): false} {
			_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: at})
			if (err == nil) != (want && inTime) {
				t.Errorf("%s at %s: %v", name, at, err)
			}
		}
	}
	again, other, err := New(now)
	if err != nil || string(other) == string(ca) || string(again.Certificate[0]) == string(cert.Certificate[0]) {
		t.Errorf("two starts have the same certificate, %v", err)
	}
}
