package conformance

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/cfimages/cfimages/runtime/contract"
)

// logins checks what lets a request in.
func logins(s *suite) {
	auth := feature(FeatureAuth)
	s.each("ENV-017", anyOperation, func(t *spec, op *contract.Operation) {
		q := t.sampler().request(op)
		q.login = &Login{t.target.AccountID, "wrong-" + t.fresh()}
		r := t.do(q)
		t.refusesLogin(r)
		t.demand(withoutResult(r), "nothing should be given away")
	}, auth)
	s.row("ENV-005", "things that exist", func(t *spec) { t.closed(request{anonymous: true}) }, needWrites)
	s.row("ENV-017", "things that exist", func(t *spec) {
		t.closed(request{login: &Login{t.target.AccountID, "wrong-" + t.fresh()}})
	}, auth, needWrites)
	s.clause("ENV-018", func(t *spec) {
		made := t.fetched(t.stored(t.form()).ID)
		token := t.target.Token
		for _, header := range []string{"Bearer", "Bearer ", token, "Basic " + token, "Bearer " + token[:len(token)/2], "Bearer " + token + "x"} {
			for _, q := range []request{get(imagePath(made.ID)), patch(imagePath(made.ID), `{"metadata":{"wrong":1}}`)} {
				q.authorization = header
				r := t.do(q)
				t.refusesLogin(r)
				t.demand(withoutResult(r), "nothing should be given away")
			}
		}
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
	}, auth)
	s.clause("ENV-019", apart, needSecond)
	refusedWrites(s)
	pairs(s)
}

// refusedWrites checks writes that a path does not have, or that are wrong.
func refusedWrites(s *suite) {
	s.row("ENV-014", "refused writes", func(t *spec) {
		made := t.stored(t.form("id", t.fresh()))
		for _, q := range []request{
			t.fields().image(textSample()).request(imagesPath), t.form("id", made.ID).request(imagesPath), t.form("metadata", "{").request(imagesPath),
			patch(imagePath(made.ID), `{"requireSignedURLs":true}`), patch(imagePath(made.ID), `{"metadata":7}`), del(imagePath(t.fresh())),
			t.fields("id", made.ID).request(directPath), t.fields("expiry", "never").request(directPath), withJSON("POST", variantsPath, `{}`),
		} {
			r := t.do(q)
			t.refused(r)
			t.demand(len(t.target.Token) < 8 || !strings.Contains(string(r.body)+marshal(r.header), t.target.Token),
				"the answer to %s %s should not contain the token", q.method, q.path)
		}
	}, needWrites)
	s.row("ENV-009", "existing things", func(t *spec) {
		made := t.fetched(t.stored(t.form()).ID)
		for _, q := range []request{
			withJSON("POST", imagePath(made.ID), `{"metadata":{"wrong":1}}`), withJSON("PUT", imagePath(made.ID), `{"metadata":{"wrong":1}}`),
			t.form().request(listPath),
		} {
			t.hasNo(q)
		}
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
		t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.ConsistOf(made.ID), "nothing should have been made")
	}, needWrites)
	s.row("ENV-009", "keys and variants", func(t *spec) {
		before, name, v := t.keys(), t.keyName(), t.newVariant(variantOf(t.plain()))
		t.ledger.write(kindKey, name)
		t.hasNo(request{method: "POST", path: keyPath(name)})
		t.hasNo(patch(keyPath(name), `{}`))
		t.hasNo(withJSON("PUT", variantPath(v.ID), marshal(variantBody{Options: &options{"pad", 7, 9, "keep"}})))
		t.sameKeys(t.keys(), before, "the list")
		t.Expect(t.fetchedVariant(v.ID)).To(gomega.Equal(v), "the variant")
	}, needExclusive, feature(FeatureKeys))
}

