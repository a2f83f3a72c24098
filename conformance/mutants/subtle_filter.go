package mutants

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

func subtleFilters() []mutant {
	return slices.Concat(subtleNumbers(), subtleTexts(), subtleCombinations(), subtleSyntax())
}

func filtered(c *call) bool { return v2(c) && strings.Contains(c.r.URL.RawQuery, "meta") }

func numberOf(v any) (float64, bool) {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	return f, ok && err == nil
}

// compared is a mutant that compares by one operator in its own way. All other
// rules of filters hold, those about what is refused included.
func compared(id, text, killers, operator string, match func(v any, there bool, operand string) bool) mutant {
	return answering(id, "filter", text, killers, func(c *call) bool {
		own := map[string]string{}
		for name, values := range c.query() {
			if path, ok := strings.CutSuffix(name, operator); ok && strings.HasPrefix(path, "meta.") {
				own[strings.TrimPrefix(path, "meta.")] = values[0]
			}
		}
		if !v2(c) || len(own) == 0 || !c.acceptable() {
			return false
		}
		return chosen(c, operator, func(meta object) bool {
			for path, operand := range own {
				v, there := inside(meta, path)
				if !match(v, there, operand) {
					return false
				}
			}
			return true
		})
	})
}

// acceptable reports whether the first page of the list is a success.
func (c *call) acceptable() bool {
	q := c.query()
	q.Del("continuation_token")
	return c.askOther("GET", c.path+"?"+q.Encode(), "", nil).Code == 200
}

// chosen pages the images that are chosen, without the filters that end in
// the operator.
func chosen(c *call, operator string, match func(meta object) bool) bool {
	q := c.query()
	size, _ := strconv.Atoi(q.Get("per_page"))
	if size == 0 {
		size = 1000
	}
	for name := range q {
		if strings.HasSuffix(name, operator) && strings.HasPrefix(name, "meta.") {
			q.Del(name)
		}
	}
	q.Del("per_page")
	c.setQuery(q)
	return pagesOf(c, size, func(images []object) []object {
		return slices.DeleteFunc(images, func(i object) bool {
			meta, _ := i["meta"].(object)
			return !match(meta)
		})
	})
}

// pagesOf pages a list, once it is chosen from, by counting.
func pagesOf(c *call, size int, choose func(images []object) []object) bool {
	offset, _ := strconv.Atoi(strings.TrimPrefix(c.query().Get("continuation_token"), "offset-"))
	c.drop("continuation_token")
	c.change(func(status int, o object) int {
		images := choose(imagesIn(o))
		at := min(offset, len(images))
		end := min(at+size, len(images))
		setImages(o, images[at:end])
		o["result"].(object)["continuation_token"] = nil
		if end < len(images) {
			o["result"].(object)["continuation_token"] = "offset-" + strconv.Itoa(end)
		}
		return status
	})
	return true
}

// inside finds a value by its path.
func inside(meta object, path string) (v any, there bool) {
	v = meta
	for name := range strings.SplitSeq(path, ".") {
		o, _ := v.(object)
		if v, there = o[name]; !there {
			return nil, false
		}
	}
	return v, true
}

// textOf is the text of a scalar.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return jsonOf(v)
}

