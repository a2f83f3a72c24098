package main

import (
	"bytes"
	"fmt"
)

// Account and id of what is asked for.
const (
	account = "a"
	image   = "one"
)

// fileSize is the length of the image that a create sends, in bytes.
const fileSize = 10 << 10

// images is the path of an account's images, and what every request has.
const (
	images = "/client/v4/accounts/" + account + "/images/"
	common = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n"
)

// get is a request for the details of the image.
func get() []byte { return []byte("GET " + images + "v1/" + image + common + "\r\n") }

// list is a request for the ten newest images.
func list() []byte { return []byte("GET " + images + "v2?per_page=10" + common + "\r\n") }

// create is an upload of a file of 10 KB, under an id unless that is empty.
func create(id string) []byte {
	var body bytes.Buffer
	if id != "" {
		fmt.Fprintf(&body, "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n%s\r\n", id)
	}
	body.WriteString("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.svg\"\r\nContent-Type: image/svg+xml\r\n\r\n")
	body.Write(picture())
	body.WriteString("\r\n--x--\r\n")
	head := fmt.Sprintf("POST "+images+"v1"+common+"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", body.Len())
	return append([]byte(head), body.Bytes()...)
}

// picture is the file.
func picture() []byte {
	const before, after = `<svg xmlns="http://www.w3.org/2000/svg">`, `</svg>`
	filler := bytes.Repeat([]byte(" "), fileSize-len(before)-len(after))
	return append(append([]byte(before), filler...), after...)
}
