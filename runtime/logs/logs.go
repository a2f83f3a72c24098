// Package logs writes what a client does to a log.
package logs

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/rest"
)

// Hook returns a hook, for the option WithHook of clients, that writes to a log: a
// call that succeeds at level debug, an attempt that is followed by another one at
// info, and a call that fails at error when the service or the connection is to
// blame, or else at warn: it was refused, canceled or not sent, or its file could not
// be read. A nil logger is the default one.
//
// The attributes are operation, method, path, server, attempts, took and, where
// they are known, attempt, status, ray, wait, remaining and error. path is the
// template, without ids. Nothing that is written holds a credential or an upload URL.
// error is the error's own text: it may quote what the service answered and name an
// image, or the file that an upload was to send.
func Hook(l *slog.Logger) rest.Hook {
	if l == nil {
		l = slog.Default()
	}
	return hook{l}
}

type hook struct{ log *slog.Logger }

func (h hook) Begin(ctx context.Context, _ rest.Call) context.Context { return ctx }

func (h hook) Attempted(ctx context.Context, call rest.Call, a rest.Attempt) {
	if !a.Again || !h.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := append(describe(call), slog.Int("attempt", a.Number), slog.Duration("took", a.Took), slog.Duration("wait", a.Wait))
	if a.RateLimit != nil {
		attrs = append(attrs, slog.Int64("remaining", a.RateLimit.Remaining))
	}
	h.log.LogAttrs(ctx, slog.LevelInfo, "attempt failed, trying again", append(attrs, failure(a.Err)...)...)
}

func (h hook) End(ctx context.Context, call rest.Call, o rest.Outcome) {
	level, message := slog.LevelDebug, "call"
	if o.Err != nil {
		level, message = severity(o), "call failed"
	}
	if !h.log.Enabled(ctx, level) {
		return
	}
	attrs := append(describe(call), slog.Int("attempts", o.Attempts), slog.Duration("took", o.Took))
	h.log.LogAttrs(ctx, level, message, append(attrs, failure(o.Err)...)...)
}

func describe(call rest.Call) []slog.Attr {
	attrs := []slog.Attr{slog.String("operation", call.Op.Name), slog.String("method", call.Op.Method)}
	if call.Op.Path != "" {
		attrs = append(attrs, slog.String("path", call.Op.Path))
	}
	if call.Server != "" {
		attrs = append(attrs, slog.String("server", call.Server))
	}
	return attrs
}

func failure(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	attrs := []slog.Attr{slog.String("error", err.Error())}
	if e, ok := contract.AsError(err); ok && e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
		if e.RayID != "" {
			attrs = append(attrs, slog.String("ray", e.RayID))
		}
	}
	return attrs
}

// severity tells whose fault a failure is: of the caller's, such as an image that is
// not there, it is no error of the service.
func severity(o rest.Outcome) slog.Level {
	if o.Attempts == 0 || errors.Is(o.Err, context.Canceled) || unreadable(o.Err) {
		return slog.LevelWarn
	}
	e, ok := contract.AsError(o.Err)
	refused := ok && len(e.Messages) > 0 && e.Status < 500
	if refused || ok && e.Status >= 400 && e.Status < 500 {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// unreadable reports whether the caller's file is to blame. What a reader of the
// caller's says is not known from what a connection does.
func unreadable(err error) bool {
	_, file := errors.AsType[*fs.PathError](err)
	return file || errors.Is(err, contract.ErrSize) || errors.Is(err, contract.ErrUsed) || errors.Is(err, contract.ErrNoContent)
}