func subtleNumbers() []mutant {
	return []mutant{
		compared("M470", "numbers are equal when they are about the same", "V2L-035", "[eq:number]", func(v any, _ bool, operand string) bool {
			n, ok := numberOf(v)
			want, err := strconv.ParseFloat(operand, 64)
			return ok && err == nil && float32(n) == float32(want)
		}),
		compared("M471", "gt compares whole numbers only", "V2L-060", "[gt]", func(v any, _ bool, operand string) bool {
			n, ok := numberOf(v)
			bound, err := strconv.ParseFloat(operand, 64)
			return ok && err == nil && math.Trunc(n) > math.Trunc(bound)
		}),
		compared("M472", "lt finds texts that are numbers", "V2L-060", "[lt]", func(v any, _ bool, operand string) bool {
			n, err := strconv.ParseFloat(textOf(v), 64)
			bound, _ := strconv.ParseFloat(operand, 64)
			return err == nil && n < bound
		}),
		compared("M473", "lt compares numbers without their sign", "V2L-060", "[lt]", func(v any, _ bool, operand string) bool {
			n, ok := numberOf(v)
			bound, _ := strconv.ParseFloat(operand, 64)
			return ok && math.Abs(n) < bound
		}),
		compared("M474", "in:number compares whole numbers only", "V2L-035", "[in:number]", func(v any, _ bool, operand string) bool {
			n, ok := numberOf(v)
			return ok && slices.ContainsFunc(strings.Split(operand, "|"), func(s string) bool {
				want, err := strconv.ParseFloat(s, 64)
				return err == nil && math.Trunc(n) == math.Trunc(want)
			})
		}),
		compared("M475", "a missing number is 0 for lte", "V2L-060", "[lte]", func(v any, there bool, operand string) bool {
			n, ok := numberOf(v)
			bound, _ := strconv.ParseFloat(operand, 64)
			return (ok || !there) && n <= bound
		}),
		compared("M476", "a boolean is a number for gte", "V2L-060", "[gte]", func(v any, _ bool, operand string) bool {
			n, ok := numberOf(v)
			if v == true {
				n, ok = 1, true
			}
			bound, _ := strconv.ParseFloat(operand, 64)
			return ok && n >= bound
		}),
	}
}

func subtleTexts() []mutant {
	return []mutant{
		compared("M477", "in leaves out its last element", "V2L-037", "[in]", func(v any, there bool, operand string) bool {
			list := strings.Split(operand, "|")
			return there && slices.Contains(list[:max(1, len(list)-1)], textOf(v))
		}),
		compared("M478", "in ignores case", "V2L-054", "[in]", func(v any, there bool, operand string) bool {
			return there && member(strings.ToLower(textOf(v)), strings.ToLower(operand))
		}),
		compared("M479", "eq ignores spaces around a value", "V2L-057", "[eq]", func(v any, there bool, operand string) bool {
			return there && strings.TrimSpace(textOf(v)) == strings.TrimSpace(operand)
		}),
		compared("M480", "a string eq finds null", "V2L-033", "[eq:string]", func(v any, there bool, operand string) bool {
			s, ok := v.(string)
			return ok && s == operand || there && v == nil && operand == "null"
		}),
		compared("M481", "composed letters match combining marks", "V2L-057", "[eq]", func(v any, there bool, operand string) bool {
			composed := func(s string) string { return strings.ReplaceAll(s, "e\u0301", "é") }
			return there && composed(textOf(v)) == composed(operand)
		}),
		compared("M482", "an empty eq finds everything", "V2L-030", "[eq]", func(v any, there bool, operand string) bool {
			return operand == "" || there && textOf(v) == operand
		}),
		compared("M483", "eq splits its value at pipes", "V2L-030", "[eq]", func(v any, there bool, operand string) bool {
			return there && member(textOf(v), operand)
		}),
		compared("M484", "an untyped eq finds elements of text", "V2L-030", "[eq]", func(v any, there bool, operand string) bool {
			return there && slices.Contains(strings.Fields(textOf(v)), operand)
		}),
	}
}

