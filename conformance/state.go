package conformance

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/onsi/gomega"
)

func overTime(s *suite) {
	s.clause("STM-001", func(t *spec) { t.follow(steps(t.run.seed, sequenceLength)) }, needThrowaway)
	s.row("STM-002", "generated id", func(t *spec) { t.usedAfterDelete(t.stored(t.form()).ID) })
	s.row("STM-002", "custom id", func(t *spec) { t.usedAfterDelete(t.stored(t.form("id", t.fresh()+"/a")).ID) })
	s.row("STM-002", "finished draft", func(t *spec) {
		d := t.draft()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.usedAfterDelete(d.ID)
	})
	s.clause("STM-003", noPartialEffect)
	for n := range 4 {
		s.row("STM-004", "metadata "+strconv.Itoa(n), func(t *spec) {
			t.findsEveryScalar(rand.New(rand.NewPCG(uint64(t.run.seed), uint64(n))))
		})
	}
	s.clause("STM-005", walksOfAnySize, needThrowaway)
	s.clause("STM-006", func(t *spec) {
		t.Expect(steps(t.run.seed, 200)).To(gomega.Equal(steps(t.run.seed, 200)), "the steps of one seed")
		t.Expect(steps(t.run.seed, 200)).NotTo(gomega.Equal(steps(t.run.seed+1, 200)), "the steps of two seeds")
	}, needThrowaway)
}

// usedAfterDelete deletes an image and tries every operation on it.
func (t *spec) usedAfterDelete(id string) {
	t.fetched(id)
	t.ok(t.do(del(imagePath(id))))
	t.eventually(func(t *spec) {
		for _, q := range []request{get(imagePath(id)), get(blobPath(id)), patch(imagePath(id), `{"metadata":{"a":1}}`), del(imagePath(id))} {
			t.notFound(t.do(q))
		}
	})
	t.notFound(t.do(get(imagePath(id))))
}

// noPartialEffect sends writes that are wrong in one part and right in others.
func noPartialEffect(t *spec) {
	sent := t.picture()
	made := t.stored(t.fields("id", t.fresh(), "metadata", `{"kept":1}`).image(sent))
	open := t.draft()
	seen := func() []string {
		texts := []string{string(t.fetched(made.ID).raw), string(t.fetched(open.ID).raw)}
		for _, path := range t.lists() {
			texts = append(texts, string(t.listed(path, t.mine()...).Raw))
		}
		return texts
	}
	t.eventually(func(t *spec) {
		t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.ConsistOf(made.ID), "the list")
	})
	before := seen()
	for _, q := range []request{
		t.form("id", made.ID, "metadata", `{"kept":2}`).request(imagesPath),
		t.fields("id", t.fresh()).image(textSample()).request(imagesPath),
		t.form("metadata", `{"cut":`).request(imagesPath),
		t.form("id", t.fresh(), "requireSignedURLs", "true").request(imagesPath),
		patch(imagePath(made.ID), `{"metadata":{"kept":2},"requireSignedURLs":"yes"}`),
		patch(imagePath(made.ID), `{"metadata":{"kept":2},"requireSignedURLs":true}`),
		patch(imagePath(made.ID), `{"creator":"thief","metadata":7}`),
		t.fields("id", made.ID).request(directPath),
		t.fields("id", open.ID, "metadata", `{"kept":2}`).request(directPath),
		posting(open.UploadURL, newForm("metadata", `{"kept":2}`).image(textSample())),
		posting(open.UploadURL, newForm()),
		{method: "POST", url: open.UploadURL, anonymous: true},
	} {
		r := t.do(q)
		t.demand(r.status/100 == 4, "the status should be 4xx and is %d", r.status)
		t.Expect(seen()).To(gomega.Equal(before), "what can be read after a refused write")
	}
	t.holds(made.ID, sent)
}

// leaf is a scalar somewhere in metadata.
type leaf struct{ path, kind, text string }

// findsEveryScalar makes metadata at random, and looks for each scalar in it.
func (t *spec) findsEveryScalar(random *rand.Rand) {
	metadata, leaves := someMetadata(random, "", 1)
	made := t.stored(t.form("metadata", marshal(metadata)))
	t.stored(t.form("metadata", `{"other":true}`))
	t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(marshal(metadata)), "the metadata")
	for _, l := range leaves {
		t.finds(map[string]string{made.ID: "the image"}, []string{"meta" + l.path + "[eq:" + l.kind + "]", l.text}, "the image")
	}
}

func someMetadata(random *rand.Rand, path string, level int) (map[string]any, []leaf) {
	object := map[string]any{}
	var leaves []leaf
	for i := range 2 + random.IntN(2) {
		name := fmt.Sprintf("k%d_%d", i, random.IntN(100))
		at := path + "." + name
		switch kind := random.IntN(5); {
		case kind == 0 && level < 5:
			inner, more := someMetadata(random, at, level+1)
			object[name] = inner
			leaves = append(leaves, more...)
		case kind <= 1:
			object[name] = random.IntN(2) == 0
			leaves = append(leaves, leaf{at, "boolean", fmt.Sprint(object[name])})
		case kind == 2:
			n := (random.IntN(2_000_001) - 1_000_000)
			object[name] = float64(n) / 8
			leaves = append(leaves, leaf{at, "number", marshal(object[name])})
		default:
			object[name] = []string{"", "true", "12", "a b&c=d", "größe", "ü|x", "[eq]", "%41+"}[random.IntN(8)]
			leaves = append(leaves, leaf{at, "string", object[name].(string)})
		}
	}
	return object, leaves
}

// walksOfAnySize walks lists of growing length in pages of many sizes.
func walksOfAnySize(t *spec) {
	var made []string
	for _, n := range []int{0, 1, 2, 3, 10, 47} {
		for len(made) < n {
			made = append(made, t.imageOf(t.create(t.form())).ID)
		}
		for k := range map[int]bool{1: true, 2: true, 3: true, max(n-1, 1): true, max(n, 1): true, n + 1: true} {
			size := strconv.Itoa(k)
			t.eventually(func(t *spec) {
				t.Expect(idsOf(all(t.walked(t.mine("per_page", size)...)))).To(gomega.ConsistOf(made), "%d images by %d, by token", n, k)
				if t.target.Has(FeatureV1List) {
					t.Expect(idsOf(all(t.counted(t.mine("per_page", size)...)))).To(gomega.ConsistOf(made), "%d images by %d, by number", n, k)
				}
			})
		}
	}
}
