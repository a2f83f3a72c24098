package seed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake"
)

const (
	dot   = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	dot64 = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
)

// tree writes files into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// apply seeds a new world.
func apply(t *testing.T, w *fake.World, path string) (Counts, error) {
	t.Helper()
	f, err := Open(path, "a")
	if err != nil {
		return Counts{}, err
	}
	return Apply(t.Context(), w, f)
}

func images(t *testing.T, w *fake.World) []api.Image {
	t.Helper()
	list, err := w.Account("a").ListImages(t.Context(), api.ListImagesParams{SortOrder: api.SortOrderAsc})
	if err != nil {
		t.Fatal(err)
	}
	return list.Images
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"b.svg": dot, "a/z.svg": dot, "a.svg": dot, ".hidden": "x", ".git/config": "x",
		"a.svg.json": `{"metadata":{"n":1.50},"creator":"me","filename":"other.svg"}`,
		"b.svg.json": `{"requireSignedURLs":true}`,
	})
	w := fake.New(fake.WithSeed(1))
	n, err := apply(t, w, dir)
	if err != nil || n != (Counts{Accounts: 1, Images: 3}) {
		t.Fatalf("%+v, %v", n, err)
	}
	got := images(t, w)
	if got[0].ID != "a.svg" || got[0].Filename != "other.svg" || got[0].Meta.String() != `{"n":1.50}` || *got[0].Creator != "me" {
		t.Errorf("%+v", got[0])
	}
	if got[1].ID != "a/z.svg" || got[1].Filename != "z.svg" {
		t.Errorf("%+v", got[1])
	}
	if got[2].ID == "b.svg" || got[2].Filename != "b.svg" || !got[2].RequireSignedURLs {
		t.Errorf("%+v", got[2])
	}
}

func TestFixture(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"in/tom.svg": dot, "f.json": `{"accounts":{"a":{
		"settings":{"flexible_variants":true,"browser_ttl":3600},
		"variants":[{"id":"thumb","options":{"fit":"cover","width":9,"height":9,"metadata":"none"},"neverRequireSignedURLs":true}],
		"keys":["backup"],
		"images":[{"id":"cats/tom","file":"in/tom.svg","metadata":{"deep":{"x":[1,null,true]}}},
			{"content":"` + dot64 + `","filename":"dot.svg","creator":null,"requireSignedURLs":true}]},
		"b":{"images":[{"id":"cats/tom","content":"` + dot64 + `"}]}}}`})
	w := fake.New()
	n, err := apply(t, w, filepath.Join(dir, "f.json"))
	if err != nil || n != (Counts{Accounts: 2, Variants: 1, Keys: 1, Images: 3}) {
		t.Fatalf("%+v, %v", n, err)
	}
	got := images(t, w)
	if got[0].ID != "cats/tom" || got[0].Filename != "tom.svg" || got[1].Filename != "dot.svg" || !got[1].RequireSignedURLs {
		t.Errorf("%+v", got)
	}
	if keys, err := w.Account("a").ListSigningKeys(t.Context()); err != nil || len(keys) != 2 || keys[1].Name != "backup" {
		t.Errorf("keys %+v, %v", keys, err)
	}
	if v, err := w.Account("a").GetVariant(t.Context(), "thumb"); err != nil || !v.NeverRequireSignedURLs {
		t.Errorf("variant %+v, %v", v, err)
	}
	if o, ok := w.AccountByHash(w.Account("a").Hash()); !ok || !o.Settings().FlexibleVariants {
		t.Errorf("settings %+v", o)
	}
}

