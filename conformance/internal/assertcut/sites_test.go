package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const suite = `package conformance

func (t *spec) demand(ok bool, format string, args ...any) {
	if !ok {
		t.Expect(ok).To(BeTrue(), format)
	}
}

func (t *spec) held(r *reply) { t.demand(r.status == 200, "the status") }

func (t *spec) eventually(check func(t *spec)) { t.demand(false, "for ever") }

func answerProblems(r *reply) (problems []string) {
	if r.status == 0 {
		problems = append(problems, "no status")
	}
	return problems
}

func group(s *suite) {
	held := func(id string) { s.clause(id, func(t *spec) { t.held(t.do(get(id)))}) }
	held("A-001")
	s.clause("A-002", func(t *spec) {
		made := t.stored(t.form())
		t.stored(t.form())
		t.eventually(func(t *spec) {
			t.Expect(made.ID,
				"more").NotTo(Equal("x"))
		})
	})
}
`

func found(t *testing.T, text string) (source, []site) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return sources[0], sources[0].sites(checks(parsed(sources)))
}

func TestSites(t *testing.T) {
	_, sites := found(t, suite)
	var got []string
	for _, s := range sites {
		got = append(got, s.Func+": "+s.Text)
	}
	want := []string{
		"demand: t.Expect(ok).To(BeTrue(), format)",
		`held: t.demand(r.status == 200, "the status")`,
		`answerProblems: problems = append(problems, "no status")`,
		"group: t.held(t.do(get(id)))",
		`group: t.Expect(made.ID, "more").NotTo(Equal("x"))`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the assertions are\n%s\nand should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, s := range sites {
		if s.Complaint != (i == 2) {
			t.Errorf("%s: a complaint: %t", s.Text, s.Complaint)
		}
	}
}

func TestRewritten(t *testing.T) {
	src, sites := found(t, suite)
	for i := range sites {
		sites[i].ID = i
	}
	text := string(rewritten(src.text, sites))
	if _, err := parser.ParseFile(token.NewFileSet(), "a.go", text, 0); err != nil {
		t.Fatalf("%s\n%s", err, text)
	}
	for _, want := range []string{
		`package conformance; import cutHook "` + hookPath + `"`,
		"if cutHook.Enter(3) { t.held(t.do(get(id))); cutHook.Leave(3) } else { cutHook.Use(t.do(get(id))) }",
		`if cutHook.Enter(2) { problems = append(problems, "no status"); cutHook.Leave(2) } else { cutHook.Use() }`,
		`else { cutHook.Use(made.ID, "more", Equal("x")) }`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the copy lacks\n%s\nand is\n%s", want, text)
		}
	}
}

// TestInstrument checks that assertions are found in the suite itself, and that
// what is written parses.
func TestInstrument(t *testing.T) {
	out := t.TempDir()
	sites, overlay, err := instrument("../..", out)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	for i, s := range sites {
		if files[s.File] = true; s.ID != i || s.Line == 0 || s.Text == "" {
			t.Errorf("assertion %d is %+v", i, s)
		}
	}
	if len(sites) < 500 || len(files) < 20 {
		t.Errorf("only %d assertions in %d files were found", len(sites), len(files))
	}
	text, err := os.ReadFile(overlay)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if _, err := parser.ParseFile(token.NewFileSet(), filepath.Join(out, name), nil, 0); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(text), name) {
			t.Errorf("the overlay lacks %s", name)
		}
	}
}

func TestInstrumentNothing(t *testing.T) {
	if _, _, err := instrument(t.TempDir(), t.TempDir()); err == nil {
		t.Error("there should be an error for a directory without Go")
	}
}
