package conformance

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/cfimages/cfimages/runtime/contract"
)

// everyOperation runs over the operation table of the target, so that an
// operation that is added to it is covered without a line here.
func everyOperation(s *suite) {
	s.each("ENV-001", (*contract.Operation).ReadOnly, func(t *spec, op *contract.Operation) {
		t.consistent(op, t.do(t.sampler().request(op)))
	})
	s.each("ENV-002", hasPathParams, func(t *spec, op *contract.Operation) {
		r := t.do(t.sampler().request(op))
		// An operation may find something under a name that nobody has.
		t.consistent(op, r)
	})
	s.each("ENV-003", (*contract.Operation).ReadOnly, func(t *spec, op *contract.Operation) {
		r := t.do(t.sampler().request(op))
		if op.Result.Kind == contract.ResultStream && r.status/100 == 2 {
			t.demand(!r.isJSON(), "a stream should not be labelled as JSON")
			return
		}
		t.demand(r.isJSON() || !t.target.Has(FeatureEnvelopes), "the Content-Type should be application/json and is %q", r.header.Get("Content-Type"))
	})
	s.each("ENV-004", takesInput, func(t *spec, op *contract.Operation) {
		for _, bad := range t.sampler().spoil(op) {
			r := t.do(bad.request)
			if r.status/100 == 2 && bad.lenient {
				continue
			}
			problems := t.refusalProblems(r)
			t.demand(len(problems) == 0, "%s should be refused: %s", bad.what, strings.Join(problems, "; "))
		}
	})
	s.each("ENV-005", anyOperation, func(t *spec, op *contract.Operation) {
		q := t.sampler().request(op)
		q.anonymous = true
		r := t.do(q)
		t.refusesLogin(r)
		t.demand(withoutResult(r), "nothing should be given away")
	})
	s.clause("ENV-006", wrongToken, feature(FeatureAuth))
	s.each("ENV-007", anyOperation, func(t *spec, op *contract.Operation) {
		r := t.do(sampler{t, foreignAccount}.request(op))
		t.refused(r)
		t.Expect(r.status).To(gomega.BeElementOf(400, 401, 403, 404), "the status for somebody else's account")
		t.demand(withoutResult(r), "nothing should be given away")
	}, feature(FeatureAuth))
	s.each("ENV-008", (*contract.Operation).ReadOnly, func(t *spec, op *contract.Operation) {
		t.refused(t.do(sampler{t, strings.Repeat("no-account ", 6)}.request(op)))
	})
	routing(s)
	bodies(s)
	secrecy(s)
	successes(s)
	logins(s)
}

// foreignAccount has the form of an account id.
const foreignAccount = "5c0ffee05c0ffee05c0ffee05c0ffee0"

func anyOperation(*contract.Operation) bool { return true }

func hasPathParams(op *contract.Operation) bool { return op.ReadOnly() && len(op.PathParams) > 0 }

func takesInput(op *contract.Operation) bool {
	return op.Body != nil || len(op.QueryParams) > 0 || len(op.PathParams) > 0
}

func (t *spec) sampler() sampler { return sampler{t, t.target.AccountID} }

// each makes a row for every operation that the clause is about.
func (s *suite) each(id string, about func(*contract.Operation) bool, check func(t *spec, op *contract.Operation), needs ...need) {
	for _, op := range s.operations() {
		if about(op) {
			s.row(id, op.Method+" "+op.Path, func(t *spec) { check(t, op) }, needs...)
		}
	}
}

// consistent demands an answer that is a whole success or a whole failure.
func (t *spec) consistent(op *contract.Operation, r *reply) {
	switch {
	case r.status/100 != 2:
		t.refused(r)
	case op.Result.Kind == contract.ResultStream:
		t.demand(!r.isJSON() && len(r.body) > 0, "a stream should be bytes that are not labelled as JSON")
	default:
		t.ok(r)
	}
}

func wrongToken(t *spec) {
	made := t.fetched(t.stored(t.form("metadata", `{"kept":true}`)).ID)
	wrong := &Login{t.target.AccountID, "wrong-" + t.fresh()}
	create := t.form("id", t.fresh()).request(imagesPath)
	edit := patch(imagePath(made.ID), `{"metadata":{"kept":false}}`)
	remove := del(imagePath(made.ID))
	for _, q := range []request{create, edit, remove, withJSON("POST", variantsPath, marshal(variantOf(t.plain())))} {
		q.login = wrong
		r := t.do(q)
		t.refusesLogin(r)
	}
	after := t.fetched(made.ID)
	t.Expect(after.raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
	t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.ConsistOf(made.ID), "no other image should have been made")
}

