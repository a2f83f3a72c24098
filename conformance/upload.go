package conformance

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/onsi/gomega"
)

// tick is long enough for a clock of milliseconds to move.
const tick = 2 * time.Millisecond

func uploadImage(s *suite) {
	s.clause("V1C-001", func(t *spec) {
		first, second := t.imageOf(t.create(t.form())), t.imageOf(t.create(t.form()))
		t.Expect(second.ID).NotTo(gomega.Equal(first.ID), "every image has its own id")
		t.demand(!first.isDraft(), "an uploaded image is no draft")
	})
	for _, f := range formats() {
		s.row("V1C-002", f.name, func(t *spec) {
			t.imageOf(t.create(t.fields().image(f.make(t.run.pictures.Add(1)))))
		})
	}
	s.clause("V1C-003", func(t *spec) {
		t.refused(t.create(t.fields().image(textSample())), codeUnsupported, codeBadRequest, codeUndecodable)
		t.noTrace()
	})
	s.row("V1C-004", "text", func(t *spec) {
		t.refused(t.create(t.fields().file("file", "note.png", "image/png", textSample().body)))
		t.noTrace()
	})
	for row, bytes := range map[string]string{
		"document": "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "signature of PNG": "\x89PNG\r\n\x1a\n and nothing else",
		"signature of JPEG": "\xff\xd8\xff\xe0", "page": "<!doctype html><title>cat</title>",
	} {
		s.row("V1C-004", row, func(t *spec) {
			t.refused(t.create(t.fields().file("file", "cat.png", "image/png", []byte(bytes))))
			t.noTrace()
		})
	}
	s.row("V1C-004", "noise", func(t *spec) {
		t.refused(t.create(t.fields().file("file", "noise.png", "image/png", []byte("\x00\x01\x02\xFF\xFE not a picture at all"))))
		t.noTrace()
	})
	uploadFields(s)
	uploadMetadata(s)
	uploadIDs(s)
	uploadSources(s)
	uploadForms(s)
	uploadEffects(s)
	uploadWhole(s)
}

func uploadFields(s *suite) {
	filename := func(id, row, name string) {
		s.row(id, row, func(t *spec) {
			picture := t.picture()
			picture.filename = name
			made := t.stored(t.fields().image(picture))
			got := t.fetched(made.ID)
			t.all(func(t *spec) {
				t.Expect(made.Filename).To(gomega.HaveValue(gomega.Equal(name)), "the filename in the answer")
				t.Expect(got.Filename).To(gomega.HaveValue(gomega.Equal(name)), "the filename")
			})
		})
	}
	filename("V1C-005", "", "holiday-7.png")
	filename("V1C-005", "no extension", "holiday")
	filename("V1C-005", "two extensions", "Holiday.7.tar.PNG")
	filename("V1C-006", "spaces", "my cat  2.png")
	filename("V1C-006", "letters", "Mäuschen-写真.png")
	filename("V1C-006", "quotes", `the "best" one.png`)
	s.clause("V1C-011", func(t *spec) {
		made := t.stored(t.form("requireSignedURLs", "true"))
		got := t.fetched(made.ID)
		t.all(func(t *spec) {
			t.demand(made.private(), "the answer should say that the image is private")
			t.demand(got.private(), "the image should be private")
		})
	})
	s.clause("V1C-012", func(t *spec) {
		for _, f := range []*form{t.form(), t.form("requireSignedURLs", "false")} {
			made := t.stored(f)
			t.demand(!made.private(), "the answer should say that the image is public")
			t.demand(!t.fetched(made.ID).private(), "the image should be public")
		}
	})
	s.clause("V1C-013", func(t *spec) {
		for _, wrong := range []string{"maybe", "1", "yes", "on"} {
			t.refused(t.create(t.form("requireSignedURLs", wrong)))
		}
		t.noTrace()
	})
	s.clause("V1C-014", func(t *spec) {
		creator := t.name + "/Äb C+d"
		made := t.stored(t.form("creator", creator))
		t.Expect(made.Creator).To(gomega.HaveValue(gomega.Equal(creator)), "the creator in the answer")
		t.Expect(t.fetched(made.ID).Creator).To(gomega.HaveValue(gomega.Equal(creator)), "the creator")
		nobody := t.stored(t.nobodys())
		t.Expect(t.fetched(nobody.ID).Creator).To(gomega.BeNil(), "the creator when there is none")
	})
	s.clause("V1C-032", func(t *spec) {
		r := t.create(t.form())
		made := t.imageOf(r)
		now := t.serverTime(r)
		t.Expect(made.uploadedAt()).To(gomega.BeTemporally("~", now, 2*time.Minute), "the upload time")
	})
}

