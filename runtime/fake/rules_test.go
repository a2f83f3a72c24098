package fake

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
)

func TestCustomIDs(t *testing.T) {
	for _, id := range []string{
		"a", "a/b.png", "100%", "😀", "p/a", "a//b", "v1.2", "release-1.2", "example.com", "john.smith", ".txt", "a.", "...", "a.b/c", "../a", "a/./b",
		"photo.JPG", "photo.heic", "a.svg", "keys", "0f8fad5bd9cb469fa16570867728950e", "x0f8fad5b-d9cb-469f-a165-70867728950e",
		strings.Repeat("é", 1024), strings.Repeat("x", 1024),
	} {
		if err := checkCustomID(id, false); err != nil {
			t.Errorf("%.40q: %v", id, err)
		}
	}
	for id, reason := range map[string]string{
		".":                                    "Must not be",
		"..":                                   "Must not be",
		"/a":                                   "slash",
		"a/":                                   "slash",
		"/":                                    "slash",
		"0f8fad5b-d9cb-469f-a165-70867728950e": "Must not be UUID",
		"0F8FAD5B-D9CB-469F-A165-70867728950E": "Must not be UUID",
		"a.txt":                                "Must not use a non-image file name extension",
		"a/b.c.PDF":                            "Must not use a non-image file name extension",
		"a\xff":                                "UTF-8",
		strings.Repeat("é", 1025):              "1024",
	} {
		err := checkCustomID(id, true)
		fails(t, err, api.ErrInvalidCustomID)
		if text := err.Error(); !strings.Contains(text, reason) || !strings.Contains(text, api.ErrInvalidCustomID.Message+": ") {
			t.Errorf("%.40q: %s", id, text)
		}
	}
	fails(t, checkCustomID("a", true), api.ErrCustomIDCannotBePrivate)
}

func FuzzLinks(f *testing.F) {
	for _, id := range []string{"a", "a/b", "100%", "%2F", "a?b#c", "😀", "\x00", "\xff", "a\u2028b", "//", "a:b", "+"} {
		f.Add(id)
	}
	w := New()
	a := w.Account("one")
	f.Fuzz(func(t *testing.T, id string) {
		if id == "" || customIDViolation(id) != "" {
			return
		}
		l := links{defaultUploadURL, a.Hash()}
		_, got, err := w.addressee(l.upload(id))
		equal(t, "error", err, nil)
		equal(t, "id", got, id)
		u := ok(url.Parse(l.variants(id, []string{"public"})[0]))(t)
		equal(t, "path", u.Path, "/"+a.Hash()+"/"+id+"/public")
		equal(t, "rest", u.Scheme+u.Host+u.RawQuery+u.Fragment, "httpsupload.imagedelivery.net")
	})
}

func TestLinksKeepWhatTheyCan(t *testing.T) {
	for id, want := range map[string]string{
		"a/b.png": "a/b.png", "100%": "100%25", "😀é": "😀é", "a b?": "a%20b%3F", "a+b&c=d": "a+b&c=d", "\u2028": "%E2%80%A8",
	} {
		equal(t, "escaped id", escapeID(id), want)
	}
}

func TestMetadataText(t *testing.T) {
	var exact api.Meta
	if err := exact.UnmarshalJSON([]byte(`{"big":12345678901234567890,"one":1.0,"exp":1e2,"html":"<&>"}`)); err != nil {
		t.Fatal(err)
	}
	for want, meta := range map[string]api.Meta{
		`{"big":12345678901234567890,"exp":1e2,"html":"<&>","one":1.0}`: exact,
		`{}`: {},
		``:   nil,
		"{\"s\":\"\u2028\u2029\\\\u2028\\\\\u2028\\n\"}": {"s": "\u2028\u2029\\u2028\\\u2028\n"},
	} {
		equal(t, "text", ok(encodeMetadata(meta))(t).String(), want)
	}
	fits := func(value string) error {
		_, err := encodeMetadata(api.Meta{"k": value})
		return err
	}
	room := api.MetaMaxBytes - len(`{"k":""}`)
	for _, unit := range []string{"x", "é", "<", "\u2028", `\`} {
		size := len(unit)
		if unit == `\` {
			size = 2
		}
		most := strings.Repeat(unit, room/size)
		if err := fits(most); err != nil {
			t.Errorf("%q: %v", unit, err)
		}
		fails(t, fits(most+unit), api.ErrBadRequest)
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add(`{"a":"\u2028"}`)
	f.Add(`{"a":"\\u2028"}`)
	f.Add(`{"a":{"b":[1.0,"<&>",null,true]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var meta, again api.Meta
		if meta.UnmarshalJSON([]byte(text)) != nil || meta == nil {
			return
		}
		stored, err := encodeMetadata(meta)
		if err != nil {
			fails(t, err, api.ErrBadRequest)
			return
		}
		if err := again.UnmarshalJSON(stored); err != nil {
			t.Fatalf("%s: %v", stored, err)
		}
		equal(t, "metadata", fmt.Sprintf("%#v", again), fmt.Sprintf("%#v", meta))
		if !utf8.Valid(stored) || len(stored) > api.MetaMaxBytes {
			t.Fatalf("stored text is %q", stored)
		}
	})
}

func names(keys []api.SigningKey) string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return strings.Join(out, " ")
}

