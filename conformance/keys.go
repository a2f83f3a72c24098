package conformance

import (
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// defaultKey is the key an account has from the start.
const defaultKey = "default"

// keysOf demands a list of keys, and keeps their values out of reports.
func (t *spec) keysOf(r *reply) []signingKey {
	list := decode[struct {
		Keys []signingKey `json:"keys"`
	}](t, t.ok(r)).Keys
	t.demand(list != nil, "keys should be an array")
	for _, k := range list {
		t.hide(k.Value)
		t.demand(k.Name != "" && k.Value != "", "every key should have a name and a value that are not empty")
	}
	return list
}

func (t *spec) keys() []signingKey { return t.keysOf(t.do(get(keysPath))) }

// put makes or rotates a key, whose name is written down first.
func (t *spec) put(name string) *reply {
	t.ledger.write(kindKey, name)
	return t.do(request{method: "PUT", path: keyPath(name)})
}

// keyName is a fresh name of a key, which may have 20 characters.
func (t *spec) keyName() string {
	name := t.plain()
	return name[max(0, len(name)-20):]
}

func keyNames(keys []signingKey) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return names
}

func without(keys []signingKey, name string) []signingKey {
	var rest []signingKey
	for _, k := range keys {
		if k.Name != name {
			rest = append(rest, k)
		}
	}
	return rest
}

