package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestTasks runs the program against a mock, whose log shows that nothing is left
// out.
func TestTasks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cat.svg")
	if err := os.WriteFile(path, []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	m := mock.Start(t)
	t.Setenv("CLOUDFLARE_BASE_URL", m.URL())
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "account")
	t.Setenv("CLOUDFLARE_API_TOKEN", "token")
	args := os.Args
	t.Cleanup(func() { os.Args = args })
	os.Args = []string{"tasks", path}
	main()
	var made []string
	for _, c := range m.Calls() {
		if c.Err != nil {
			t.Errorf("%s: %v", c.Op, c.Err)
		}
		made = append(made, c.Op.Name)
	}
	if got := strings.Join(made, " "); got != "UploadImage ListImages EditImage CreateDirectUpload ListSigningKeys DeleteImage" {
		t.Error(got)
	}
	if page, err := m.Account("account").ListImages(t.Context(), api.ListImagesParams{}); err != nil || len(page.Images) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestTasksAreShort counts what a caller types: the whole program, an upload with
// metadata, and a walk through a filtered list.
func TestTasksAreShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	count := func(from, to string) int {
		_, rest, found := strings.Cut(string(text), from)
		part, _, ended := strings.Cut(rest, to)
		if !found || !ended {
			t.Fatalf("nothing is from %q to %q", from, to)
		}
		n := 0
		for line := range strings.SplitSeq(strings.TrimSpace(from+part), "\n") {
			if strings.TrimSpace(line) != "" {
				n++
			}
		}
		return n
	}
	text = append(text, 0) // an end to count to
	if n := count("// Command", "\x00"); n > 45 {
		t.Errorf("the program has %d lines", n)
	}
	if n := count("\timg := must(c.UploadImage", "\tcats :="); n > 4 {
		t.Errorf("an upload takes %d lines", n)
	}
	if n := count("\tcats :=", "\timg = must(c.EditImage"); n > 5 {
		t.Errorf("a walk takes %d lines", n)
	}
}
