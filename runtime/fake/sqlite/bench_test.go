package sqlite_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fake/sqlite"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

const million = 1_000_000

// fill puts images into an account: a thousand creators, metadata of about 90
// bytes, one file for all.
func fill(s store.Store, n int) error {
	c, err := s.Keep("image/svg+xml", []byte("<svg/>"))
	if err != nil {
		return err
	}
	defer s.Release(c)
	start := time.Now()
	return s.Replace(func(f store.Filler) error {
		err := f.Account(account, store.State{
			Keys: []api.SigningKey{{Name: "default", Value: "x"}}, Variants: []api.Variant{{ID: "public"}}, Position: uint64(n), Uploaded: start,
		})
		for i := 1; i <= n && err == nil; i++ {
			err = f.Put(store.Pack(&store.Record{
				ID: fmt.Sprintf("%08x-aaaa-4bbb-cccc-ddddeeeeff00", i), Filename: "picture.svg", Creator: fmt.Sprintf("user-%d", i%1000),
				Meta:     fmt.Appendf(nil, `{"album":"holiday %d","rating":%d,"region":{"name":"eu"},"tags":["a","b"],"n":%d}`, i%100, i%5, i),
				Uploaded: start, Position: uint64(i), Content: c,
			}))
		}
		return err
	})
}

// BenchmarkMillion asks an account of 1,000,000 images.
func BenchmarkMillion(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		before := heap()
		s := store.NewMemory()
		must(0, fill(s, million))(b)
		weigh(b, before)
		lists(b, fake.New(fake.WithStore(s), fake.WithAllowance(1<<60)))
	})
	b.Run("sqlite", func(b *testing.B) {
		dir := b.TempDir()
		s := must(sqlite.Open(dir))(b)
		must(0, fill(s, million))(b)
		must(0, s.Close())(b)
		b.Run("start", func(b *testing.B) {
			for b.Loop() {
				s := must(sqlite.Open(dir))(b)
				must(fake.New(fake.WithStore(s)).Account(account).ListImages(b.Context(), api.ListImagesParams{PerPage: 1}))(b)
				b.StopTimer()
				must(0, s.Close())(b)
				b.StartTimer()
			}
		})
		before := heap()
		w, _, _ := open(b, dir, fake.WithAllowance(1<<60))
		lists(b, w)
		weigh(b, before)
	})
}

// weigh reports what the heap has gained.
func weigh(b *testing.B, before int64) {
	megabytes := float64(heap()-before) / 1e6
	b.Run("heap", func(b *testing.B) {
		for b.Loop() {
			runtime.KeepAlive(before)
		}
		b.ReportMetric(megabytes, "MB")
	})
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func lists(b *testing.B, w *fake.World) {
	a := w.Account(account)
	for _, c := range []struct {
		name string
		in   api.ListImagesParams
	}{
		{"page", api.ListImagesParams{}},
		{"creator", api.ListImagesParams{Creator: new("user-7")}},
		{"creator and metadata", api.ListImagesParams{Creator: new("user-7"), Filter: filter.All(filter.Eq("album", "holiday 7"), filter.Gte("rating", 2))}},
		{"metadata", api.ListImagesParams{Filter: filter.All(filter.Eq("album", "holiday 7"))}},
		{"scan", api.ListImagesParams{Filter: filter.All(filter.Eq("album", "none"))}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				must(a.ListImages(b.Context(), c.in))(b)
			}
		})
	}
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			must(a.GetImage(b.Context(), "00000fff-aaaa-4bbb-cccc-ddddeeeeff00"))(b)
		}
	})
}

// BenchmarkHTTP loads a mock over HTTP; server and clients share the processors.
func BenchmarkHTTP(b *testing.B) {
	for name, open := range map[string]func() store.Store{
		"memory": func() store.Store { return store.NewMemory() },
		"sqlite": func() store.Store { return must(sqlite.Open(b.TempDir()))(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s := open()
			defer func() { must(0, s.Close())(b) }()
			m := mock.New(fake.WithAllowance(1<<60), fake.WithStore(s))
			server := httptest.NewServer(m.Handler())
			defer server.Close()
			base := server.URL + "/client/v4/accounts/a/images/v1"
			must(m.World().Account("a").UploadImage(b.Context(), api.ImageUpload{ID: "one", File: drawing(1)}))(b)
			b.Run("get", func(b *testing.B) {
				hammer(b, func() *http.Request { return must(http.NewRequest(http.MethodGet, base+"/one", nil))(b) })
			})
			body := append([]byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.svg\"\r\n\r\n<svg>"), bytes.Repeat([]byte("x"), 10_000)...)
			body = append(body, "</svg>\r\n--x--\r\n"...)
			b.Run("create", func(b *testing.B) {
				hammer(b, func() *http.Request {
					req := must(http.NewRequest(http.MethodPost, base, bytes.NewReader(body)))(b)
					req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
					return req
				})
			})
		})
	}
}

// hammer sends requests from 16 clients and reports their rate.
func hammer(b *testing.B, request func() *http.Request) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req := request()
			req.Header.Set("Authorization", "Bearer t")
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				b.Errorf("the answer is %s", resp.Status)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}
