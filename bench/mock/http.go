package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// served is a server under load.
type served struct {
	addr string
	// stop ends the server, and returns the processor time it took in a process of
	// its own.
	stop func() (time.Duration, error)
}

// contender starts a server that has the image.
type contender struct {
	name   string
	floor  bool   // it is net/http alone
	target [2]int // answers a second, of each load
	start  func(ctx context.Context, dir string) (served, error)
}

// rate is what a server does under load.
type rate struct {
	perSecond float64
	each      time.Duration // processor time of an answer, the client's included
}

// loads measures requests over HTTP. Client and server share the processors. All
// servers take turns, so that whatever else the machine does hits all of them.
func (s *settings) loads(ctx context.Context, dir string) ([]line, error) {
	all := []contender{
		{name: "net/http alone", floor: true, start: floor},
		{name: "`mock.Start`", target: [2]int{30_000, 12_000}, start: started},
	}
	if s.binary != "" {
		all = append(all, contender{name: "net/http alone, in a process of its own", floor: true, start: s.apart},
			contender{name: "`cfimages mock`", target: [2]int{30_000, 12_000}, start: s.standalone(false)},
			contender{name: "`cfimages mock --data-dir`", start: s.standalone(true)})
	}
	var lines []line
	for i, kind := range []struct {
		name    string
		request []byte
	}{{"GET of an image", get()}, {"POST of an image of 10 KB", create("")}} {
		rates := make([][]rate, len(all))
		for range s.rounds {
			for k, c := range all {
				r, err := s.load(ctx, dir, c, kind.request)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", c.name, kind.name, err)
				}
				rates[k] = append(rates[k], r)
			}
		}
		lines = append(lines, compared(kind.name, i, all, rates)...)
	}
	return lines, nil
}

// load puts one server under load.
func (s *settings) load(ctx context.Context, dir string, c contender, request []byte) (r rate, err error) {
	runtime.GC()
	server, err := c.start(ctx, dir)
	if err != nil {
		return r, err
	}
	if err := once(ctx, server.addr, create(image)); err != nil {
		return r, err
	}
	begin := processor()
	perSecond, count, err := load(ctx, server.addr, request, s.slice)
	own := processor() - begin
	theirs, stopped := server.stop()
	if err == nil {
		err = stopped
	}
	return rate{perSecond, (own + theirs) / time.Duration(max(count, 1))}, err
}

// compared are the lines of one kind of request. A server with net/http alone is
// the floor of those after it.
func compared(kind string, i int, all []contender, rates [][]rate) []line {
	var lines []line
	var lowest time.Duration
	for k, c := range all {
		var seconds []float64
		var each []time.Duration
		for _, r := range rates[k] {
			seconds, each = append(seconds, r.perSecond), append(each, r.each)
		}
		middle, _ := median(seconds)
		cost, _ := median(each)
		if c.floor {
			lowest = cost
		}
		target := ""
		if c.target[i] > 0 {
			target = strconv.Itoa(c.target[i]) + "/s"
		}
		most := float64(runtime.GOMAXPROCS(0)) * float64(time.Second) / float64(max(cost, 1))
		lines = append(lines, line{
			what: kind + ", " + c.name, target: target, measured: fmt.Sprintf("%.0f/s", middle),
			cost: fmt.Sprintf("%s, %.2f of the floor", short(cost), float64(cost)/float64(max(lowest, 1))), idle: fmt.Sprintf("%.0f/s", most),
		})
	}
	return lines
}

// started is a mock in this process.
func started(context.Context, string) (served, error) {
	t := new(test)
	m := mock.Start(t, fake.WithAllowance(1<<60))
	u, err := url.Parse(m.URL())
	if err != nil {
		return served{}, err
	}
	return served{u.Host, func() (time.Duration, error) { return 0, t.end() }}, nil
}

// floor answers what the mock answers, and reads what it reads, with net/http
// alone.
func floor(context.Context, string) (served, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return served{}, err
	}
	body := []byte(`{"result":{"id":"one","filename":"a.svg","requireSignedURLs":false,"uploaded":"2026-01-02T03:04:05.678Z",` +
		`"variants":["http://localhost/0123456789abcdefghijkl/one/public"]},"success":true,"errors":[],"messages":[]}` + "\n")
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 0 {
			if _, err := io.ReadFull(r.Body, make([]byte, r.ContentLength)); err != nil {
				return
			}
		}
		header := w.Header()
		header["Content-Type"] = []string{"application/json"}
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
		header["Cf-Ray"] = []string{"0123456789abcdef-XXX"}
		_, _ = w.Write(body)
	})}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	return served{l.Addr().String(), func() (time.Duration, error) {
		err := s.Close()
		if ended := <-ended; ended != http.ErrServerClosed {
			err = errors.Join(err, ended)
		}
		return 0, err
	}}, nil
}