func valueOf(keys []signingKey, name string) string {
	for _, k := range keys {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// sameKeys compares keys without showing their values.
func (t *spec) sameKeys(got, want []signingKey, what string) {
	t.Expect(keyNames(got)).To(gomega.ConsistOf(keyNames(want)), "the names of %s", what)
	for _, k := range want {
		t.demand(valueOf(got, k.Name) == k.Value, "the value of the key %s should not change in %s", k.Name, what)
	}
}

func listKeys(s *suite) {
	keys := feature(FeatureKeys)
	s.clause("KYL-001", func(t *spec) { t.keys() }, keys)
	s.clause("KYL-002", func(t *spec) {
		names := keyNames(t.keys())
		t.Expect(names).NotTo(gomega.BeEmpty(), "an account has a key")
		t.unique(names, "the names of the keys")
	}, keys)
	check := func(t *spec) {
		var values []string
		for _, k := range t.keys() {
			t.demand(len(k.Value) >= 20, "the value of the key %s should have at least 20 characters, not %d", k.Name, len(k.Value))
			values = append(values, k.Value)
		}
		seen := map[string]bool{}
		for _, v := range values {
			t.demand(!seen[v], "the values of the keys should all be different")
			seen[v] = true
		}
	}
	s.clause("KYL-003", check, keys)
	s.row("KYL-003", "two keys", func(t *spec) {
		t.keysOf(t.put(t.keyName()))
		check(t)
	}, keys, needWrites, needExclusive)
}

// unique demands that no text is there twice.
func (t *spec) unique(list []string, what string) {
	seen := map[string]bool{}
	for _, text := range list {
		t.demand(!seen[text], "%s should be unique, and %q is there twice", what, text)
		seen[text] = true
	}
}

func putKey(s *suite) {
	keys := feature(FeatureKeys)
	s.clause("KYU-001", func(t *spec) {
		before, name := t.keys(), t.keyName()
		after := t.keysOf(t.put(name))
		t.Expect(keyNames(after)).To(gomega.ConsistOf(append(keyNames(before), name)), "the names in the answer")
	}, keys)
	s.row("KYU-001", "20 characters", func(t *spec) {
		before, name := t.keys(), t.keyName()
		name += strings.Repeat("x", 20-len(name))
		t.Expect(keyNames(t.keysOf(t.put(name)))).To(gomega.ConsistOf(append(keyNames(before), name)), "the names in the answer")
		t.sameKeys(t.keysOf(t.do(del(keyPath(name)))), before, "the answer to its deletion")
	}, keys)
	s.clause("KYU-002", func(t *spec) {
		before, name := t.keys(), t.keyName()
		after := t.keysOf(t.put(name))
		t.sameKeys(without(after, name), before, "the answer")
	}, keys)
	s.clause("KYU-003", func(t *spec) {
		after := t.keysOf(t.put(t.keyName()))
		t.eventually(func(t *spec) { t.sameKeys(t.keys(), after, "the list") })
	}, keys)
	s.clause("KYU-004", func(t *spec) {
		name := t.keyName()
		first := t.keysOf(t.put(name))
		second := t.keysOf(t.put(name))
		t.sameKeys(without(second, name), without(first, name), "the answer to the second request")
		t.Expect(keyNames(second)).To(gomega.ConsistOf(keyNames(first)), "the names in the answer to the second request")
		t.demand(valueOf(second, name) != valueOf(first, name), "the value of the key should change")
		t.eventually(func(t *spec) { t.sameKeys(t.keys(), second, "the list") })
	}, keys)
	s.clause("KYU-005", func(t *spec) {
		t.keysOf(t.put(t.keyName()))
		before := t.keys()
		r := t.put(t.keyName())
		if r.status == 200 {
			t.record("an account may have %d keys", len(t.keysOf(r)))
			return
		}
		t.refused(r)
		t.record("a key beyond %d is refused", len(before))
		t.sameKeys(t.keys(), before, "the list")
	}, keys)
	for _, path := range []string{"/%20", "/%2F", "/"} {
		s.row("KYU-006", path, func(t *spec) {
			before := t.keys()
			_, name := nameIn(keysPath + path)
			t.coin(name)
			t.refused(t.do(request{method: "PUT", path: keysPath + path}))
			t.sameKeys(t.keys(), before, "the list")
		}, keys)
	}
}

func deleteKey(s *suite) {
	keyLimits(s)
	keys := feature(FeatureKeys)
	s.clause("KYD-001", func(t *spec) {
		name := t.keyName()
		before := t.keysOf(t.put(name))
		t.sameKeys(t.keysOf(t.do(del(keyPath(name)))), without(before, name), "the answer")
	}, keys)
	s.clause("KYD-002", func(t *spec) {
		name := t.keyName()
		before := t.keysOf(t.put(name))
		t.ok(t.do(del(keyPath(name))))
		t.eventually(func(t *spec) { t.sameKeys(t.keys(), without(before, name), "the list") })
	}, keys)
	s.clause("KYD-003", func(t *spec) {
		before := t.keys()
		t.notFound(t.do(del(keyPath(t.keyName()))))
		t.sameKeys(t.keys(), before, "the list")
	}, keys)
	s.clause("KYD-004", func(t *spec) {
		t.leaveNone()
		t.Expect(t.keys()).NotTo(gomega.BeEmpty(), "an account has a key")
	}, keys, needThrowaway)
	s.clause("KYD-005", func(t *spec) {
		before, r := t.leaveNone()
		after := t.keysOf(r)
		t.Expect(after).To(gomega.HaveLen(1), "the keys afterwards")
		t.demand(after[0].Value != before.Value, "the new key should have a value of its own")
		t.eventually(func(t *spec) { t.sameKeys(t.keys(), after, "the list") })
	}, keys, feature(FeatureLastKey), needThrowaway)
}

// mayDelete lets the clause delete the key an account begins with, unless there
// are keys of somebody else.
func (t *spec) mayDelete(keys []signingKey) {
	for _, k := range keys {
		if k.Name != defaultKey && !t.coined(k.Name) {
			ginkgo.Skip("needs an account without keys of somebody else")
		}
	}
	t.permitted[kindKey] = defaultKey
}

// leaveNone deletes all keys, and returns the last and the answer for it.
func (t *spec) leaveNone() (signingKey, *reply) {
	keys := t.keys()
	t.Expect(keys).NotTo(gomega.BeEmpty(), "an account has a key")
	t.mayDelete(keys)
	for _, k := range keys[1:] {
		t.ok(t.do(del(keyPath(k.Name))))
	}
	r := t.do(del(keyPath(keys[0].Name)))
	if r.status != 200 {
		t.refused(r)
	}
	return keys[0], r
}