// TestRefused checks that what is wrong is told with its place, and that nothing
// of such a fixture stays.
func TestRefused(t *testing.T) {
	t.Parallel()
	account := func(text string) map[string]string {
		return map[string]string{"f.json": `{"accounts":{"a":{` + text + `}}}`, "dot.svg": dot, "text.png": "no image"}
	}
	for name, tt := range map[string]struct {
		files map[string]string
		says  string
	}{
		"unknown member":        {account(`"imags":[]`), "accounts.a.imags: is an unknown field"},
		"unknown deep member":   {account(`"variants":[{"id":"v","options":{"size":1}}]`), "accounts.a.variants[0].options.size: is an unknown field"},
		"wrong case":            {account(`"Images":[]`), "accounts.a.Images: is an unknown field"},
		"member twice":          {account(`"keys":[],"keys":[]`), "accounts.a.keys: is there twice"},
		"account twice":         {map[string]string{"f.json": `{"accounts":{"a":{},"a":{}}}`}, "accounts.a: is there twice"},
		"metadata member twice": {account(`"images":[{"content":"","metadata":{"x":{"y":1,"y":2}}}]`), "metadata.x.y: is there twice"},
		"no text":               {account(`"images":[{"id":7}]`), "accounts.a.images[0].id: must be a text"},
		"no list":               {account(`"images":{}`), "accounts.a.images: must be a list"},
		"no boolean":            {account(`"images":[{"requireSignedURLs":"yes"}]`), "requireSignedURLs: must be true or false"},
		"no integer":            {account(`"settings":{"browser_ttl":1.5}`), "browser_ttl: must be an integer"},
		"null document":         {map[string]string{"f.json": "null"}, "the document: must be an object"},
		"null":                  {account(`"images":null`), "accounts.a.images: must be a list"},
		"no base64":             {account(`"images":[{"content":"%"}]`), "accounts.a.images[0].content: must be a text in base64"},
		"no content":            {account(`"images":[{"id":"x"}]`), "accounts.a.images[0]: it needs file or content"},
		"both":                  {account(`"images":[{"file":"dot.svg","content":""}]`), "should have one of them"},
		"no file":               {account(`"images":[{"file":"dog.svg"}]`), "accounts.a.images[0]: file: "},
		"file outside":          {account(`"images":[{"file":"../dog.svg"}]`), "not below the folder"},
		"folder as file":        {account(`"images":[{"file":"."}]`), "no regular file"},
		"id twice":              {account(`"images":[{"id":"x","file":"dot.svg"},{"id":"x","file":"dot.svg"}]`), `accounts.a.images[1].id: "x" is taken by accounts.a.images[0].id`},
		"variant twice":         {account(`"variants":[{"id":"v"},{"id":"v"}]`), "accounts.a.variants[1].id"},
		"key twice":             {account(`"keys":["k","k"]`), "accounts.a.keys[1]"},
		"refused image":         {account(`"images":[{"id":"x","file":"dot.svg"},{"file":"text.png"}]`), "accounts.a.images[1] (text.png): "},
		"refused variant":       {account(`"images":[{"file":"dot.svg"}],"variants":[{"id":"v","options":{"fit":"round"}}]`), "accounts.a.variants[0]: "},
		"refused key":           {account(`"images":[{"file":"dot.svg"}],"keys":[""]`), "accounts.a.keys[0]: "},
		"refused setting":       {account(`"images":[{"file":"dot.svg"}],"settings":{"browser_ttl":1}`), "accounts.a.settings: "},
		"refused account":       {map[string]string{"f.json": `{"accounts":{"":{"keys":["x"]}}}`}, "accounts."},
		"no JSON":               {map[string]string{"f.json": `{"accounts":`}, "the text ends early"},
		"broken JSON":           {map[string]string{"f.json": `{"accounts":{"a":{]}}}`}, "no JSON at byte"},
		"two values":            {map[string]string{"f.json": `{}{}`}, "nothing behind it"},
		"too deep":              {account(`"images":[{"content":"","metadata":{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}}]`), "nested too deeply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fake.New()
			_, err := apply(t, w, filepath.Join(tree(t, tt.files), "f.json"))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, should say %q", err, tt.says)
			}
			nothing(t, w)
		})
	}
}

// nothing checks that an account is new.
func nothing(t *testing.T, w *fake.World) {
	t.Helper()
	if list := images(t, w); len(list) > 0 {
		t.Errorf("images %+v", list)
	}
	keys, err := w.Account("a").ListSigningKeys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Errorf("keys %+v, %v", keys, err)
	}
	variants, err := w.Account("a").ListVariants(t.Context())
	if err != nil || len(variants) != 1 {
		t.Errorf("variants %+v, %v", variants, err)
	}
}

func TestFolderRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files map[string]string
		says  string
	}{
		"lonely side file":   {map[string]string{"a.svg": dot, "b.svg.json": "{}"}, "b.svg.json: there is no image"},
		"unknown file":       {map[string]string{"a.svg": dot, "sub/notes.txt": "hello"}, "(sub/notes.txt): "},
		"unknown member":     {map[string]string{"a.svg": dot, "a.svg.json": `{"owner":"me"}`}, "a.svg.json: owner: is an unknown field"},
		"metadata is no map": {map[string]string{"a.svg": dot, "a.svg.json": `{"metadata":[]}`}, "a.svg.json: metadata: must be an object"},
		"large side file":    {map[string]string{"a.svg": dot, "a.svg.json": strings.Repeat(" ", maxSide+1)}, "more than a mebibyte"},
		"reserved id":        {map[string]string{"a.svg": dot, "83eb7b2d-5392-4565-b69e-aff66acddd00": dot}, "83eb7b2d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fake.New()
			_, err := apply(t, w, tree(t, tt.files))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, should say %q", err, tt.says)
			}
			nothing(t, w)
		})
	}
	link := tree(t, nil)
	if err := os.Symlink("/etc/hostname", filepath.Join(link, "a.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link, "a"); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a link: %v", err)
	}
	if _, err := Open(filepath.Join(link, "nothing"), "a"); err == nil {
		t.Error("a path to nothing is no error")
	}
}

// TestParse refuses files, since there is no folder for them.
func TestParse(t *testing.T) {
	t.Parallel()
	_, err := Parse(strings.NewReader(`{"accounts":{"a":{"images":[{"file":"a.png"}]}}}`))
	if err == nil || !strings.Contains(err.Error(), "accounts.a.images[0]: file: there are no files here") {
		t.Error(err)
	}
	if f, err := Parse(strings.NewReader(`{}`)); err != nil || len(f.Accounts) != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

// FuzzParse reads anything, and applies what it accepts, without a panic; what is
// refused leaves nothing.
func FuzzParse(f *testing.F) {
	f.Add(`{"accounts":{"a":{"images":[{"id":"x","content":"` + dot64 + `"}],"keys":["k"],"settings":{}}}}`)
	f.Add(`{"accounts":{"a":{"variants":[{"id":"v","options":{"fit":"cover","width":1,"height":1,"metadata":"none"}}]}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		fixture, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		w := fake.New()
		if _, err := Apply(t.Context(), w, fixture); err != nil {
			nothing(t, w)
		}
	})
}
