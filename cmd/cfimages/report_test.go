package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/mock"
)

// reported runs a few clauses against the mock, and returns its JSON report.
func reported(t *testing.T, dir string, more ...string) string {
	t.Helper()
	name := filepath.Join(dir, "result.json")
	args := append([]string{
		"conformance", "run", "--url", mock.Start(t).URL(), "--account", "a", "--token", "t", "--feature", "auth=off",
		"--clause", "V1G-00*", "--json", name,
	}, more...)
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs); code != 0 {
		t.Fatalf("the exit status is %d: %s%s", code, out.String(), errs.String())
	}
	return name
}

func TestReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	score := filepath.Join(dir, "score.json")
	if err := os.WriteFile(score, []byte(`{"summary":"all mutants killed"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "run.html")
	name := reported(t, dir, "--html", page, "--score", score)
	has(t, page, "<!doctype html>", "conforms", "all mutants killed")
	for format, want := range map[string]string{"html": "<!doctype html>", "md": "# http://", "junit": "<testsuites"} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"conformance", "report", format, name}, &out, &errs); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("report %s: exit status %d, %q", format, code, errs.String())
		}
		file := filepath.Join(dir, "out."+format)
		if code := run(t.Context(), []string{"conformance", "report", format, name, "-o", file}, &out, &errs); code != 0 {
			t.Errorf("report %s -o: exit status %d, %q", format, code, errs.String())
		}
		has(t, file, want)
	}
	both, table := filepath.Join(dir, "both.html"), filepath.Join(dir, "both.md")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"conformance", "report", "merge", name, name, "--html", both, "--md", table}, &out, &errs); code != 0 || out.Len() > 0 {
		t.Errorf("merge: exit status %d, %s%s", code, out.String(), errs.String())
	}
	has(t, both, "Conformance side by side")
	has(t, table, "| V1G-001 MUST | ✓ passed | ✓ passed |")
	if code := run(t.Context(), []string{"conformance", "report", "merge", name}, &out, &errs); code != 0 || !strings.Contains(out.String(), "# Conformance side by side") {
		t.Errorf("merge: exit status %d, %s", code, errs.String())
	}
}

func has(t *testing.T, name string, texts ...string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range texts {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s lacks %q", filepath.Base(name), want)
		}
	}
}

// TestReportsOfNothing checks that what cannot be read or written is said, with
// exit status 2.
func TestReportsOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"version":2,"surprise":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	name := reported(t, dir)
	missing := filepath.Join(dir, "missing.json")
	for what, c := range map[string]struct {
		args []string
		says string
	}{
		"missing file":       {[]string{"report", "md", missing}, "no such file"},
		"no report":          {[]string{"report", "html", bad}, "surprise"},
		"one of two":         {[]string{"report", "merge", name, bad}, "surprise"},
		"nothing":            {[]string{"report", "merge"}, "expected"},
		"unwritable":         {[]string{"report", "junit", name, "-o", dir}, "is a directory"},
		"unwritable merge":   {[]string{"report", "merge", name, "--html", dir}, "is a directory"},
		"no score":           {[]string{"report", "html", name, "--score", bad}, "this is no score"},
		"missing score":      {[]string{"report", "html", name, "--score", missing}, "no such file"},
		"no score for a run": {[]string{"run", "--url", "http://127.0.0.1:1", "--account", "a", "--token", "t", "--score", bad}, "this is no score"},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append([]string{"conformance"}, c.args...), &out, &errs); code != 2 || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%s: exit status %d, %q", what, code, errs.String())
		}
	}
}

func TestListAsJSON(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"conformance", "list", "--json"}, &out, &errs); code != 0 {
		t.Fatalf("exit status %d, %q", code, errs.String())
	}
	var list []listedClause
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.ID == "" || c.Text == "" || c.Evidence == "" || c.Title == "" || c.Mutants == nil || !c.Implemented {
			t.Errorf("a clause lacks something: %+v", c)
		}
		if c.Level != "INFO" && len(c.Mutants) == 0 && c.Exempt == "" {
			t.Errorf("%s has neither a mutant nor a reason", c.ID)
		}
	}
	if len(list) < 250 {
		t.Errorf("there are %d clauses", len(list))
	}
}

func TestWatched(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("TERM", "xterm")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if (stderr{&bytes.Buffer{}}).watched() || (stderr{file}).watched() {
		t.Error("a buffer and a file are no terminals")
	}
	if !(stderr{null}).watched() {
		t.Error("a device may be a terminal")
	}
	t.Setenv("CI", "true")
	if (stderr{null}).watched() {
		t.Error("CI watches nothing")
	}
}

func TestExplainShowsRequests(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"V1E-003": `curl -sS -X PATCH 'https://api.cloudflare.com/client/v4/accounts/ACCOUNT/images/v1/`,
		"ENV-006": `curl -sS -X DELETE 'https://api.cloudflare.com/client/v4/accounts/ACCOUNT/images/v1/`,
		"KYU-002": "notices   M116",
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"conformance", "explain", id}, &out, &errs); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit status %d, %s\n%s", id, code, errs.String(), out.String())
		}
		if id != "KYU-002" && !strings.Contains(out.String(), `-H "Authorization: Bearer $TOKEN"`) || strings.Contains(out.String(), exampleToken) {
			t.Errorf("%s: the credentials should be named, not shown", id)
		}
	}
	// A clause that needs what there is not has no example.
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"conformance", "explain", "V1C-040"}, &out, &errs); code != 0 || strings.Contains(out.String(), "curl") {
		t.Errorf("V1C-040: exit status %d, %s\n%s", code, errs.String(), out.String())
	}
}
