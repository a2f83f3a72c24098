package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		want string
		err  error
	}{
		{"5404 Not found", notFound},
		{"HTTP 404: 5404 Not found", notFound.New()},
		{"HTTP 404: 5404 no 100% cat", notFound.With("no %d%% %s", 100, "cat")},
		{"GetCat: HTTP 404: 5404 Not found", &contract.Error{Operation: "GetCat", Status: 404, Messages: notFound.New().Messages}},
		{"HTTP 400: 1 a; 2 b", &contract.Error{Status: 400, Messages: []contract.Message{{Code: 1, Message: "a"}, {Code: 2, Message: "b"}}}},
		{"HTTP 502: bad gateway", &contract.Error{Status: 502, Text: "bad gateway"}},
		{"HTTP 200: no result: {}", &contract.Error{Status: 200, Text: "{}", Err: errors.New("no result")}},
		{"GetCat: unexpected EOF", &contract.Error{Operation: "GetCat", Err: io.ErrUnexpectedEOF}},
		{"no error message", &contract.Error{}},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestErrorIs(t *testing.T) {
	t.Parallel()
	both := &contract.Error{Status: 400, Messages: []contract.Message{{Code: 1}, {Code: 5404}}, Err: context.Canceled}
	wrapped := fmt.Errorf("upload: %w", both)
	for _, target := range []error{notFound, context.Canceled, both} {
		if !errors.Is(wrapped, target) {
			t.Errorf("is not %v", target)
		}
	}
	if errors.Is(wrapped, badID) || errors.Is(&contract.Error{Status: 404}, notFound) {
		t.Error("is what it is not")
	}
	if both.Code() != 1 || (&contract.Error{}).Code() != 0 {
		t.Error("wrong code")
	}
	if e := badID.At("/id", "%s", "x"); e.Messages[0].Source.Pointer != "/id" || e.Status != 400 {
		t.Errorf("got %+v", e)
	}
}

func TestAsError(t *testing.T) {
	t.Parallel()
	own := notFound.With("mine")
	tests := []struct {
		err  error
		want string
	}{
		{notFound, "Not found"},
		{fmt.Errorf("x: %w", notFound), "Not found"},
		{fmt.Errorf("x: %w", own), "mine"},
		{errors.Join(io.EOF, own), "mine"},
		{io.EOF, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		e, ok := contract.AsError(tt.err)
		if ok != (tt.want != "") || ok && e.Messages[0].Message != tt.want {
			t.Errorf("%v: got %v, %v", tt.err, e, ok)
		}
	}
}

func TestMessageUnmarshal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want contract.Message
	}{
		{`{"code":5404,"message":"m"}`, contract.Message{Code: 5404, Message: "m"}},
		{`{"message":"m","code":"103"}`, contract.Message{Code: 103, Message: "m"}},
		{`{"message":"m"}`, contract.Message{Message: "m"}},
		{`{"code":null,"message":null}`, contract.Message{}},
		{`{"code":{},"message":"m"}`, contract.Message{Message: "m"}},
		{`{"code":1,"message":"m","extra":[],"documentation_url":"u"}`, contract.Message{Code: 1, Message: "m", DocumentationURL: "u"}},
	}
	for _, tt := range tests {
		var got contract.Message
		if err := json.Unmarshal([]byte(tt.text), &got); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v", tt.text, got, err)
		}
	}
	var m contract.Message
	if err := json.Unmarshal([]byte(`{"code":7,"source":{"pointer":"/a"}}`), &m); err != nil || m.Source == nil || m.Source.Pointer != "/a" {
		t.Errorf("got %+v, %v", m, err)
	}
	// One odd member does not lose the others, nor the other messages.
	var list []contract.Message
	err := json.Unmarshal([]byte(`[{"code":8,"message":{"text":"?"}},"text",7,{"code":9,"message":"m"}]`), &list)
	if err != nil || len(list) != 4 || list[0].Code != 8 || list[1].Message != "text" || list[3].Message != "m" {
		t.Errorf("got %+v, %v", list, err)
	}
	if b, err := json.Marshal(contract.Message{Code: 5, Message: "m"}); err != nil || string(b) != `{"code":5,"message":"m"}` {
		t.Errorf("got %s, %v", b, err)
	}
}
