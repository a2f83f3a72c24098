package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/onsi/gomega"
)

// Error codes that clauses name.
const (
	codeBadRequest      = 5400
	codeVariantNotFound = 5401
	codeNotFound        = 5404
	codeExists          = 5409
	codePrivateCustomID = 5410
	codeBadID           = 5411
	codeTooLarge        = 5413
	codeNotMultipart    = 5415
	codeLimit           = 5453
	codeFetchFailed     = 5454
	codeUnsupported     = 5455
	codeEntityTooLarge  = 7011
	codeUndecodable     = 9422
)

type envelope struct {
	Success  json.RawMessage `json:"success"`
	Errors   json.RawMessage `json:"errors"`
	Messages json.RawMessage `json:"messages"`
	Result   json.RawMessage `json:"result"`
}

func (r *reply) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// open decodes the envelope; what keeps it from being one comes back as well.
func (r *reply) open() (e envelope, problems []string) {
	if !r.isJSON() {
		problems = append(problems, fmt.Sprintf("the Content-Type should be application/json and is %q", r.header.Get("Content-Type")))
	}
	if err := json.Unmarshal(r.body, &e); err != nil || !bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("{")) {
		problems = append(problems, "the body should be a JSON object")
	}
	return e, problems
}

func emptyList(text json.RawMessage) bool {
	var list []json.RawMessage
	return json.Unmarshal(text, &list) == nil && list != nil && len(list) == 0
}

// successProblems tells all that is wrong with the answer of a success.
func successProblems(r *reply) []string {
	e, problems := r.open()
	if r.status != http.StatusOK {
		problems = append(problems, fmt.Sprintf("the status should be 200 and is %d", r.status))
	}
	if string(e.Success) != "true" {
		problems = append(problems, fmt.Sprintf("success should be true and is %s", orAbsent(e.Success)))
	}
	if !emptyList(e.Errors) {
		problems = append(problems, fmt.Sprintf("errors should be [] and is %s", orAbsent(e.Errors)))
	}
	if !emptyList(e.Messages) {
		problems = append(problems, fmt.Sprintf("messages should be [] and is %s", orAbsent(e.Messages)))
	}
	if e.Result == nil {
		problems = append(problems, "result should be there")
	}
	return problems
}

// failureProblems tells all that is wrong with the answer of a failure.
func failureProblems(r *reply) []string {
	e, problems := r.open()
	if r.status < 400 || r.status > 499 {
		problems = append(problems, fmt.Sprintf("the status should be 4xx and is %d", r.status))
	}
	if string(e.Success) != "false" {
		problems = append(problems, fmt.Sprintf("success should be false and is %s", orAbsent(e.Success)))
	}
	if !slices.Contains([]string{"", "null", "{}", "[]", `""`}, string(e.Result)) {
		problems = append(problems, "result should be null or empty and is "+clip(string(e.Result), 200))
	}
	return append(problems, messageProblems(e.Errors)...)
}

func messageProblems(text json.RawMessage) (problems []string) {
	var list []struct {
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
	}
	if err := json.Unmarshal(text, &list); err != nil || len(list) == 0 {
		return []string{fmt.Sprintf("errors should have at least one entry and is %s", orAbsent(text))}
	}
	for i, m := range list {
		if code, err := strconv.Atoi(string(m.Code)); err != nil || code < 1000 {
			problems = append(problems, fmt.Sprintf("errors[%d].code should be an integer of 1000 or more and is %s", i, orAbsent(m.Code)))
		}
		if m.Message == "" {
			problems = append(problems, fmt.Sprintf("errors[%d].message should not be empty", i))
		}
	}
	return problems
}

func orAbsent(text json.RawMessage) string {
	if text == nil {
		return "absent"
	}
	return clip(string(text), 200)
}

var plainError = regexp.MustCompile(`ERROR (\d+):`)

// codes returns the error codes of an answer.
func (r *reply) codes() []int {
	var e struct{ Errors []struct{ Code int } }
	var codes []int
	if json.Unmarshal(r.body, &e) == nil {
		for _, m := range e.Errors {
			codes = append(codes, m.Code)
		}
		return codes
	}
	if m := plainError.FindSubmatch(r.body); m != nil {
		code, _ := strconv.Atoi(string(m[1]))
		codes = append(codes, code)
	}
	return codes
}

// ok demands a success and returns its result.
func (t *spec) ok(r *reply) json.RawMessage {
	t.none(successProblems(r))
	e, _ := r.open()
	return e.Result
}

// messages returns the texts of the errors in an answer, or the answer itself
// when it is text.
func (r *reply) messages() []string {
	var e struct{ Errors []struct{ Message string } }
	if json.Unmarshal(r.body, &e) != nil {
		return []string{string(r.body)}
	}
	var texts []string
	for _, m := range e.Errors {
		texts = append(texts, m.Message)
	}
	return texts
}

// refused demands a failure with one of the codes, if there are any.
func (t *spec) refused(r *reply, codes ...int) { t.none(t.refusalProblems(r, codes...)) }

func (t *spec) refusalProblems(r *reply, codes ...int) []string {
	problems := failureProblems(r)
	if !t.target.Has(FeatureEnvelopes) && !r.isJSON() && r.status/100 == 4 {
		problems = nil
	}
	if len(codes) > 0 && !slices.ContainsFunc(r.codes(), func(c int) bool { return slices.Contains(codes, c) }) {
		problems = append(problems, fmt.Sprintf("the error code should be one of %v and is %v", codes, r.codes()))
	}
	return problems
}

// refusedAs demands a failure with a status and a code.
func (t *spec) refusedAs(r *reply, status, code int) {
	t.all(func(t *spec) {
		t.Expect(r.status).To(gomega.Equal(status), "the status of the refusal")
		t.refused(r, code)
	})
}

// notFound demands that there is no such image or key.
func (t *spec) notFound(r *reply) { t.refusedAs(r, http.StatusNotFound, codeNotFound) }

// noVariant demands that there is no such variant. Its GET may say so as text.
func (t *spec) noVariant(r *reply) {
	if !t.target.Has(FeatureEnvelopes) && !r.isJSON() {
		t.Expect(r.status).To(gomega.Equal(http.StatusNotFound), "the status of the refusal")
		t.record("the answer for an unknown variant is no envelope but %s", shown(r.body))
		return
	}
	t.refusedAs(r, http.StatusNotFound, codeVariantNotFound)
}

// refusesLogin demands that credentials or their absence are refused.
func (t *spec) refusesLogin(r *reply) {
	t.all(func(t *spec) {
		t.refused(r)
		t.Expect(r.status).To(gomega.BeElementOf(400, 401, 403), "the status for missing or wrong credentials")
	})
}

// decode reads a result.
func decode[T any](t *spec, text json.RawMessage) T {
	var v T
	err := json.Unmarshal(text, &v)
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the result should have the documented types")
	return v
}
