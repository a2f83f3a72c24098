package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestProgram runs the program against the mock, with what it takes from its
// environment.
func TestProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program, file := filepath.Join(dir, "tasks"), filepath.Join(dir, "cat.svg")
	if err := os.WriteFile(file, []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := mock.Start(t).Account("account")
	run := exec.CommandContext(t.Context(), program, file)
	run.Env = append(os.Environ(), "CLOUDFLARE_ACCOUNT_ID=account", "CLOUDFLARE_API_TOKEN=token", "CLOUDFLARE_BASE_URL="+m.URL())
	out, err := run.CombinedOutput()
	if err != nil || !regexp.MustCompile(`(?s) listed .* uploaded .* signed https?://.*&sig=`).Match(out) {
		t.Fatalf("%v\n%s", err, out)
	}
	for op, want := range map[*api.Operation]int{
		api.OpUploadImage: 1, api.OpListImages: 1, api.OpEditImage: 1, api.OpCreateDirectUpload: 1, api.OpListSigningKeys: 1,
		api.OpDeleteImage: 1,
	} {
		if n := len(m.Calls(op)); n != want {
			t.Errorf("%d calls of %s, want %d", n, op, want)
		}
	}
	left, err := m.Client().ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || len(left.Images) != 1 || left.Images[0].ID == "" {
		t.Errorf("%d images are left, %v; the direct upload is one", len(left.Images), err)
	}
}

// TestLines holds the program to what it is to show: that such a program is
// short.
func TestLines(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	lines, within := 0, map[string]int{}
	task := ""
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case line == "":
			task = ""
			continue
		case task != "":
		case strings.Contains(line, "UploadImage("), strings.Contains(line, "filter.All("):
			task = line
		}
		lines++
		within[task]++
	}
	if delete(within, ""); len(within) != 2 {
		t.Fatalf("the tasks are %v", within)
	}
	for task, n := range within {
		most := 4
		if strings.Contains(task, "filter.") {
			most = 5
		}
		if n > most {
			t.Errorf("%d lines from %s on, more than %d", n, task, most)
		}
	}
	if lines > 45 {
		t.Errorf("%d lines, more than 45", lines)
	}
	t.Logf("%d lines", lines)
}
