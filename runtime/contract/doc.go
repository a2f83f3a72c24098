// Package contract is what both sides of a call share.
//
// First, the API's specification as Go values: the operations, their parameters and
// bodies with every limit the specification states, the error catalogue and the
// envelope. Generated tables are made of these types; the client, the server and
// the fake read the same tables and so cannot disagree about what the API is.
//
// Second, a call before and after the wire: [Request] with its [File], [Form] and
// JSON, the [Stream] it may answer, and the [Error] it ends with on either side.
//
// How a client sends it is in package rest, how a server reads it in packages serve
// and form.
package contract
