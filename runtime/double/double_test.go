package double_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/double"
)

func TestLogIsInOrder(t *testing.T) {
	t.Parallel()
	c := double.NewCore(api.Contract)
	first := c.Begin(t.Context(), []string{"acc"}, api.OpGetImage, "a")
	second := c.Begin(t.Context(), []string{"acc"}, api.OpGetStats)
	if calls := c.Calls(); len(calls) != 2 || calls[0].Done || calls[1].Done {
		t.Fatalf("got %+v", calls)
	}
	if _, err := double.Programmed(second, func() (int, error) { return 1, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := double.Programmed(first, func() (int, error) { return 0, io.EOF }); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	calls := c.Calls()
	if calls[0].Op != api.OpGetImage || !calls[0].Done || !errors.Is(calls[0].Err, io.EOF) || calls[0].Args[0] != "a" || calls[0].Binds[0] != "acc" {
		t.Errorf("got %+v", calls[0])
	}
	if calls[1].Op != api.OpGetStats || !calls[1].Done || calls[1].Err != nil {
		t.Errorf("got %+v", calls[1])
	}
	if n := len(c.Calls(api.OpGetStats)); n != 1 {
		t.Errorf("%d calls", n)
	}
	if n := len(c.Calls(api.OpGetStats, api.OpGetImage, api.OpListImages)); n != 2 {
		t.Errorf("%d calls", n)
	}
	if calls := c.Calls(api.OpListImages); len(calls) != 0 {
		t.Errorf("got %+v", calls)
	}
	calls[0].Done = false
	if !c.Calls()[0].Done {
		t.Error("the log is shared")
	}
	if c.Forget(); len(c.Calls()) != 0 {
		t.Error("the log is kept")
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	c := double.NewCore(api.Contract)
	for i := range 45_000 {
		c.Begin(t.Context(), nil, api.OpGetImage, i)
		if i != 9_999 && i != 10_000 && i != 20_000 && i != 44_999 {
			continue
		}
		calls := c.Calls()
		if len(calls) != min(i+1, 10_000) || calls[len(calls)-1].Args[0] != i || calls[0].Args[0] != max(0, i-9_999) {
			t.Errorf("after %d: %d calls, from %v", i+1, len(calls), calls[0].Args[0])
		}
	}
}

func TestFailNext(t *testing.T) {
	t.Parallel()
	m := mock.New()
	m.FailNext(api.OpGetStats, api.ErrRateLimited, nil, io.EOF)
	m.FailNext(api.OpGetStats, api.ErrInternal.With("later"))
	m.FailNext(api.OpListVariants, api.ErrForbidden)
	for i, want := range []error{api.ErrRateLimited, nil, io.EOF, api.ErrInternal, nil} {
		if _, err := m.GetStats(t.Context()); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("call %d: %v, want %v", i, err, want)
		}
	}
	if _, err := m.ListVariants(t.Context()); !errors.Is(err, api.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	m.FailNext(api.OpGetStats, io.EOF)
	m.Reset()
	if _, err := m.GetStats(t.Context()); err != nil {
		t.Errorf("a failure is left: %v", err)
	}
}

func TestFailuresComeBeforePrograms(t *testing.T) {
	t.Parallel()
	m := mock.New()
	ran := 0
	m.GetStatsFunc = func(context.Context) (*api.Stats, error) {
		ran++
		return &api.Stats{Count: api.StatsCount{Current: 42}}, nil
	}
	m.FailNext(api.OpGetStats, io.EOF)
	if _, err := m.GetStats(t.Context()); !errors.Is(err, io.EOF) || ran != 0 {
		t.Errorf("%v, ran %d times", err, ran)
	}
	s, err := m.GetStats(t.Context())
	if err != nil || s.Count.Current != 42 || ran != 1 {
		t.Errorf("%+v, %v, ran %d times", s, err, ran)
	}
	if n := len(m.Calls(api.OpGetStats)); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestAProgramThatPanicsIsDone(t *testing.T) {
	t.Parallel()
	m := mock.New()
	m.GetStatsFunc = func(context.Context) (*api.Stats, error) { panic("x") }
	func() {
		defer func() { _ = recover() }()
		_, _ = m.GetStats(t.Context())
	}()
	if calls := m.Calls(); len(calls) != 1 || !calls[0].Done {
		t.Errorf("got %+v", calls)
	}
}

// What a program finds in an error does not depend on whether it calls the mock
// or a client of it.
func TestErrorsAreThoseOfAClient(t *testing.T) {
	t.Parallel()
	m := mock.New()
	for name, service := range map[string]api.Service{"mock": m, "client": m.Client()} {
		for _, fail := range []error{api.ErrImageNotFound, api.ErrImageNotFound.New(), fmt.Errorf("x: %w", api.ErrImageNotFound), nil} {
			if fail != nil {
				m.FailNext(api.OpGetImage, fail)
			}
			_, err := service.GetImage(t.Context(), "none")
			e, ok := errors.AsType[*api.Error](err)
			if !ok || !errors.Is(err, api.ErrImageNotFound) || e.Status != 404 || err.Error() != "GetImage: HTTP 404: 5404 Image not found" {
				t.Errorf("%s, %v: %v", name, fail, err)
			}
		}
		shared := api.ErrImageNotFound.New()
		m.FailNext(api.OpGetImage, shared)
		if _, err := service.GetImage(t.Context(), "none"); err == nil || shared.Operation != "" {
			t.Errorf("%s: %v, and the test's error is changed", name, err)
		}
	}
}

func TestStatefulCallsAreChecked(t *testing.T) {
	t.Parallel()
	m := mock.New()
	tests := []struct {
		want error
		call func(s api.Service) error
	}{
		{api.ErrBadRequest, func(s api.Service) error {
			_, err := s.ListImages(t.Context(), api.ListImagesParams{PerPage: -1})
			return err
		}},
		{api.ErrInvalidCustomID, func(s api.Service) error {
			_, err := s.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "/a"})
			return err
		}},
		{api.ErrBadRequest, func(s api.Service) error { _, err := s.GetVariant(t.Context(), "a-b"); return err }},
		{api.ErrNoRoute, func(api.Service) error {
			_, err := m.Account(strings.Repeat("a", 33)).GetStats(t.Context())
			return err
		}},
		{api.ErrNoRoute, func(api.Service) error {
			_, err := m.Account(strings.Repeat("a", 33)).Client().GetStats(t.Context())
			return err
		}},
	}
	for i, tt := range tests {
		for _, s := range []api.Service{m, m.Client()} {
			if err := tt.call(s); !errors.Is(err, tt.want) {
				t.Errorf("%d, %T: %v", i, s, err)
			}
		}
	}
}

func TestExamplesStandInForWhatIsNotImplemented(t *testing.T) {
	t.Parallel()
	type cat struct{ Name string }
	with := &contract.Operation{Name: "GetCat", Example: `{"name":"Tom"}`, Result: contract.Result{Kind: contract.ResultJSON}}
	without := &contract.Operation{Name: "GetDog", Result: contract.Result{Kind: contract.ResultJSON}}
	nothing := &contract.Operation{Name: "PetCat", Result: contract.Result{Kind: contract.ResultNone}}
	broken := &contract.Operation{Name: "GetFish", Example: `{"name":1}`}
	c := double.NewCore(api.Contract)
	unimplemented := func() (*cat, error) { return nil, fmt.Errorf("x: %w", api.ErrUnimplemented) }

	got, err := double.Stateful(c.Begin(t.Context(), nil, with), contract.Request{Op: with}, unimplemented)
	if err != nil || got.Name != "Tom" {
		t.Errorf("%+v, %v", got, err)
	}
	got.Name = "Spike"
	if got, err = double.Stateful(c.Begin(t.Context(), nil, with), contract.Request{Op: with}, unimplemented); err != nil || got.Name != "Tom" {
		t.Errorf("the example is shared: %+v, %v", got, err)
	}
	if got, err = double.Stateful(c.Begin(t.Context(), nil, without), contract.Request{Op: without}, unimplemented); !errors.Is(err, api.ErrUnimplemented) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = double.Stateful(c.Begin(t.Context(), nil, broken), contract.Request{Op: broken}, unimplemented); err == nil {
		t.Errorf("%+v", got)
	}
	none := double.None(func() error { return api.ErrUnimplemented })
	if _, err := double.Stateful(c.Begin(t.Context(), nil, nothing), contract.Request{Op: nothing}, none); err != nil {
		t.Error(err)
	}
	if got, err = double.Stateful(c.Begin(t.Context(), nil, with), contract.Request{Op: with}, func() (*cat, error) { return &cat{"Own"}, nil }); err != nil || got.Name != "Own" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = double.Stateful(c.Begin(t.Context(), nil, with), contract.Request{Op: with}, func() (*cat, error) { return nil, io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = double.Programmed(c.Begin(t.Context(), nil, with), unimplemented); !errors.Is(err, api.ErrUnimplemented) {
		t.Errorf("a program's own error is replaced by %+v", got)
	}
}

func TestMust(t *testing.T) {
	t.Parallel()
	if double.Must(1, nil) != 1 {
		t.Error("another value")
	}
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, io.EOF) {
			t.Errorf("recovered %v", err)
		}
	}()
	double.Must(1, io.EOF)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	m := mock.New()
	c := m.Client()
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			id := "cat/" + strconv.Itoa(i)
			_, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{ID: id})
			if err == nil {
				_, err = m.GetImage(t.Context(), id)
			}
			if err != nil {
				t.Error(err)
			}
			m.FailNext(api.OpGetStats, io.EOF)
			if _, err := m.GetStats(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("got %v", err)
			}
			_ = m.Calls()
		})
	}
	wg.Wait()
	if n := len(m.Calls()); n != 300 {
		t.Errorf("%d calls", n)
	}
}