// closed demands that images which exist are neither shown nor changed to
// somebody who is not let in.
func (t *spec) closed(as request) {
	sent := t.picture()
	for _, private := range []string{"false", "true"} {
		made := t.fetched(t.stored(t.fields("requireSignedURLs", private).image(sent)).ID)
		requests := []request{
			get(imagePath(made.ID)), get(blobPath(made.ID)), patch(imagePath(made.ID), `{"metadata":{"wrong":1}}`), del(imagePath(made.ID)),
		}
		for _, path := range t.lists() {
			requests = append(requests, get(path, t.mine()...))
		}
		for _, q := range requests {
			q.anonymous, q.login = as.anonymous, as.login
			r := t.do(q)
			t.refusesLogin(r)
			t.demand(withoutResult(r) && !strings.Contains(string(r.body), string(sent.body)), "nothing should be given away")
		}
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image should be as it was")
	}
}

// hasNo demands that a path does not have a method.
func (t *spec) hasNo(q request) {
	r := t.do(q)
	t.Expect(r.status).To(gomega.BeElementOf(http.StatusNotFound, http.StatusMethodNotAllowed), "the status of %s %s", q.method, q.path)
	t.refused(r)
}

// apart demands that two accounts share nothing.
func apart(t *spec) {
	as := func(q request) request { q.login = t.target.Second; return q }
	id := t.stored(t.form("id", t.fresh())).ID
	q := as(t.form("id", id).request(imagesPath))
	r := t.do(q)
	if r.status == http.StatusOK {
		t.eventually(func(t *spec) { t.ok(t.do(as(del(imagePath(id))))) })
	}
	t.Expect(t.imageOf(r).ID).To(gomega.Equal(id), "the id of the other account's image")
	t.eventually(func(t *spec) { t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the image of the first account") })
	v := t.newVariant(variantOf(t.plain()))
	t.noVariant(t.do(as(get(variantPath(v.ID)))))
	t.demand(!strings.Contains(string(t.ok(t.do(as(get(variantsPath))))), v.ID), "the variant should not be listed in the other account")
	if !t.target.Has(FeatureKeys) {
		return
	}
	theirs := t.keysOf(t.do(as(get(keysPath))))
	for _, k := range t.keys() {
		t.demand(valueOf(theirs, k.Name) != k.Value, "the key %s should not have the same value in both accounts", k.Name)
	}
	t.keyApart(as)
	theirCount := func() string { return string(t.ok(t.do(as(get(statsPath))))) }
	before := theirCount()
	t.stored(t.form())
	t.Expect(theirCount()).To(gomega.Equal(before), "the count of the other account")
}

// keyApart demands that a key is neither deleted nor deletable from another
// account.
func (t *spec) keyApart(as func(request) request) {
	name := t.keyName()
	before := t.keysOf(t.put(name))
	t.notFound(t.do(as(del(keyPath(name)))))
	t.eventually(func(t *spec) { t.sameKeys(t.keys(), before, "the list after a deletion in the other account") })
}

// variantLimits checks ids and sizes of variants.
func variantLimits(s *suite) {
	s.row("VRC-012", "99 characters", func(t *spec) {
		id := t.plain() + "x"
		id += strings.Repeat("a", 99-len(id))
		t.Expect(t.newVariant(variantOf(id)).ID).To(gomega.Equal(id), "the id in the answer")
		t.Expect(t.fetchedVariant(id).ID).To(gomega.Equal(id), "the id")
	}, needExclusive)
	s.row("VRC-012", "100 characters", func(t *spec) {
		id := t.plain() + "x"
		id += strings.Repeat("a", 100-len(id))
		t.rejectsVariant(id, marshal(variantOf(id)))
	})
	s.clause("VRC-013", func(t *spec) {
		upper := t.newVariant(variantBody{t.plain() + "A", &options{"pad", 11, 12, "keep"}, ptr(true)})
		t.noVariant(t.do(get(variantPath(strings.ToLower(upper.ID)))))
		lower := t.newVariant(variantOf(strings.ToLower(upper.ID)))
		t.Expect(t.fetchedVariant(upper.ID)).To(gomega.Equal(upper), "the first variant")
		t.Expect(t.fetchedVariant(lower.ID)).To(gomega.Equal(lower), "the second variant")
	})
	for _, size := range [][2]int64{{1, 1}, {9999, 1}, {1, 9999}} {
		s.row("VRC-015", marshal(size), func(t *spec) { t.keepsOptions(options{"cover", size[0], size[1], "none"}) })
	}
	s.clause("VRC-016", func(t *spec) {
		made := t.newVariant(variantBody{t.plain(), &options{"pad", 11, 12, "keep"}, ptr(true)})
		t.deletedVariant(made.ID)
		t.eventually(func(t *spec) { t.variantOf(t.makeVariant(variantOf(made.ID))) })
		want := variant{made.ID, *variantOf("").Options, false}
		t.eventually(func(t *spec) {
			t.Expect(t.fetchedVariant(made.ID)).To(gomega.Equal(want), "the variant")
			t.Expect(t.variantIn(t.variants()[made.ID])).To(gomega.Equal(want), "the variant in the list")
		})
	})
	s.row("VRE-001", "back to false", func(t *spec) {
		made := t.newVariant(variantBody{t.plain(), &options{"pad", 11, 12, "keep"}, ptr(true)})
		after := t.editedVariant(made.ID, variantBody{Options: &made.Options, Never: ptr(false)})
		t.demand(!after.Never, "neverRequireSignedURLs should be false in the answer")
		t.eventually(func(t *spec) {
			t.demand(!t.fetchedVariant(made.ID).Never, "neverRequireSignedURLs should be false")
		})
	})
	for _, missing := range []string{"fit", "width", "height", "metadata"} {
		s.row("VRE-007", missing, func(t *spec) {
			made := t.newVariant(variantOf(t.plain()))
			t.refused(t.do(patch(variantPath(made.ID), strings.Replace(variantJSON("", missing, ""), `"id":"",`, "", 1))))
			t.Expect(t.fetchedVariant(made.ID)).To(gomega.Equal(made), "the variant")
		})
	}
}

// keyLimits checks names of keys, and values of keys that come back.
func keyLimits(s *suite) {
	keys := feature(FeatureKeys)
	name := func(t *spec, n int) string { return (t.keyName() + strings.Repeat("k", 40))[:n] }
	s.row("KYU-008", "20 characters", func(t *spec) {
		want := name(t, 20)
		t.Expect(keyNames(t.keysOf(t.put(want)))).To(gomega.ContainElement(want), "the names of the keys")
	}, keys)
	s.row("KYU-008", "21 characters", func(t *spec) {
		before, long := t.keys(), name(t, 21)
		t.ledger.write(kindKey, long[:20])
		t.refused(t.put(long))
		t.sameKeys(t.keys(), before, "the list")
	}, keys)
	s.clause("KYU-007", func(t *spec) {
		lower := t.keyName()
		first := t.keysOf(t.put(lower))
		r := t.put(strings.ToUpper(lower))
		if r.status != http.StatusOK {
			t.refused(r)
			t.sameKeys(t.keys(), first, "the list")
			return
		}
		after := t.keysOf(r)
		t.sameKeys(without(after, strings.ToUpper(lower)), first, "the answer")
		t.Expect(after).To(gomega.HaveLen(len(first)+1), "the keys")
	}, keys)
	s.clause("KYU-009", func(t *spec) {
		again := t.keyName()
		old := valueOf(t.keysOf(t.put(again)), again)
		t.ok(t.do(del(keyPath(again))))
		made := t.keysOf(t.put(again))
		t.demand(valueOf(made, again) != "" && valueOf(made, again) != old, "the key should have a new value")
	}, keys)
	s.clause("KYD-007", func(t *spec) {
		name := t.keyName()
		after := t.keysOf(t.put(name))
		t.notFound(t.do(del(keyPath(name[:len(name)-1]))))
		t.eventually(func(t *spec) { t.sameKeys(t.keys(), after, "the list") })
	}, keys)
	s.clause("KYD-006", func(t *spec) {
		t.keysOf(t.put(t.keyName()))
		before := t.keys()
		t.mayDelete(before)
		doomed := before[:len(before)-1]
		if !t.target.Has(FeatureLastKey) {
			doomed = before[1:] // the run could not delete a last key of its own
		}
		for _, k := range doomed {
			before = without(before, k.Name)
			t.sameKeys(t.keysOf(t.do(del(keyPath(k.Name)))), before, "the answer")
		}
	}, keys, needThrowaway)
}