// serverTime is the time of an answer by the target's own clock.
func (t *spec) serverTime(r *reply) time.Time {
	if t.target.Advance != nil {
		return time.Now().Add(time.Duration(t.run.ahead.Load()))
	}
	if at, err := time.Parse(time.RFC1123, r.header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}

func uploadMetadata(s *suite) {
	kept := func(id, row, text string) {
		s.row(id, row, func(t *spec) {
			made := t.stored(t.form("metadata", text))
			got := t.fetched(made.ID)
			t.all(func(t *spec) {
				t.Expect(made.Meta).To(gomega.MatchJSON(text), "the metadata in the answer")
				t.Expect(got.Meta).To(gomega.MatchJSON(text), "the metadata")
			})
		})
	}
	kept("V1C-007", "", `{"k":"v"}`)
	kept("V1C-008", "nested", `{"a":{"b":{"c":{"d":1}}},"list":[1,"1",true,null,{"x":[]}],"empty":{},"none":[],"one":[1]}`)
	kept("V1C-008", "numbers", `{"n":5,"s":"5","f":0.1234567890123,"big":9007199254740991,"odd":16777217,"neg":-1.5,"exp":1e21}`)
	kept("V1C-008", "booleans and null", `{"t":true,"f":false,"ts":"true","n":null,"ns":"null","z":0,"e":""}`)
	kept("V1C-008", "names", `{"Aa":1,"aA":2,"a b":3,"a.b":4}`)
	kept("V1C-008", "Unicode", `{"é":"naïve 日本語","emoji":"🐈‍⬛","html":"<a href='x'>&amp;</a>","esc":"\"\\\u0007"}`)
	s.row("V1C-008", "empty object", func(t *spec) {
		made := t.stored(t.form("metadata", `{}`))
		t.Expect(string(t.fetched(made.ID).Meta)).To(gomega.BeElementOf("", "null", "{}"), "the metadata")
	})
	kept("V1C-008", "spaces", `{"a":" both ","b":"\tin\nside\r\n","c":" ","":"no name"," n ":1}`)
	for _, text := range []string{`{"big":9007199254740993,"small":-9223372036854775807}`, `{"whole":1.0,"exp":1e2,"zero":0.0}`} {
		s.row("V1C-043", text, func(t *spec) { t.keepsText(text) }, feature(FeatureNumberText))
	}
	for _, text := range []string{`[{"k":"v"}]`, `"k"`, `7`, `true`} {
		s.row("V1C-049", text, func(t *spec) { t.rejects(t.form("metadata", text)) })
	}
	s.clause("V1C-052", func(t *spec) { t.rejects(t.form("metadata.k", "v")) })
	s.clause("V1C-053", func(t *spec) {
		made := t.stored(t.form())
		for _, got := range []image{made, t.fetched(made.ID)} {
			t.Expect(string(got.Meta)).To(gomega.BeElementOf("", "null", "{}"), "the metadata of an image that has none")
		}
	})
	s.row("V1C-009", "cut off", func(t *spec) { t.rejects(t.form("metadata", `{"k":`)) })
	s.row("V1C-009", "words", func(t *spec) { t.rejects(t.form("metadata", `k=v`)) })
	s.row("V1C-010", "1024 bytes", func(t *spec) {
		text := metadataOf(1024)
		made := t.stored(t.form("metadata", text))
		t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(text), "the metadata")
	})
	s.row("V1C-010", "1025 bytes", func(t *spec) { t.rejects(t.form("metadata", metadataOf(1025))) })
	s.row("V1C-010", "1024 bytes in 516 characters", func(t *spec) {
		made := t.stored(t.form("metadata", wideMetadata(1024)))
		t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(wideMetadata(1024)), "the metadata")
	})
	s.row("V1C-010", "1026 bytes in 517 characters", func(t *spec) { t.rejects(t.form("metadata", wideMetadata(1026))) })
}

// keepsText demands metadata whose numbers are as they were written.
func (t *spec) keepsText(text string) {
	want := decode[map[string]json.RawMessage](t, json.RawMessage(text))
	same := func(got json.RawMessage, where string) {
		t.Expect(decode[map[string]json.RawMessage](t, got)).To(gomega.Equal(want), "the text of the numbers %s", where)
	}
	made := t.stored(t.form("metadata", text))
	same(made.Meta, "in the answer")
	same(t.fetched(made.ID).Meta, "in what is fetched")
	same(t.edited(made.ID, `{"metadata":`+text+`}`).Meta, "after an edit")
}

// wideMetadata returns an object whose text has n bytes, an even number, in
// about half as many characters.
func wideMetadata(n int) string {
	return `{"k":"` + strings.Repeat("é", (n-len(`{"k":""}`))/len("é")) + `"}`
}

// metadataOf returns an object whose text has n bytes.
func metadataOf(n int) string {
	const frame = `{"k":""}`
	return `{"k":"` + strings.Repeat("x", n-len(frame)) + `"}`
}

// rejects demands that an upload is refused and leaves nothing.
func (t *spec) rejects(f *form, codes ...int) {
	t.refused(t.create(f), codes...)
	if id := f.value("id"); id != "" && len(id) <= 1024 {
		t.refused(t.do(get(imagePath(id))))
	}
	t.noTrace()
}

func uploadEffects(s *suite) {
	s.clause("V1C-033", func(t *spec) {
		picture := t.picture()
		first, second := t.stored(t.fields().image(picture)), t.stored(t.fields().image(picture))
		t.Expect(second.ID).NotTo(gomega.Equal(first.ID), "the ids of two uploads")
		t.holds(first.ID, picture)
		t.holds(second.ID, picture)
	})
	s.clause("V1C-034", func(t *spec) {
		id := t.fresh()
		t.refused(t.create(t.fields("id", id).image(textSample())))
		t.notFound(t.do(get(imagePath(id))))
		t.refused(t.do(get(blobPath(id))))
		t.noTrace()
		t.stored(t.form("id", id))
	})
	s.row("V1C-034", "count", func(t *spec) {
		before := t.counts().Current
		t.refused(t.create(t.fields("id", t.fresh()).image(textSample())))
		t.refused(t.create(t.form("metadata", "{")))
		t.Expect(t.counts().Current).To(gomega.Equal(before), "the count after refused uploads")
	}, needExclusive, feature(FeatureKeys))
	s.clause("V1C-035", func(t *spec) {
		sent := t.picture()
		made := t.imageOf(t.create(t.fields().image(sent)))
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(made.ID).ID).To(gomega.Equal(made.ID), "the id")
			t.holds(made.ID, sent)
		})
	})
}
