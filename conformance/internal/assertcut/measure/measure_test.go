package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance/mutants"
)

func TestVariations(t *testing.T) {
	got := variations([]byte(`{"a":[1,true],"b":null,"c":"x"}`))
	for _, want := range []string{
		`null`, `{"a":[1,true],"c":"x"}`, `{"a":[],"b":null,"c":"x"}`, `{"a":[true],"b":null,"c":"x"}`, `{"a":[2,true],"b":null,"c":"x"}`,
		`{"a":[true,1],"b":null,"c":"x"}`, `{"a":[1,false],"b":null,"c":"x"}`, `{"a":[1,true],"b":"","c":"x"}`, `{"a":[1,true],"b":null,"c":""}`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing from\n%s", want, strings.Join(got, "\n"))
		}
	}
	if slices.Contains(got, `{"a":[1,true],"b":null,"c":"x"}`) {
		t.Error("the text itself is no variation")
	}
	if variations([]byte("no JSON")) != nil {
		t.Error("what is no JSON has no variations")
	}
	image := variations([]byte(`{"uploaded":"now"}`))
	if !slices.Contains(image, `{"draft":true,"uploaded":"now"}`) {
		t.Errorf("an image that is a draft is missing from %v", image)
	}
}

// TestSpoiler checks that one answer to one clause is spoiled.
func TestSpoiler(t *testing.T) {
	s := &spoiler{clause: "A-001", at: 2, change: replayed(1), next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.URL.RawQuery))
	})}
	var got []string
	for i, agent := range []string{"A-001", "A-002", "A-001", "A-001"} {
		r := httptest.NewRequest("GET", "/?"+string(rune('a'+i)), nil)
		r.Header.Set("User-Agent", "cfimages-conformance ("+agent+"; run x)")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got = append(got, w.Body.String())
	}
	if strings.Join(got, "") != "abad" || s.requests() != 3 {
		t.Errorf("the answers are %v, to %d requests", got, s.requests())
	}
}

func sample() *measurement {
	return &measurement{sites: []site{
		{ID: 0, File: "a.go", Func: "f", Text: "t.ok(r)"}, {ID: 1, File: "a.go", Func: "f", Text: "t.ok(r)"},
		{ID: 2, File: "b.go", Func: "g", Text: "t.none(x)"},
	}}
}

// TestResume checks that what was found is read again, and not tried again.
func TestResume(t *testing.T) {
	m := sample()
	m.name()
	m.resume = filepath.Join(t.TempDir(), "found.jsonl")
	if err := m.load(); err != nil || len(m.found) != 0 {
		t.Fatalf("%v, %v", m.found, err)
	}
	for i, by := range []string{"M001 A-001", "", "A-001"} {
		if err := m.keep(finding{m.keys[i], by != "", by}); err != nil {
			t.Fatal(err)
		}
	}
	again := sample()
	again.name()
	again.resume = m.resume
	if err := again.load(); err != nil || len(again.found) != 3 {
		t.Fatalf("%v, %v", again.found, err)
	}
	if err := again.try(t.Context()); err != nil {
		t.Error(err)
	}
	var b bytes.Buffer
	again.clauses, again.failing = map[int][]string{1: {"A-001"}}, map[int][]mutants.Mutant{}
	if share := again.report(&b); share < 66 || share > 67 || !strings.Contains(b.String(), "a.go:0: f: no mutant") || !strings.Contains(b.String(), "2 missed when taken out (66.7 %): 1 by a mutant, 1 by") {
		t.Errorf("%.1f %%:\n%s", share, b.String())
	}
}

func TestChosen(t *testing.T) {
	m := sample()
	m.name()
	m.sample, m.seed = 2, 3
	first := m.chosen()
	if len(first) != 2 || first[0].ID >= first[1].ID || !slices.Equal(first, m.chosen()) {
		t.Errorf("%v is chosen, then %v", first, m.chosen())
	}
	m.only = "b.go"
	if list := m.chosen(); len(list) != 1 || list[0].ID != 2 {
		t.Errorf("%v is chosen", list)
	}
}

// TestNotInstrumented checks that a suite without switches is noticed.
func TestNotInstrumented(t *testing.T) {
	m := &measurement{}
	if err := m.observe(t.Context()); err == nil || !strings.Contains(err.Error(), "not the copy") {
		t.Errorf("the error is %v", err)
	}
}
