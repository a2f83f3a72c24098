// Package metafilter is the one engine behind metadata filters: it encodes, parses and matches them from a single
// table of operators, so a client, a server and a fake built on it cannot disagree about what a filter says.
//
// A filter is a conjunction of terms. On the wire each term is one query parameter:
//
//	meta.region.name[in:string]=eu|us
//	└┬─┘ └───┬─────┘ ├┘ └─┬──┘  └─┬─┘
//	prefix  path     op  type     operand, or a list of them
//
// The words of that language, its operators and its limits are a [Grammar]. Nothing in this package names an operator.
//
// # What matches
//
// A path selects a value by walking nested objects, one segment a level; a key that contains a dot is never a path. A
// missing value, null and an object match no term.
//
//   - [MatchEqual] compares by type. String operands equal strings only, number operands numbers only, boolean operands
//     booleans only. Untyped operands compare the text of a scalar: they equal the string with that text, the boolean
//     spelled that way and, when the text is a JSON number, every number of the same value (5 equals 5, 5.0 and "5").
//   - [MatchLess] and its kin order numbers by value, and strings by their bytes where the grammar lets an operator take
//     strings. An untyped operand of an operator that takes a single type has that type.
//   - [MatchPrefix] asks whether a string begins with the operand.
//   - [MatchNotEqual] holds where a scalar or an array is present and MatchEqual does not hold, whatever its type.
//
// A list operator holds when any of its operands does (for MatchNotEqual: when none equals). An array is searched by
// equality and prefix, which hold when they hold for a scalar directly in it; order never holds for an array.
//
// Numbers are compared as decimals, without rounding: 0.1 equals 1e-1, and integers beyond 2^53 keep all their digits.
//
// # Safety
//
// Names and values are percent-decoded exactly once and percent-encoded whole, so nothing in a path or an operand can
// add, end or alter a parameter. Whatever is not understood is an [Error]; a filter is never dropped in silence.
package metafilter
