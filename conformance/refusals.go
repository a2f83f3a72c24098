package conformance

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"
)

// statusOf are the statuses of error codes, where they are known.
var statusOf = map[int]int{
	codeBadRequest: 400, codeNotFound: 404, codeExists: 409, codeNotMultipart: 415, codeUnsupported: 415,
}

// pairs checks that an error code comes with its status. A refusal may have
// another code than those that are known.
func pairs(s *suite) {
	s.clause("ENV-020", func(t *spec) {
		made := t.stored(t.form("id", t.fresh()))
		bare := request{method: "POST", path: imagesPath, contentType: "image/png", body: t.picture().body}
		for _, q := range []request{
			t.form("id", made.ID).request(imagesPath), t.fields("id", made.ID).request(directPath), t.form("metadata", "{").request(imagesPath),
			t.fields().image(textSample()).request(imagesPath), bare, withJSON("POST", directPath, `{}`),
			patch(imagePath(made.ID), `{"metadata":7}`), del(imagePath(t.fresh())), get(blobPath(t.fresh())), get(listPath, "sort_order", "sideways"),
		} {
			r := t.made("", q)
			t.refused(r)
			for _, code := range r.codes() {
				if want, ok := statusOf[code]; ok {
					t.Expect(r.status).To(gomega.Equal(want), "the status of the code %d, for %s %s", code, q.method, q.path)
				}
			}
		}
	})
	s.clause("V2L-072", func(t *spec) {
		var six []string
		for _, name := range strings.Split("abcdef", "") {
			six = append(six, "meta."+name+"[eq]", "x")
		}
		t.says(t.do(get(listPath, "meta.a[not-eq]", "x")), "not-eq")
		t.says(t.do(get(listPath, six...)), "6")
	})
}

// says demands a refusal whose message has a text in it.
func (t *spec) says(r *reply, text string) {
	t.refused(r)
	has := slices.ContainsFunc(r.messages(), func(m string) bool { return strings.Contains(m, text) })
	t.demand(has, "the message of the refusal should contain %q", text)
}

// draftShapes checks what is shown of a draft, and requests that are no form.
func draftShapes(s *suite) {
	s.clause("DUC-018", func(t *spec) {
		d := t.anyDraft(t.fields("metadata", `{"from":{"draft":[1]}}`, "requireSignedURLs", "true"))
		before := t.fetched(d.ID)
		t.all(func(t *spec) {
			t.Expect(before.Meta).To(gomega.MatchJSON(`{"from":{"draft":[1]}}`), "the metadata of the draft")
			t.Expect(before.creator()).To(gomega.Equal(t.name), "the creator of the draft")
			t.demand(before.private(), "the draft should be private")
			t.demand(before.Filename == nil || *before.Filename == "", "the draft should have no filename")
		})
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) {
			t.Expect(before.Variants).To(gomega.HaveLen(len(t.fetched(d.ID).Variants)), "the variant URLs of the draft")
		})
	})
	s.clause("DUC-019", func(t *spec) {
		id := t.fresh()
		t.refused(t.made(id, withJSON("POST", directPath, marshal(map[string]string{"id": id}))), codeNotMultipart)
		t.notFound(t.do(get(imagePath(id))))
	})
}
