package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTable measures everything for a moment.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	for from, program := range map[string]string{".": ".", "../..": "./cmd/cfimages"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", dir, program)
		build.Dir = from
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	var table bytes.Buffer
	s := settings{binary: filepath.Join(dir, "cfimages"), self: filepath.Join(dir, "mock"), images: 100, rounds: 1, slice: time.Millisecond}
	if err := s.run(t.Context(), &table); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"20 ms", "60 ms", "200 µs", "300 ns", "30000/s", "12000/s", "350 MB", "10 ms", "100 ms", "700 ms"} {
		if !strings.Contains(table.String(), "| "+target+" | ") {
			t.Errorf("no line has the target %s", target)
		}
	}
	if t.Failed() {
		t.Log(table.String())
	}
}

// TestLoad counts the answers of a server, and refuses others than successes.
func TestLoad(t *testing.T) {
	status, long := http.StatusOK, strings.Repeat("x", 100_000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Length"] = []string{"100000"}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(long))
	}))
	defer s.Close()
	addr := s.Listener.Addr().String()
	perSecond, count, err := load(t.Context(), addr, get(), time.Millisecond)
	if err != nil || count < 1 || perSecond <= 0 {
		t.Errorf("%v a second, %v in all, %v", perSecond, count, err)
	}
	status = http.StatusNotFound
	if _, _, err := load(t.Context(), addr, get(), time.Millisecond); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("the error is %v", err)
	}
}

func TestAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabc":        "",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":                   "",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab":                 "EOF",
		"HTTP/1.1 200 OK\r\nA: b\r\n":                                    "EOF",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": "its length",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n":                   "invalid syntax",
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n":  "503",
	} {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Write([]byte(text))
			_ = theirs.Close()
		}()
		err := (&answers{conn: ours}).next()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
		_ = ours.Close()
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 1500: "1.5 µs", 12345 * time.Microsecond: "12.3 ms", 90 * time.Second: "90 s",
	} {
		if got := short(d); got != want {
			t.Errorf("%d: %s, not %s", d, got, want)
		}
	}
}
