package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

func fileOf(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestConfigErrors checks that a setting which cannot be meant stops the run,
// names itself and shows no token.
func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, env string
		says      string
	}{
		"unknown key":      {file: "tokn: hidden-token\n", says: `line 1: there is no flag "tokn"; did you mean token?`},
		"unknown far key":  {file: "zzzzzzzzzz: 1\n", says: `there is no flag "zzzzzzzzzz"`},
		"key twice":        {file: "seed: 1\nseed: 2\n", says: `line 2: "seed" is there twice`},
		"config in config": {file: "config: other.yaml\n", says: `there is no flag "config"`},
		"list for one":     {file: "token: [hidden-token]\n", says: "line 1: token takes one value"},
		"no value":         {file: "token:\n", says: "token takes one value"},
		"list of lists":    {file: "clause: [[V1L-001]]\n", says: "clause takes a list of plain values"},
		"no number":        {file: "seed: soon\n", says: "--seed"},
		"no duration":      {file: "window: 3\n", says: "--window"},
		"no boolean":       {file: "strict: perhaps\n", says: "--strict"},
		"no profile":       {file: "profile: everything\n", says: "--profile"},
		"no YAML":          {file: "token: hidden-token\n\tx", says: "it is not YAML"},
		"no object":        {file: "- hidden-token\n", says: "it should be an object"},
		"two documents":    {file: "seed: 1\n---\nseed: 2\n", says: "nothing behind it"},
		"unknown variable": {env: "CFIMAGES_CONFORMANCE_TOKN=hidden-token", says: "CFIMAGES_CONFORMANCE_TOKN; did you mean CFIMAGES_CONFORMANCE_TOKEN?"},
		"bad variable":     {env: "CFIMAGES_CONFORMANCE_SEED=soon", says: "--seed"},
		"no file":          {env: "CFIMAGES_CONFORMANCE_CONFIG=/nowhere.yaml", says: "/nowhere.yaml"},
		"bad feature":      {env: "CFIMAGES_CONFORMANCE_FEATURE=auth", says: "--feature wants"},
		"two minds":        {env: "CFIMAGES_CONFORMANCE_FEATURE=auth=on,auth=off", says: "auth is on and off"},
		"bad account2":     {env: "CFIMAGES_CONFORMANCE_ACCOUNT2=hidden-token", says: "--account2 wants ID:TOKEN"},
		"bad known list":   {env: "CFIMAGES_CONFORMANCE_KNOWN_FAILING=" + fileOf(t, "- clause: V1L-001\n"), says: "has no reason"},
		"no known list":    {env: "CFIMAGES_CONFORMANCE_KNOWN_FAILING=/nowhere.yaml", says: "/nowhere.yaml"},
		"no control":       {env: "CFIMAGES_CONFORMANCE_CONTROL=http://127.0.0.1:1/_mock", says: "--control"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"conformance", "run", "--url", "http://127.0.0.1:1", "--account", "a"}
			if !strings.Contains(tt.file, "token:") {
				args = append(args, "--token", "hidden-token")
			}
			if tt.file != "" {
				args = append(args, "--config", fileOf(t, tt.file))
			}
			var out buffer
			got := runIn(t.Context(), environ{tt.env}, args, &out, &out)
			if got != 2 || !strings.Contains(out.String(), tt.says) || strings.Contains(out.String(), "hidden-token") {
				t.Errorf("exit status %d, want 2 with %q and no token; printed\n%s", got, tt.says, out.String())
			}
		})
	}
}

