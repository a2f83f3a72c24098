package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// adminPath is where the mock takes orders that the API has none for.
const adminPath = "/_mock"

// admin steers a mock from outside.
type admin struct {
	// ahead is how far the mock's clock was moved, in nanoseconds.
	ahead atomic.Int64
}

// now is the time of the mock.
func (a *admin) now() time.Time { return time.Now().Add(time.Duration(a.ahead.Load())) }

// over serves the orders, and all else by the mock.
func (a *admin) over(mock http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+adminPath+"/clock", a.moveClock)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > len(adminPath) && r.URL.Path[:len(adminPath)+1] == adminPath+"/" {
			mux.ServeHTTP(w, r)
			return
		}
		mock.ServeHTTP(w, r)
	})
}

// maxAdvance keeps the mock's clock within what a time can be.
const maxAdvance = 100 * 365 * 24 * time.Hour

// moveClock moves the clock forward: {"advance":"31m"}.
func (a *admin) moveClock(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Advance *string `json:"advance"`
	}
	if err := readOrder(r, &order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if order.Advance == nil {
		http.Error(w, `"advance" is missing, a duration such as "31m"`, http.StatusBadRequest)
		return
	}
	d, err := time.ParseDuration(*order.Advance)
	if err != nil || d < 0 || d > maxAdvance-time.Duration(a.ahead.Load()) {
		http.Error(w, `"advance" must be a duration such as "31m", and not lead more than 100 years ahead`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"ahead": time.Duration(a.ahead.Add(int64(d))).String()})
}

// readOrder reads one JSON object. A member nobody knows is an error.
func readOrder(r *http.Request, order any) error {
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
	dec.DisallowUnknownFields()
	if err := dec.Decode(order); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there should be one object, and nothing behind it")
	}
	return nil
}
