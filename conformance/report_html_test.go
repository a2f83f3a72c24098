package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

const evil = `<script>alert("x")</script><img src=x onerror=alert(1)>'"` + "`" + `</pre></style>`

// hostile answers one list with markup that should never become part of a page.
func hostile(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conformance.OperationOf(r) != "listVariants" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html"+evil)
		w.WriteHeader(http.StatusNotFound)
		text, _ := json.Marshal(map[string]any{"success": evil, "errors": []any{evil}, "result": map[string]any{evil: evil}})
		_, _ = w.Write(append(text, evil...))
	})
}

func page(t *testing.T, r *conformance.Result, score *conformance.KillScore) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteHTML(&b, score); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLOfAHostileServer(t *testing.T) {
	t.Parallel()
	target := good()
	target.Handler = hostile(target.Handler)
	target.Name = "target " + evil
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("VRL-*", "V1L-017"))
	if err != nil {
		t.Fatal(err)
	}
	result.Problems = append(result.Problems, evil)
	result.Coverage = append(result.Coverage, conformance.Goal{Kind: conformance.GoalValue, Operation: evil, Name: evil, Exempt: evil})
	for i := range result.Outcomes {
		if result.Outcomes[i].Clause.ID == "V1L-017" {
			result.Outcomes[i].Recorded = []string{evil}
			result.Outcomes[i].Operations = []string{evil}
		}
	}
	text := page(t, result, &conformance.KillScore{Summary: evil, Problems: []string{evil}})
	if n := strings.Count(text, "<script"); n != 1 {
		t.Errorf("there are %d scripts", n)
	}
	for _, never := range []string{"<img", "</pre></style>", `alert("x")`} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if n := strings.Count(text, "&lt;script&gt;"); n < 8 {
		t.Errorf("the answers are shown %d times", n)
	}
}

func TestHTMLReport(t *testing.T) {
	t.Parallel()
	result := mixed(t)
	text := page(t, result, &conformance.KillScore{Summary: "278 of 278 mutants killed"})
	for _, want := range []string{
		"does not conform", `id="told-V1L-003"`, `href="#told-V1L-003"`, "request: curl -sS", `id="V2L-014"`, "278 of 278 mutants killed",
		"a ``` problem &lt;b&gt;", "needs the profile account or all", "<td>parameter</td>", "listImagesV1", `name="viewport"`, "prefers-color-scheme",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, tokenA) {
		t.Error("the page shows the token")
	}
	if found := regexp.MustCompile(`(src|href)="[^#"]|url\(|@import`).FindString(text); found != "" {
		t.Errorf("the page needs something else: %s", found)
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !ids[m[1]] {
			t.Errorf("a link leads to %s, which is not there", m[1])
		}
	}
}

// TestHTMLOfEveryState checks that each state is shown and that an empty result
// has a page, too.
func TestHTMLOfEveryState(t *testing.T) {
	t.Parallel()
	if text := page(t, &conformance.Result{}, nil); !strings.Contains(text, "does not conform") {
		t.Error("an empty result should not conform")
	}
	result := &conformance.Result{}
	for i, s := range []conformance.State{
		conformance.Passed, conformance.Failed, conformance.Warned, conformance.Known, conformance.Drifted, conformance.NotRun,
	} {
		result.Outcomes = append(result.Outcomes, conformance.Outcome{Clause: conformance.Clauses()[i], State: s, Message: "why it is " + string(s)})
	}
	text := page(t, result, nil)
	for _, o := range result.Outcomes {
		if !strings.Contains(text, o.Message) && o.State != conformance.Passed {
			t.Errorf("the page does not tell %q", o.Message)
		}
	}
}

func TestReadKillScore(t *testing.T) {
	t.Parallel()
	score, err := conformance.ReadKillScore(strings.NewReader(`{"summary":"all killed","problems":["one"],"mutants":[]}`))
	if err != nil || score.Summary != "all killed" || len(score.Problems) != 1 {
		t.Errorf("ReadKillScore returned %v and %v", score, err)
	}
	for _, wrong := range []string{"", "{}", `{"summary":7}`, "[]"} {
		if _, err := conformance.ReadKillScore(strings.NewReader(wrong)); err == nil {
			t.Errorf("%q: there should be an error", wrong)
		}
	}
}