// TestConfigSources checks that flags win over the environment and that over
// the file, and that a list is replaced as a whole.
func TestConfigSources(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--account", "a:t")
	file := fileOf(t, fmt.Sprintf(`url: %s
account: a
token: wrong
profile: readonly
seed: 7
strict: false
feature: {v1list: off, auth: on}
clause: [V1G-002, V2L-001]
`, url))
	run := func(env environ, flags ...string) map[string]any {
		t.Helper()
		report := filepath.Join(t.TempDir(), "r.json")
		var out buffer
		args := append([]string{"conformance", "run", "--config", file, "--json", report}, flags...)
		if got := runIn(t.Context(), env, args, &out, &out); got != 0 {
			t.Fatalf("exit status %d; printed\n%s", got, out.String())
		}
		text, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		var result map[string]any
		if err := json.Unmarshal(text, &result); err != nil {
			t.Fatal(err)
		}
		return result
	}
	right := "CLOUDFLARE_API_TOKEN=t"
	for name, tt := range map[string]struct {
		env   environ
		flags []string
		want  map[string]any
	}{
		"file":                {environ{right}, nil, map[string]any{"seed": 7., "profile": "readonly", "passed": 2., "target": url}},
		"environment":         {environ{right, "CFIMAGES_CONFORMANCE_SEED=8", "CFIMAGES_CONFORMANCE_CLAUSE=V1G-002"}, nil, map[string]any{"seed": 8., "passed": 1.}},
		"flags":               {environ{right, "CFIMAGES_CONFORMANCE_SEED=8"}, []string{"--seed", "9", "--clause", "V2L-001", "--profile", "safe"}, map[string]any{"seed": 9., "passed": 1., "profile": "safe"}},
		"own variable":        {environ{"CLOUDFLARE_API_TOKEN=wrong", "CFIMAGES_CONFORMANCE_TOKEN=t"}, nil, map[string]any{"passed": 2.}},
		"several in one":      {environ{right, "CFIMAGES_CONFORMANCE_CLAUSE=V1G-*,V2L-001"}, nil, map[string]any{"passed": 3.}},
		"everything in env":   {environ{right, "CFIMAGES_CONFORMANCE_FEATURE=keys=off", "CFIMAGES_CONFORMANCE_CLAUSE=V2L-001,KYL-001"}, nil, map[string]any{"passed": 1.}},
		"an empty CLOUDFLARE": {environ{right, "CLOUDFLARE_ACCOUNT_ID="}, nil, map[string]any{"passed": 2.}},
	} {
		got := run(tt.env, tt.flags...)
		for key, want := range tt.want {
			if got[key] != want {
				t.Errorf("%s: %s is %v, want %v", name, key, got[key], want)
			}
		}
	}
	for _, f := range run(environ{right})["features"].([]any) {
		f := f.(map[string]any)
		if want := map[string]any{"v1list": "off", "auth": "on"}[f["name"].(string)]; want != nil && f["declared"] != want {
			t.Errorf("%v", f)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"url": false, "clause": false, "known-failing": false}
	for name, want := range map[string]string{"clauses": "clause", "known-failling": "known-failing", "urll": "url", "token": "", "": ""} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, text := range []string{"url: x\n", "feature: {a: on}\n", "clause: [a, b]\n", "url: [", "? [a]\n: b\n", "&a a: *a\n", "<<: {url: x}\n"} {
		f.Add(text)
	}
	known := map[string]bool{"url": false, "feature": true, "clause": true}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseConfig([]byte(text), known)
		if err != nil {
			return
		}
		for name, value := range values {
			list, ok := known[name]
			if _, isList := value.([]any); !ok || isList != list {
				t.Errorf("%q is %T", name, value)
			}
		}
	})
}

// TestControl moves the clock of a mock from outside, by hand and by a run.
func TestControl(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--account", "a:t", "--account", "b:u")
	base := strings.TrimSuffix(url, "/client/v4") + "/_mock"
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/clock", `{"advance":"1s"}`, 200},
		{"POST", "/clock", `{"advance":"0s"}`, 200},
		{"POST", "/clock", `{"advance":"-1s"}`, 400},
		{"POST", "/clock", `{"advance":"9000000h"}`, 400},
		{"POST", "/clock", `{"advance":"2540400h"}`, 400},
		{"POST", "/clock", `{"advance":"soon"}`, 400},
		{"POST", "/clock", `{"advance":31}`, 400},
		{"POST", "/clock", `{"advanse":"1s"}`, 400},
		{"POST", "/clock", `{}`, 400},
		{"POST", "/clock", `{"advance":"1s"}{}`, 400},
		{"POST", "/clock", ``, 400},
		{"GET", "/clock", ``, 200},
		{"PUT", "/clock", ``, 405},
		{"POST", "/clocks", `{}`, 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, base+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.status {
			t.Errorf("%s %s %s: status %d, want %d", tt.method, tt.path, tt.body, resp.StatusCode, tt.status)
		}
	}
	var out buffer
	args := []string{
		"conformance", "run", "--url", url, "--account", "a", "--token", "t", "--account2", "b:u", "--control", base,
		"--profile", "all", "--clause", "DUC-012", "--clause", "DUU-003", "--clause", "ENV-013",
	}
	if got := runIn(t.Context(), nil, args, &out, &out); got != conformance.ExitConforms || !strings.Contains(out.String(), " 3 clauses passed") {
		t.Errorf("exit status %d; printed\n%s", got, out.String())
	}
}