func TestSigningKeys(t *testing.T) {
	a := New().Account("one")
	start := ok(a.ListSigningKeys(t.Context()))(t)
	equal(t, "names", names(start), "default")
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(start[0].Value) {
		t.Errorf("value is %q", start[0].Value)
	}
	two := ok(a.PutSigningKey(t.Context(), "b"))(t)
	ok(a.PutSigningKey(t.Context(), "a"))(t)
	rotated := ok(a.PutSigningKey(t.Context(), "b"))(t)
	equal(t, "names", names(rotated), "default b a")
	equal(t, "other key", rotated[0], start[0])
	if rotated[1].Value == two[1].Value {
		t.Error("the key was not rotated")
	}
	rotated[0].Value = "changed"
	equal(t, "list", ok(a.ListSigningKeys(t.Context()))(t)[0], start[0])

	rest := ok(a.DeleteSigningKey(t.Context(), "b"))(t)
	equal(t, "names", names(rest), "default a")
	_, err := a.DeleteSigningKey(t.Context(), "b")
	fails(t, err, api.ErrImageNotFound)
	ok(a.DeleteSigningKey(t.Context(), "a"))(t)
	last := ok(a.DeleteSigningKey(t.Context(), "default"))(t)
	equal(t, "names", names(last), "default")
	if last[0].Value == start[0].Value {
		t.Error("the new default has the old value")
	}
	ok(a.PutSigningKey(t.Context(), "only"))(t)
	ok(a.DeleteSigningKey(t.Context(), "default"))(t)
	equal(t, "names", names(ok(a.DeleteSigningKey(t.Context(), "only"))(t)), "default")
}

func TestKeySwitches(t *testing.T) {
	a := New(WithMaxKeys(2), WithLastKeyRefused()).Account("one")
	ok(a.PutSigningKey(t.Context(), "two"))(t)
	_, err := a.PutSigningKey(t.Context(), "three")
	fails(t, err, api.ErrLimitReached)
	ok(a.PutSigningKey(t.Context(), "two"))(t)
	ok(a.DeleteSigningKey(t.Context(), "default"))(t)
	before := ok(a.ListSigningKeys(t.Context()))(t)
	_, err = a.DeleteSigningKey(t.Context(), "two")
	fails(t, err, api.ErrBadRequest)
	equal(t, "keys", fmt.Sprint(ok(a.ListSigningKeys(t.Context()))(t)), fmt.Sprint(before))
}

func TestConcurrentPutsMakeOneKey(t *testing.T) {
	a := New().Account("one")
	together(10, func(int) { ok(a.PutSigningKey(t.Context(), "new"))(t) })
	equal(t, "names", names(ok(a.ListSigningKeys(t.Context()))(t)), "default new")
}

func variant(id string, width int64) api.VariantCreate {
	return api.VariantCreate{ID: id, Options: api.VariantOptions{
		Fit: api.VariantFitCover, Width: width, Height: 2, Metadata: api.VariantMetadataKeep,
		BrowserTTL: new(int64(3600)), Blur: new(int64(5)),
	}}
}

func show(v api.Variant) string {
	o := v.Options
	text := fmt.Sprint(v.ID, " ", o.Fit, " ", o.Width, "x", o.Height, " ", o.Metadata, " ", v.NeverRequireSignedURLs)
	for _, p := range []*int64{o.BrowserTTL, o.Blur} {
		if p != nil {
			text += fmt.Sprint(" ", *p)
		}
	}
	return text
}

