package main

import (
	"net/http"

	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/origin"
)

// withDelivery serves the delivery URLs of a service's images, and all else by h.
func withDelivery(h http.Handler, source origin.Service) http.Handler {
	images := deliver.New(source)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if deliver.Owns(r.URL.EscapedPath()) {
			images.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
