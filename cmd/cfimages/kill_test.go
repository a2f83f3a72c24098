package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

const killAccount = "7d1f0c93b85e4a26a4c2e9d06b3f8517"

// moment is when a run is killed: at its nth request, either before it is
// served, before it is answered or after.
type moment struct{ nth, phase int }

var phases = []string{"before the server has it", "before it is answered", "after it is answered"}

// killer serves the mock and kills the command that is running at a moment.
type killer struct {
	next http.Handler
	at   moment
	kill func()
	mu   sync.Mutex
	n    int
	// drafts are the ids that were given to drafts, and lost whether the answer
	// with a generated one did not arrive.
	drafts []string
	lost   string
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	k.n++
	now := k.n == k.at.nth
	k.mu.Unlock()
	if now && k.at.phase == 0 {
		k.kill()
		panic(http.ErrAbortHandler)
	}
	rec := httptest.NewRecorder()
	k.next.ServeHTTP(rec, r)
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/direct_upload") {
		k.note(rec.Body.Bytes(), now && k.at.phase == 1)
	}
	if now && k.at.phase == 1 {
		k.kill()
		panic(http.ErrAbortHandler)
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
	if now && k.at.phase == 2 {
		_ = http.NewResponseController(w).Flush()
		k.kill()
	}
}

func (k *killer) note(body []byte, lost bool) {
	var e struct{ Result struct{ ID string } }
	if json.Unmarshal(body, &e) != nil || e.Result.ID == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drafts = append(k.drafts, e.Result.ID)
	if lost && !strings.HasPrefix(e.Result.ID, "cfc-") {
		k.lost = e.Result.ID
	}
}

// command runs the command as a process of its own, against a server that
// kills it.
func command(t *testing.T, k *killer, args ...string) (output string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	k.kill = func() { _ = cmd.Process.Kill() }
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// holdings is all that an account holds and lists, as text.
func holdings(t *testing.T, m *mock.Mock) string {
	t.Helper()
	images, err := m.ListImages(t.Context(), api.ListImagesParams{PerPage: 1000})
	if err != nil {
		t.Fatal(err)
	}
	variants, err := m.ListVariants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := m.ListSigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{images, variants, keys})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// inhabited is a mock with things of others.
func inhabited(t *testing.T) (*mock.Mock, *mock.Mock) {
	t.Helper()
	m := mock.New()
	a := m.Account(killAccount)
	for i := range 20 {
		file := api.Bytes("theirs.svg", fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg"><!-- %d --></svg>`, i))
		if _, err := a.UploadImage(t.Context(), api.ImageUpload{File: file, Creator: new("somebody")}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.PutSigningKey(t.Context(), "theirs"); err != nil {
		t.Fatal(err)
	}
	return m, a
}

// TestKilled kills runs at moments all over a run, and checks that a sweep
// leaves nothing of them and takes nothing else. CFIMAGES_KILL=all has 20
// moments instead of 3.
func TestKilled(t *testing.T) {
	t.Parallel()
	moments := 3
	if os.Getenv("CFIMAGES_KILL") == "all" {
		moments = 20
	}
	const requests = 3600 // of a run that is not killed, nearly
	random := rand.New(rand.NewPCG(2026, 11))
	for i := range moments {
		at := moment{nth: 40 + requests*i/moments + random.IntN(requests/moments-40), phase: (i + 1) % len(phases)}
		t.Run(fmt.Sprintf("at request %d %s", at.nth, phases[at.phase]), func(t *testing.T) {
			m, account := inhabited(t)
			k := &killer{next: m.Handler(), at: at}
			server := httptest.NewServer(k)
			defer server.Close()
			m.SetAddress(server.URL)
			before, ledger := holdings(t, account), t.TempDir()
			against := []string{"--url", m.URL(), "--account", killAccount, "--token", "t", "--ledger", ledger}
			out, code := command(t, k, append([]string{"conformance", "run", "--profile", "account", "--feature", "auth=off", "--seed", fmt.Sprint(i + 1)}, against...)...)
			if code != -1 {
				t.Fatalf("the run ended by itself with status %d:\n%s", code, out)
			}
			swept(t, against)
			if after := holdings(t, account); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
			k.noDrafts(t, account)
			if left, err := filepath.Glob(filepath.Join(ledger, "*")); err != nil || len(left) > 0 {
				t.Errorf("the ledgers %q are left (%v)", left, err)
			}
		})
	}
}

func swept(t *testing.T, against []string) {
	t.Helper()
	var out buffer
	if code := run(t.Context(), append([]string{"conformance", "sweep"}, against...), &out, &out); code != 0 {
		t.Errorf("the sweep ended with status %d:\n%s", code, out.String())
	}
	t.Log(strings.TrimSpace(out.String()))
}

// noDrafts demands that no draft is left but one with a generated id that no
// answer told: nobody can find that, and it expires by itself.
func (k *killer) noDrafts(t *testing.T, account *mock.Mock) {
	t.Helper()
	for _, id := range slices.Compact(slices.Sorted(slices.Values(k.drafts))) {
		img, err := account.GetImage(t.Context(), id)
		if err == nil && id != k.lost {
			t.Errorf("%s is left, and a draft: %t", id, img.Draft)
		}
	}
}