func TestVariants(t *testing.T) {
	a := New().Account("one")
	img := upload(t, a, 1)
	made := ok(a.CreateVariant(t.Context(), variant("heroX", 100)))(t)
	equal(t, "variant", show(*made), "heroX cover 100x2 keep false 3600 5")
	ok(a.CreateVariant(t.Context(), variant("Big", 200)))(t)
	list := ok(a.ListVariants(t.Context()))(t)
	equal(t, "count", len(list), 3)
	equal(t, "public", show(list["public"]), "public scale-down 1366x768 none false")
	for id, v := range list {
		equal(t, "entry", show(*ok(a.GetVariant(t.Context(), id))(t)), show(v))
	}
	*made.Options.Blur, *list["Big"].Options.Blur = 99, 99
	equal(t, "copy", show(*ok(a.GetVariant(t.Context(), "heroX"))(t)), "heroX cover 100x2 keep false 3600 5")
	equal(t, "copy", show(*ok(a.GetVariant(t.Context(), "Big"))(t)), "Big cover 200x2 keep false 3600 5")

	urls := func() string {
		var out []string
		for _, v := range get(t, a, img.ID).Variants {
			out = append(out, v[strings.LastIndex(v, "/")+1:])
		}
		return strings.Join(out, " ")
	}
	equal(t, "URLs", urls(), "public Big heroX")

	_, err := a.CreateVariant(t.Context(), variant("Big", 1))
	fails(t, err, api.ErrResourceExists)
	for _, id := range []string{"", "a-b", "a_b", "a b", "a/b", "é", strings.Repeat("a", 100)} {
		_, err := a.CreateVariant(t.Context(), variant(id, 1))
		fails(t, err, api.ErrBadRequest)
	}
	_, err = a.GetVariant(t.Context(), "hero")
	fails(t, err, api.ErrVariantNotFound)

	edit := api.VariantEdit{Options: variant("", 7).Options, NeverRequireSignedURLs: new(true)}
	edit.Options.Blur = nil
	equal(t, "edited", show(*ok(a.EditVariant(t.Context(), "Big", edit))(t)), "Big cover 7x2 keep true 3600")
	edit.NeverRequireSignedURLs = nil
	*edit.Options.BrowserTTL = 7200
	equal(t, "stored", show(*ok(a.GetVariant(t.Context(), "Big"))(t)), "Big cover 7x2 keep true 3600")
	equal(t, "edited", show(*ok(a.EditVariant(t.Context(), "Big", edit))(t)), "Big cover 7x2 keep true 7200")
	equal(t, "other", show(*ok(a.GetVariant(t.Context(), "heroX"))(t)), "heroX cover 100x2 keep false 3600 5")
	_, err = a.EditVariant(t.Context(), "hero", edit)
	fails(t, err, api.ErrVariantNotFound)

	for _, id := range []string{"Big", "public"} {
		if err := a.DeleteVariant(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "URLs", urls(), "public heroX")
	fails(t, a.DeleteVariant(t.Context(), "Big"), api.ErrVariantNotFound)
	ok(a.GetVariant(t.Context(), "public"))(t)
}

func TestVariantLimit(t *testing.T) {
	for limit, opts := range map[int][]Option{100: nil, 3: {WithVariantLimit(3)}} {
		a := New(opts...).Account("one")
		for i := 1; i < limit; i++ {
			ok(a.CreateVariant(t.Context(), variant(fmt.Sprint("v", i), 1)))(t)
		}
		_, err := a.CreateVariant(t.Context(), variant("last", 1))
		fails(t, err, api.ErrLimitReached)
		equal(t, "count", len(ok(a.ListVariants(t.Context()))(t)), limit)
	}
}

// TestEvidence checks that every tag in a comment is one of the known levels,
// and that no file is without one that has rules.
func TestEvidence(t *testing.T) {
	tag := regexp.MustCompile(`//.*?\[([a-z]+)\]`)
	levels := []string{"documented", "observed", "sdk", "assumed"}
	for _, path := range ok(filepath.Glob("*.go"))(t) {
		text := string(ok(os.ReadFile(path))(t))
		for _, m := range tag.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(levels, m[1]) && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%s: unknown evidence %s", path, m[1])
			}
		}
		if strings.Contains(text, "api.Err") && !strings.HasSuffix(path, "_test.go") && !tag.MatchString(text) {
			t.Errorf("%s has rules without evidence", path)
		}
	}
}

func TestErrorsAreOfTheCatalogue(t *testing.T) {
	err := checkCustomID("/", false)
	if e, isError := errors.AsType[*api.Error](err); !isError || e.Status != api.ErrInvalidCustomID.Status || e.Messages[0].Source == nil {
		t.Errorf("error is %#v", err)
	}
}
