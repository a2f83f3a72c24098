package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opened is a ledger on disk, and the name of its file.
func opened(t *testing.T) (*ledger, *book, func() string) {
	t.Helper()
	dir := t.TempDir()
	b := &book{dir: dir, sync: true, head: ledgerLine{Version: ledgerVersion, Run: "abcdefgh", Target: "https://a.invalid", Account: "a"}}
	file := func() string {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(names) > 1 {
			t.Fatalf("%q (%v)", names, err)
		}
		return strings.Join(names, "")
	}
	return newLedger(b), b, file
}

func stored(t *testing.T, name string) *storedLedger {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	l, err := readLedger(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLedgerOnDisk(t *testing.T) {
	t.Parallel()
	l, b, file := opened(t)
	if file() != "" {
		t.Error("there should be no file before the first entry")
	}
	refused := l.begin([]entry{{kind: kindImage, id: "cfc-abcdefgh-1"}})
	l.end(refused, 409, false)
	made := l.begin([]entry{{kind: kindVariant, id: "cfcabcdefgh"}, {kind: kindImage, creator: "cfc-abcdefgh-2"}})
	l.end(made, 200, true)
	l.add(entry{kind: kindImage, id: "told", account: "other", told: true})
	l.add(entry{kind: kindImage, id: "told", account: "other", told: true})
	l.add(entry{kind: kindImage})
	want := []storedEntry{
		{entry{kind: kindImage, id: "cfc-abcdefgh-1"}, stateRefused},
		{entry{kind: kindVariant, id: "cfcabcdefgh"}, ""},
		{entry{kind: kindImage, creator: "cfc-abcdefgh-2"}, ""},
		{entry{kind: kindImage, id: "told", account: "other", told: true}, ""},
	}
	got := stored(t, file())
	if !slices.Equal(got.entries, want) || got.head.Target != "https://a.invalid" || got.head.At.IsZero() {
		t.Errorf("%+v", got)
	}
	// What was refused is open again while it is tried again.
	l.begin([]entry{{kind: kindImage, id: "cfc-abcdefgh-1"}})
	if e := stored(t, file()).entries[0]; e.state != "" {
		t.Errorf("%+v", e)
	}
	if info, err := os.Stat(file()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for _, rec := range b.all()[1:] {
		rec.gone = true
	}
	if err := b.close(); err != nil || file() == "" {
		t.Errorf("a ledger with an open entry should stay (%v)", err)
	}
}

func TestLedgerOfNothingLeft(t *testing.T) {
	t.Parallel()
	l, b, file := opened(t)
	l.write(kindImage, "x")
	for _, rec := range b.all() {
		rec.gone = true
	}
	if err := b.close(); err != nil || file() != "" {
		t.Errorf("a ledger of which nothing is left should be removed (%v)", err)
	}
}

// TestLedgerStates checks which answers settle what a request may have made.
func TestLedgerStates(t *testing.T) {
	t.Parallel()
	mark := entry{kind: kindImage, creator: "c"}
	for _, c := range []struct {
		name    string
		e       entry
		status  int
		told    bool
		open    int
		refused bool
	}{
		{"made", entry{kind: kindImage, id: "x"}, 200, false, 0, false},
		{"refused", entry{kind: kindImage, id: "x"}, 409, false, 0, true},
		{"busy", entry{kind: kindImage, id: "x"}, 429, false, 1, false},
		{"broken", entry{kind: kindImage, id: "x"}, 500, false, 1, false},
		{"told", mark, 200, true, 0, false},
		{"not told", mark, 200, false, 1, false},
		{"mark refused", mark, 400, false, 0, true},
	} {
		l := newLedger(&book{})
		records := l.begin([]entry{c.e})
		l.end(records, c.status, c.told)
		if got := records[0]; got.open != c.open || got.refused != c.refused {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	l := newLedger(&book{})
	first, second := l.begin([]entry{mark}), l.begin([]entry{mark})
	l.end(first, 400, false)
	if second[0].refused {
		t.Error("it is refused while another request for it is open")
	}
	l.end(second, 200, true)
	if second[0].refused || second[0].open != 0 {
		t.Errorf("%+v", second[0])
	}
}

func TestUnwritableLedger(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := &book{dir: filepath.Join(file, "below"), head: ledgerLine{Version: 1, Run: "abcdefgh"}}
	newLedger(b).write(kindImage, "x")
	if err := b.trouble(); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("the error is %v", err)
	}
}

const (
	goodHead = `{"ledger":1,"target":"https://a.invalid","run":"abcdefgh","account":"a","at":"2026-01-01T00:00:00Z"}` + "\n"
	goodLine = `{"run":"abcdefgh","kind":"image","id":"x","at":"2026-01-01T00:00:00Z"}` + "\n"
)

func TestReadLedger(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no head":         goodLine,
		"other version":   strings.Replace(goodHead, ":1,", ":2,", 1),
		"no JSON":         goodHead + "x\n",
		"unknown field":   goodHead + strings.Replace(goodLine, "kind", "knd", 1),
		"unknown kind":    goodHead + strings.Replace(goodLine, `"image"`, `"bucket"`, 1),
		"other run":       goodHead + strings.Replace(goodLine, "abcdefgh", "abcdefgi", 1),
		"nothing named":   goodHead + strings.Replace(goodLine, `"id":"x"`, `"id":""`, 1),
		"mark of variant": goodHead + `{"run":"abcdefgh","kind":"variant","creator":"x","at":"2026-01-01T00:00:00Z"}` + "\n",
		"two values":      goodHead + strings.Replace(goodLine, "\n", "{}\n", 1),
	} {
		if l, err := readLedger("file", []byte(text)); err == nil {
			t.Errorf("%s: %+v", name, l)
		}
	}
	l, err := readLedger("file", []byte(goodHead+goodLine+`{"run":"abcdefgh","kind":"im`))
	if err != nil || len(l.entries) != 1 {
		t.Errorf("a line that was cut off should not count: %+v %v", l, err)
	}
	if l, err := readLedger("file", nil); err != nil || l.head.Run != "" || len(l.entries) != 0 {
		t.Errorf("%+v %v", l, err)
	}
}

func FuzzReadLedger(f *testing.F) {
	f.Add(goodHead + goodLine)
	f.Add(goodHead + strings.Replace(goodLine, "}", `,"state":"gone"}`, 1))
	f.Add(goodHead + goodLine[:20])
	f.Fuzz(func(t *testing.T, text string) {
		l, err := readLedger("file", []byte(text))
		if err != nil {
			return
		}
		for _, e := range l.entries {
			if e.isMark() && e.creator == "" && e.meta == "" || e.kind == "" || l.head.Run == "" {
				t.Errorf("%+v names nothing", e)
			}
		}
	})
}

func TestDefaultLedger(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	if dir, err := DefaultLedger(); err != nil || !strings.HasSuffix(dir, filepath.Join("cfimages", "ledger")) {
		t.Errorf("%s %v", dir, err)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	body := func(image string) *reply { return &reply{status: 200, body: []byte(`{"result":` + image + `}`)} }
	for image, want := range map[string]bool{
		`{"id":"x"}`:                                   false,
		`{"id":"CFC-ABCDEFGH-1"}`:                      true,
		`{"id":"x","creator":"cfc-abcdefgh-1"}`:        true,
		`{"id":"x","meta":{"run":"cfc-abcdefgh-1"}}`:   true,
		`{"id":"x","creator":"cfc-abcdefgi-1"}`:        false,
		`{"id":"x","draft":true}`:                      true,
		`{"id":"x","draft":true,"creator":"somebody"}`: false,
		`{"id":"x","draft":true,"meta":{"theirs":1}}`:  false,
		`{"id":"x","filename":"abcdefgh"}`:             false,
		`[]`:                                           false,
	} {
		if got := ownsImage(body(image), "abcdefgh"); got != want {
			t.Errorf("%s: %t", image, got)
		}
	}
	if ownsImage(&reply{status: 404, body: []byte(`{"result":{"id":"abcdefgh"}}`)}, "abcdefgh") {
		t.Error("an error shows no image")
	}
}
