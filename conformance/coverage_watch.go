package conformance

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// coverEntry names the report entry that carries what a spec has touched. Its
// value is text, which stays as it is on its way between processes.
const coverEntry = "coverage"

// touched is what one spec has touched.
type touched struct {
	// Operations are the operationIds that were asked.
	Operations []string `json:"operations"`
	// Goals counts by the ids of goals.
	Goals map[string]int `json:"goals"`
}

// cover notes what the clause has sent and received.
func (t *spec) cover() {
	w := &watch{reader: t.run.reader(), hits: map[string]int{}}
	w.now = time.Now().Add(time.Duration(t.run.ahead.Load()))
	for _, e := range t.trace.exchanges() {
		w.exchange(e, t.target.Advance == nil)
	}
	ginkgo.AddReportEntry(coverEntry, marshal(touched{w.operations, w.hits}), ginkgo.ReportEntryVisibilityNever)
}

// watch collects the goals that exchanges touch.
type watch struct {
	reader     reader
	now        time.Time
	operations []string
	hits       map[string]int
}

func (w *watch) hit(kind GoalKind, op *contract.Operation, name string) {
	g := Goal{Kind: kind, Name: name}
	if op != nil {
		g.Operation = op.ID
	}
	w.hits[g.ID()]++
}

// exchange notes what an exchange that was answered touches. The target's
// clock is that of its answer, unless the run moves it.
func (w *watch) exchange(e *exchange, dated bool) {
	now := w.now
	if at, err := time.Parse(time.RFC1123, e.answer.Get("Date")); err == nil && dated {
		now = at
	}
	sent, ok := w.reader.read(e, now)
	if e.status == 0 {
		return
	}
	w.answer(e, sent.op)
	if !ok {
		return
	}
	if !slices.Contains(w.operations, sent.op.ID) {
		w.operations = append(w.operations, sent.op.ID)
	}
	w.sent(sent)
	for _, l := range namedLimits() {
		w.side(nil, l.inside, l.outside, l.side(e, sent))
	}
}

func (w *watch) answer(e *exchange, op *contract.Operation) {
	w.hit(GoalStatus, nil, strconv.Itoa(e.status))
	if op != nil && (e.status/100 == 2 || e.status/100 == 4) {
		w.hit(GoalOperation, op, strconv.Itoa(e.status/100)+"xx")
	}
	for _, code := range e.codes() {
		w.hit(GoalError, nil, strconv.Itoa(code))
		if op != nil {
			w.hit(GoalError, op, strconv.Itoa(code))
		}
	}
}

// codes returns the error codes of the answer.
func (e *exchange) codes() []int {
	if e.status < 400 {
		return nil
	}
	return (&reply{body: e.body}).codes()
}

func (e *exchange) hasCode(code int) bool { return slices.Contains(e.codes(), code) }

// sent notes what a request has and has not.
func (w *watch) sent(sent sentRequest) {
	op := sent.op
	for _, p := range op.PathParams {
		w.present(op, p.Name, true)
		w.value(op, p.Name, p.Schema, value{text: sent.path[p.Name]}, true)
	}
	for _, p := range op.QueryParams {
		w.present(op, p.Name, sent.query.Has(p.Name))
		if sent.query.Has(p.Name) {
			w.value(op, p.Name, p.Schema, value{text: sent.query.Get(p.Name)}, false)
		}
	}
	if op.Filter != nil {
		w.filter(op, sent.rawQuery)
	}
	if op.Body == nil {
		return
	}
	w.present(op, "body", sent.body != nil)
	if sent.body != nil {
		w.members(op, "", op.Body.Schema, sent)
	}
	if sent.file != nil {
		w.format(sent.file)
	}
}

func (w *watch) members(op *contract.Operation, at string, s *contract.Schema, sent sentRequest) {
	for _, p := range s.Properties {
		v, ok := sent.body[at+p.Name]
		w.present(op, at+p.Name, ok)
		if ok {
			w.value(op, at+p.Name, p.Schema, v, false)
			w.members(op, at+p.Name+".", p.Schema, sent)
		}
	}
}

func (w *watch) present(op *contract.Operation, name string, there bool) {
	if there {
		w.hit(GoalParameter, op, name+" present")
	} else {
		w.hit(GoalParameter, op, name+" absent")
	}
}

func (w *watch) value(op *contract.Operation, name string, s *contract.Schema, v value, inPath bool) {
	if slices.Contains(enumerated(s), v.text) {
		w.hit(GoalValue, op, name+" = "+v.text)
	}
	for _, l := range limitsOf(s, inPath) {
		w.side(op, name+" "+l.inside, name+" "+l.outside, l.side(v))
	}
}

func (w *watch) side(op *contract.Operation, inside, outside string, side int) {
	switch side {
	case 1:
		w.hit(GoalLimit, op, inside)
	case -1:
		w.hit(GoalLimit, op, outside)
	}
}

// format finds the format of a file by its first bytes.
func (w *watch) format(file []byte) {
	for name, magic := range map[string]string{
		"JPEG": "\xFF\xD8\xFF", "PNG": "\x89PNG\r\n\x1a\n", "GIF": "GIF8", "WebP": "RIFF", "SVG": "<?xml",
	} {
		if strings.HasPrefix(string(file), magic) {
			w.hit(GoalValue, nil, "format = "+name)
		}
	}
}

// filter notes the operators of a filter, and where it lies beside the limits.
// It reads the query itself, as a filter beyond a limit is no filter to a
// parser.
func (w *watch) filter(op *contract.Operation, rawQuery string) {
	terms := 0
	for _, pair := range strings.Split(rawQuery, "&") {
		name, operand, _ := strings.Cut(pair, "=")
		path, operator, ok := filterName(op.Filter, unescaped(name))
		if !ok {
			continue
		}
		terms++
		w.hit(GoalValue, op, "filter = "+operator)
		bare, _, _ := strings.Cut(operator, ":")
		counts := map[string]int{"levels": strings.Count(path, ".") + 1, "characters": len([]rune(path))}
		for _, o := range op.Filter.Operators {
			if o.Name == bare && o.List {
				counts["elements"] = strings.Count(unescaped(operand), op.Filter.Separator) + 1
			}
		}
		w.beside(op, counts)
	}
	w.present(op, "filter", terms > 0)
	w.beside(op, map[string]int{"terms": terms})
}

// beside notes on which side of the limits of filters the counts lie.
func (w *watch) beside(op *contract.Operation, counts map[string]int) {
	for _, l := range grammarLimits(op.Filter) {
		w.side(op, l.name(l.most), l.name(l.most+1), beside(counts[l.what], l.most, l.most+1))
	}
}

func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// filterName splits the name of a filter parameter, such as meta.a.b[eq:number].
func filterName(g *metafilter.Grammar, name string) (path, operator string, ok bool) {
	rest, found := strings.CutPrefix(name, g.Prefix+".")
	path, operator, bracket := strings.Cut(rest, "[")
	operator, closed := strings.CutSuffix(operator, "]")
	return path, operator, found && bracket && closed
}

// readTouched reads what a spec has touched off the value of its report entry.
func readTouched(text string) (touched, error) {
	var t touched
	err := json.Unmarshal([]byte(text), &t)
	return t, err
}
