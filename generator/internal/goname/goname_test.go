package goname_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/cfimages/cfimages/generator/internal/goname"
)

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, exported, unexported string }{
		{"photo_id", "PhotoID", "photoID"},
		{"url", "URL", "url"},
		{"ticketURL", "TicketURL", "ticketURL"},
		{"cache_ttl", "CacheTTL", "cacheTTL"},
		{"allowPlainURLs", "AllowPlainURLs", "allowPlainURLs"},
		{"listBooksV1", "ListBooksV1", "listBooksV1"},
		{"audio/*", "Audio", "audio"},
		{"application/octet-stream", "ApplicationOctetStream", "applicationOctetStream"},
		{"type", "Type", "typeArg"},
		{"X-Auth-Key", "XAuthKey", "xAuthKey"},
		{"v2", "V2", "v2"},
		{"notEqual", "NotEqual", "notEqual"},
		{"", "", ""},
	} {
		if got := goname.Exported(c.name); got != c.exported {
			t.Errorf("Exported(%q) = %q, want %q", c.name, got, c.exported)
		}
		if got := goname.Unexported(c.name); got != c.unexported {
			t.Errorf("Unexported(%q) = %q, want %q", c.name, got, c.unexported)
		}
	}
}

// prime sets oapi-codegen's global state, which its own names need.
func prime(t testing.TB) {
	t.Helper()
	cfg := codegen.Configuration{PackageName: "x"}
	cfg.OutputOptions.NameNormalizer = string(codegen.NameNormalizerFunctionToCamelCaseWithInitialisms)
	doc := &openapi3.T{OpenAPI: "3.0.3", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}
	if _, err := codegen.Generate(doc, cfg.UpdateDefaults()); err != nil {
		t.Fatal(err)
	}
}

// TestAgreement compares the names with those that oapi-codegen writes.
func TestAgreement(t *testing.T) {
	prime(t)
	for _, name := range []string{
		"photo_id", "photoIds", "idx", "APIKey", "apiToken", "httpURL", "HTTPSproxy", "uid2", "id3v2", "utf8", "tsUtf8Text",
		"a.b-c+d e", "already_Camel", "x1y2", "userID", "ÄpfelId", "json", "jsonXML", "dbTTL", "2fast", "TCP_IP",
	} {
		if got, want := goname.Exported(name), codegen.ToCamelCaseWithInitialisms(name); got != want {
			t.Errorf("Exported(%q) = %q, oapi-codegen says %q", name, got, want)
		}
	}
}

func FuzzAgreement(f *testing.F) {
	prime(f)
	f.Add("photo_id")
	f.Add("v2ID")
	f.Fuzz(func(t *testing.T, name string) {
		if got, want := goname.Exported(name), codegen.ToCamelCaseWithInitialisms(name); got != want {
			t.Errorf("Exported(%q) = %q, oapi-codegen says %q", name, got, want)
		}
		_ = goname.Unexported(name)
	})
}
