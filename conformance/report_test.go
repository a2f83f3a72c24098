package conformance_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cfimages/cfimages/conformance"
)

// mixed is a result with clauses in every state, and a problem.
func mixed(t *testing.T) *conformance.Result {
	t.Helper()
	target := good()
	target.Handler = spoilt(t, target.Handler, "M018")
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1L-00*", "KYU-001", "V2L-014"))
	if err != nil {
		t.Fatal(err)
	}
	result.Problems = append(result.Problems, "a ``` problem <b>")
	return result
}

func TestJSONReport(t *testing.T) {
	t.Parallel()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(conformance.ReportSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, result := range map[string]*conformance.Result{"mixed": mixed(t), "empty": {}} {
		var b bytes.Buffer
		if err := result.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		report, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err == nil {
			err = schema.Validate(report)
		}
		if err != nil {
			t.Errorf("%s: %s", name, err)
		}
		if want := result.Count(conformance.Failed) > 0; strings.Contains(b.String(), `"state": "failed"`) != want {
			t.Errorf("%s: the report should show failures: %t", name, want)
		}
	}
}

func TestJUnitReport(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	result := mixed(t)
	if err := result.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != len(result.Outcomes)+1 || got.Failures != len(result.Failed()) || got.Skipped != result.Count(conformance.NotRun) {
		t.Errorf("%d tests, %d failures and %d skipped", got.Tests, got.Failures, got.Skipped)
	}
	told := 0
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			if strings.HasPrefix(c.Name, "V1L-003 ") && c.Failure != nil && strings.Contains(*c.Failure, "request: curl") {
				told++
			}
		}
	}
	if told != 1 {
		t.Errorf("V1L-003 is told to fail %d times", told)
	}
}

func TestMarkdownReport(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := mixed(t).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"does not conform\n", "### V1L-003 MUST: A page is full", "## Outside of any clause\n\n````\na ``` problem", "| KYU | 0 | 0 |",
		"| KYU-001 | needs the profile account or all |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), tokenA) {
		t.Error("the report shows the token")
	}
}

// fullDisk is a disk that takes no more.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestReportIsNotWritten(t *testing.T) {
	t.Parallel()
	r := &conformance.Result{}
	both := conformance.Comparison{r, r}
	for name, write := range map[string]func(io.Writer) error{
		"JSON": r.WriteJSON, "JUnit": r.WriteJUnit, "Markdown": r.WriteMarkdown, "HTML": func(w io.Writer) error { return r.WriteHTML(w, nil) },
		"compared Markdown": both.WriteMarkdown, "compared HTML": both.WriteHTML,
	} {
		if write(fullDisk{}) == nil {
			t.Errorf("%s: there should be an error", name)
		}
	}
}

func TestReadResult(t *testing.T) {
	t.Parallel()
	want := mixed(t)
	var b, again bytes.Buffer
	if err := want.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	got, err := conformance.ReadResult(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.WriteJSON(&again); err != nil || again.String() != text {
		t.Errorf("the report read and written again differs: %v", err)
	}
	for name, wrong := range map[string]string{
		"no JSON":        "conforms",
		"cut off":        text[:len(text)/2],
		"unknown field":  strings.Replace(text, `"version"`, `"verdict": "good", "version"`, 1),
		"other version":  strings.Replace(text, `"version": 2`, `"version": 1`, 1),
		"unknown state":  strings.Replace(text, `"state": "passed"`, `"state": "fine"`, 1),
		"more behind it": text + "{}",
	} {
		if r, err := conformance.ReadResult(strings.NewReader(wrong)); err == nil || r != nil {
			t.Errorf("%s: there should be an error, not %v", name, r)
		}
	}
}

func FuzzReadResult(f *testing.F) {
	f.Add(`{"version":2,"clauses":[{"id":"A-1","state":"passed"}],"coverage":[{"kind":"value","name":"x","count":1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := conformance.ReadResult(strings.NewReader(text))
		if err != nil {
			return
		}
		html := func(w io.Writer) error { return r.WriteHTML(w, nil) }
		both := conformance.Comparison{r, r}
		for _, write := range []func(io.Writer) error{r.WriteJSON, r.WriteJUnit, r.WriteMarkdown, html, both.WriteHTML, both.WriteMarkdown} {
			if err := write(io.Discard); err != nil {
				t.Error(err)
			}
		}
	})
}
