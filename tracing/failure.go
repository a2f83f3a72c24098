package tracing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/cfimages/cfimages/runtime/contract"
)

// failure returns what is told of an error; nothing of it is text of an answer.
func failure(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	attrs := []attribute.KeyValue{attribute.String("error.type", errorType(err))}
	if e, ok := contract.AsError(err); ok && len(e.Messages) > 0 {
		all := make([]int, len(e.Messages))
		for i, m := range e.Messages {
			all[i] = m.Code
		}
		attrs = append(attrs, attribute.IntSlice("cfimages.error.codes", all))
	}
	return attrs
}

// errorType is the first code of the API, or else the status, or else a word.
func errorType(err error) string {
	e, ok := contract.AsError(err)
	switch {
	case ok && e.Code() != 0:
		return strconv.Itoa(e.Code())
	case ok && e.Status != 0:
		return strconv.Itoa(e.Status)
	case errors.Is(err, context.Canceled):
		return "canceled"
	case isTimeout(err):
		return "timeout"
	default:
		return "request"
	}
}

// isTimeout asks by name, too: what is wrapped twice does not say that it is one.
func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// description tells an error as its own text does, in words of the specification.
func description(op *contract.Operation, err error) string {
	text := op.Name
	e, ok := contract.AsError(err)
	if ok && e.Status != 0 {
		text += fmt.Sprintf(": HTTP %d", e.Status)
	}
	if !ok || len(e.Messages) == 0 {
		if !ok || e.Status == 0 {
			text += ": " + errorType(err)
		}
		return text
	}
	known := make([]string, len(e.Messages))
	for i, m := range e.Messages {
		known[i] = strconv.Itoa(m.Code)
		if k := slices.IndexFunc(op.Errors, func(k *contract.ErrorKind) bool { return k.Code == m.Code }); k >= 0 {
			known[i] = op.Errors[k].Error()
		}
	}
	return text + ": " + strings.Join(known, "; ")
}
