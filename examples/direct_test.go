package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
)

// uploads is the backend of a page: it has the credentials, and hands out one-time
// URLs to whoever may upload.
type uploads struct{ images api.Service }

func (u uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, err := u.images.CreateDirectUpload(r.Context(), api.DirectUpload{
		Expiry:  time.Now().Add(10 * time.Minute),
		Creator: new("user-42"),
	})
	if err != nil {
		http.Error(w, "no upload now", http.StatusBadGateway)
		return
	}
	_ = json.NewEncoder(w).Encode(target.UploadURL)
}

// A browser asks its backend for a URL and posts the file to it, in the field named
// file:
//
//	const url = await (await fetch("/uploads", {method: "POST"})).json()
//	const form = new FormData()
//	form.append("file", input.files[0])
//	const answer = await (await fetch(url, {method: "POST", body: form})).json()
//
// Below, the same is said in Go, and a program in Go says it with client.UploadTo.
func Example_directUpload() {
	m := mock.New()
	service := httptest.NewServer(m.Handler())
	defer service.Close()
	m.SetAddress(service.URL)
	backend := httptest.NewServer(uploads{images: m.Client()})
	defer backend.Close()

	fmt.Println(browser(backend.URL, cat))

	up, err := m.CreateDirectUpload(context.Background(), api.DirectUpload{ID: "pets/felix.svg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := client.UploadTo(context.Background(), up.UploadURL, api.Bytes("felix.svg", cat))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.ID, img.Draft)
	_, err = client.UploadTo(context.Background(), up.UploadURL, api.Bytes("felix.svg", cat))
	fmt.Println("again:", err != nil)
	// Output:
	// true <nil>
	// pets/felix.svg false
	// again: true
}

// browser does what the script of a page does.
func browser(backend string, content []byte) (success bool, err error) {
	answer, err := http.Post(backend, "", nil)
	if err != nil {
		return false, err
	}
	var target string
	err = json.NewDecoder(answer.Body).Decode(&target)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return false, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "tom.svg")
	if err != nil {
		return false, err
	}
	_, err = part.Write(content)
	if err = errors.Join(err, form.Close()); err != nil {
		return false, err
	}
	answer, err = http.Post(target, form.FormDataContentType(), &body)
	if err != nil {
		return false, err
	}
	var image struct{ Success bool }
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil {
		err = json.Unmarshal(text, &image)
	}
	return image.Success, err
}
