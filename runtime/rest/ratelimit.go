package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// rateLimit reads what an answer says about the caller's quota, nil when that is
// nothing. Ratelimit is a list such as "default";r=50;t=30, and Ratelimit-Policy
// one such as "default";q=100;w=60; of several, the one with the least left
// counts.
func rateLimit(h http.Header) *contract.RateLimit {
	given := h["Ratelimit"]
	if len(given) == 0 {
		return nil
	}
	var out *contract.RateLimit
	for _, i := range items(given) {
		left, ok := i.number("r")
		if !ok || out != nil && left >= out.Remaining {
			continue
		}
		reset, _ := i.number("t")
		out = &contract.RateLimit{Policy: i.name, Remaining: left, Reset: seconds(reset)}
	}
	if out != nil {
		addPolicy(out, items(h["Ratelimit-Policy"]))
	}
	return out
}

// addPolicy completes a limit by the policy of its name, or by the only one.
func addPolicy(out *contract.RateLimit, policies []item) {
	for _, p := range policies {
		if p.name == out.Policy || len(policies) == 1 {
			out.Quota, _ = p.number("q")
			window, _ := p.number("w")
			out.Window = seconds(window)
			return
		}
	}
}

// item is an element of a list with its parameters, after RFC 9651.
type item struct {
	name   string
	params []string
}

// items splits a list. Neither a comma nor a semicolon occurs in a name that this
// API uses, so that quotes are only taken off.
func items(lines []string) []item {
	var out []item
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			parts := strings.Split(element, ";")
			out = append(out, item{strings.Trim(strings.TrimSpace(parts[0]), `"`), parts[1:]})
		}
	}
	return out
}

// number returns a parameter that is a whole number, and not negative.
func (i item) number(key string) (int64, bool) {
	for _, p := range i.params {
		if name, value, _ := strings.Cut(strings.TrimSpace(p), "="); name == key {
			n, err := strconv.ParseUint(value, 10, 63)
			return int64(n), err == nil
		}
	}
	return 0, false
}

func seconds(n int64) time.Duration {
	return time.Duration(min(n, int64(maxDuration/time.Second))) * time.Second
}
