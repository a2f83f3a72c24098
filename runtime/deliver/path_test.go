package deliver

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cfimages/cfimages/runtime/delivery"
)

// TestAddressesOfClients reads what clients write.
func TestAddressesOfClients(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"083eb7b2", "a/b%c/d.png", "🐈?#", "50% off", "%2F", "a+b&c=d"} {
		for _, variant := range []string{"public", "w=400,sharpen=3"} {
			a := delivery.Address{Hash: "hash", ID: id, Variant: variant}
			for _, a := range []delivery.Address{a, a.On("shop.example")} {
				u, err := url.Parse(a.String())
				if err != nil {
					t.Fatal(err)
				}
				if got, ok := parsePath(u.EscapedPath()); !ok || got != (address{"hash", id, variant}) {
					t.Errorf("%s: %+v, %t", a, got, ok)
				}
				agree(t, u.EscapedPath())
			}
		}
	}
}

// agree wants an address that a client understands to be understood here in the
// same way. More is understood here: options that are percent-encoded, and ids
// with empty segments.
func agree(t *testing.T, path string) {
	t.Helper()
	u, err := url.Parse("https://images.example" + path)
	if err != nil {
		return
	}
	client, err := delivery.Parse(u.String())
	if err != nil || !utf8.ValidString(client.ID) {
		return
	}
	if host, ok := parsePath(u.EscapedPath()); !ok || host != (address{client.Hash, client.ID, client.Variant}) {
		t.Errorf("%s: a client reads %+v, the host %+v, %t", path, client, host, ok)
	}
}

// FuzzPath takes apart what it has put together, and never more than that.
func FuzzPath(f *testing.F) {
	f.Add("/h/a%2Fb/public", "a/b", "public")
	f.Add("/cdn-cgi/imagedelivery/h/%25/w=4", "50% off/猫", "w=400,h=3")
	f.Fuzz(func(t *testing.T, path, id, variant string) {
		if a, ok := parsePath(path); ok && (a.hash == "" || a.id == "" || a.variant == "" || strings.Contains(a.hash, "/")) {
			t.Fatalf("%q: %+v", path, a)
		}
		agree(t, path)
		made := (&url.URL{Path: "/hash/" + id}).EscapedPath() + "/" + url.PathEscape(variant)
		a, ok := parsePath(made)
		valid := id != "" && variant != "" && strings.ToValidUTF8(id, "") == id
		if ok != valid || ok && a != (address{"hash", id, variant}) {
			t.Fatalf("%q: %+v, %t", made, a, ok)
		}
	})
}