func routing(s *suite) {
	s.clause("ENV-009", func(t *spec) {
		t.noMethod(request{method: "PUT", path: imagesPath}, request{method: "PATCH", path: listPath},
			request{method: "POST", path: statsPath}, request{method: "PUT", path: variantsPath})
	})
	// A server that takes these deletes all there is.
	s.row("ENV-009", "DELETE of everything", func(t *spec) {
		made := t.stored(t.form())
		t.noMethod(del(imagesPath), del(listPath), del(keysPath))
		t.fetched(made.ID)
	}, needThrowaway)
	s.clause("ENV-010", func(t *spec) {
		for _, path := range []string{"/images/v3", "/images/v1/keys/a/b", "/images", "/images/v2/nothing/here", "/images/v1/a/b/c"} {
			r := t.do(get(path))
			t.Expect(r.status).To(gomega.Equal(404), "the status of %s", path)
			t.refused(r)
		}
	})
	s.clause("ENV-011", func(t *spec) {
		for _, path := range []string{keysPath, variantsPath} {
			plain, more := t.do(get(path)), t.do(get(path, "cfcnobody", "1"))
			t.Expect(more.status).To(gomega.Equal(plain.status), "the status of %s with an unknown parameter", path)
			if plain.status == 200 {
				t.Expect(t.ok(more)).To(gomega.MatchJSON(t.ok(plain)), "the answer of %s with an unknown parameter", path)
			}
		}
		list, more := t.listed(listPath, t.mine()...), t.listed(listPath, t.mine("cfcnobody", "1")...)
		t.Expect(more.Raw).To(gomega.MatchJSON(list.Raw), "the list with an unknown parameter")
	})
}

// noMethod demands that requests with a method their path does not have are
// refused.
func (t *spec) noMethod(requests ...request) {
	before := idsOf(t.listed(listPath, t.mine()...).Images)
	for _, q := range requests {
		f := t.form()
		q.body, q.contentType = f.encode(), formType
		r := t.do(q)
		t.Expect(r.status).To(gomega.BeElementOf(404, 405), "the status of %s %s", q.method, q.path)
		t.refused(r)
	}
	t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.Equal(before), "nothing should have been made")
}

func bodies(s *suite) {
	s.clause("ENV-012", func(t *spec) {
		made := t.fetched(t.stored(t.form("metadata", `{"kept":1}`)).ID)
		for _, body := range []string{`{"metadata":{"kept":2}`, `metadata`, `{"metadata":{"kept":2}}}`, `{'metadata':{}}`} {
			t.refused(t.do(withJSON("PATCH", imagePath(made.ID), body)))
		}
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
	})
	s.clause("ENV-013", separation, needSecond)
	s.clause("ENV-015", func(t *spec) {
		made := t.stored(t.form("metadata", `{"b":1,"a":[2,3]}`))
		before := t.do(get(imagePath(made.ID)))
		for _, q := range []request{
			get(imagePath(made.ID)), get(listPath, t.mine()...), get(blobPath(made.ID)), get(variantsPath),
		} {
			first, second := t.do(q), t.do(q)
			t.Expect(second.status).To(gomega.Equal(first.status), "the status of %s asked twice", q.path)
			t.same(second.body, first.body)
		}
		t.same(t.do(get(imagePath(made.ID))).body, before.body)
	})
}

func separation(t *spec) {
	other := t.target.Second
	sent := t.picture()
	made := t.fetched(t.stored(t.fields("id", t.fresh()).image(sent)).ID)
	for _, q := range []request{
		get(imagePath(made.ID)), get(blobPath(made.ID)), patch(imagePath(made.ID), `{"metadata":{"stolen":1}}`), del(imagePath(made.ID)),
	} {
		q.login = other
		t.notFound(t.do(q))
	}
	for _, path := range t.lists() {
		q := get(path, t.mine()...)
		q.login = other
		t.Expect(t.pageOf(t.do(q)).Images).To(gomega.BeEmpty(), "another account should not list the image")
	}
	t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
	t.holds(made.ID, sent)
}

func secrecy(s *suite) {
	s.clause("ENV-014", func(t *spec) {
		wrong := &Login{t.target.AccountID, "secret-" + t.fresh()}
		var replies []*reply
		for _, op := range t.target.Operations {
			if !op.ReadOnly() {
				continue
			}
			q := t.sampler().request(op)
			replies = append(replies, t.do(q))
			q.login = wrong
			replies = append(replies, t.do(q))
		}
		replies = append(replies, t.do(get(listPath, "sort_order", "sideways")), t.do(get("/images/v9")))
		secrets := []string{wrong.Token}
		if len(t.target.Token) >= 8 {
			secrets = append(secrets, t.target.Token)
		}
		for _, r := range replies {
			for _, secret := range secrets {
				t.demand(!strings.Contains(string(r.body), secret) && !strings.Contains(marshal(r.header), secret),
					"the answer to %s %s%s should not contain the token", r.request.method, r.request.path, r.request.url)
			}
		}
		t.withoutKeys(replies)
	})
}

// withoutKeys demands that no answer but that of the keys shows their values.
func (t *spec) withoutKeys(replies []*reply) {
	r := t.do(get(keysPath))
	if r.status/100 != 2 {
		return
	}
	for _, k := range t.keysOf(r) {
		for _, r := range replies {
			if strings.HasSuffix(r.request.url, keysPath) {
				continue
			}
			t.demand(k.Value == "" || !strings.Contains(string(r.body), k.Value), "the answer to %s should not show the value of a key", r.request.url)
		}
	}
}
