// Package imaging turns an image file into another one: smaller, cropped, in
// another format, with less metadata. It is written in Go alone.
//
// [Inspect] reads the header of a JPEG, PNG, GIF, WebP or SVG file and refuses
// what is too large before a pixel is decoded. [Transform] decodes, scales and
// encodes. Animations stay animations. [Pool] runs transformations so that they
// take a bounded amount of memory together.
//
// Colours are taken to be sRGB. A colour profile is kept or dropped with the
// metadata and never applied.
package imaging