func subtleCombinations() []mutant {
	return []mutant{
		renaming("M485", "filter", "names in filters are in lower case", "V2L-058", func(name, value string) (string, string) {
			path, op, _ := strings.Cut(name, "[")
			return strings.ToLower(path) + "[" + op, value
		}),
		answering("M486", "filter", "a name finds values at any depth", "V2L-059", anyDepth),
		asking("M487", "paging", "the token of a filtered list forgets the creator", "V2L-019", func(c *call) {
			if filtered(c) && c.query().Has("continuation_token") {
				c.drop("creator")
			}
		}),
		asking("M488", "filter", "filters are ignored in ascending order", "V2L-019", func(c *call) {
			if filtered(c) && c.query().Get("sort_order") == "asc" {
				c.renamed(func(string, string) (string, string) { return "", "" })
			}
		}),
		asking("M489", "filter", "per_page is ignored beside a filter", "V2L-002", func(c *call) {
			if filtered(c) {
				c.drop("per_page")
			}
		}),
		asking("M490", "limits", "filters on one field count as one", "V2L-047", func(c *call) {
			paths := map[string]bool{}
			for name := range c.query() {
				if path, _, ok := strings.Cut(name, "["); ok {
					paths[path] = true
				}
			}
			if q := c.query(); len(paths) <= 5 && filtered(c) {
				for name := range q {
					if len(q) > 6 && strings.HasPrefix(name, "meta.") && strings.Contains(name, "[g") {
						delete(q, name)
					}
				}
				c.setQuery(q)
			}
		}),
	}
}

// anyDepth answers filters on one member from all objects in the metadata.
func anyDepth(c *call) bool {
	for name, values := range c.query() {
		path, ok := strings.CutPrefix(strings.TrimSuffix(name, "[eq]"), "meta.")
		if !ok || !strings.HasSuffix(name, "[eq]") || strings.Contains(path, ".") || !v2(c) || !c.acceptable() {
			continue
		}
		c.drop(name)
		c.change(func(status int, o object) int {
			if status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return !deep(i["meta"], path, values[0]) }))
			}
			return status
		})
		return true
	}
	return false
}

func deep(v any, member, operand string) bool {
	o, _ := v.(object)
	for k, inner := range o {
		if k == member && textOf(inner) == operand || deep(inner, member, operand) {
			return true
		}
	}
	return false
}

func subtleSyntax() []mutant {
	unfiltered := func(bad func(name string) bool) func(c *call) {
		return func(c *call) {
			q := c.query()
			for name := range q {
				if v2(c) && bad(name) {
					q.Del(name)
					c.setQuery(q)
				}
			}
		}
	}
	return []mutant{
		recoded("M491", "an unknown operator is answered with 404", "V2L-071", filtered, 400, 5400, 404, 5404),
		recoded("M492", "a wrong filter is answered with another code", "V2L-071", filtered, 400, 5400, 400, 7003),
		asking("M493", "validation", "a filter on a name that cannot be is ignored", "V2L-070", unfiltered(func(name string) bool {
			path, _, _ := strings.Cut(name, "[")
			return strings.HasPrefix(name, "meta.") && strings.ContainsAny(path, "- $/")
		})),
		asking("M494", "validation", "a filter without an operator is ignored", "V2L-070", unfiltered(func(name string) bool {
			return strings.HasPrefix(name, "meta.") && !strings.Contains(name, "[")
		})),
		asking("M495", "validation", "a filter without a name is ignored", "V2L-070", unfiltered(func(name string) bool {
			return strings.HasPrefix(name, "meta.[") || strings.HasPrefix(name, "meta[")
		})),
		renaming("M496", "validation", "empty names in a path are left out", "V2L-070", func(name, value string) (string, string) {
			return strings.ReplaceAll(name, "..", "."), value
		}),
		renaming("M497", "validation", "a range takes any type", "V2L-048", func(name, value string) (string, string) {
			for _, op := range []string{"gt", "gte", "lt", "lte"} {
				name = strings.ReplaceAll(name, "["+op+":string]", "["+op+"]")
				name = strings.ReplaceAll(name, "["+op+":boolean]", "["+op+"]")
			}
			return name, value
		}),
		renaming("M498", "validation", "operators are known in any case", "V2L-048", func(name, value string) (string, string) {
			path, op, _ := strings.Cut(name, "[")
			return path + "[" + strings.ToLower(op), value
		}),
	}
}
