// Command tasks does what most programs begin with, to the account that the
// environment names: upload, list, edit, direct upload, sign, delete.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/sign"
)

func main() {
	ctx, c := context.Background(), must(client.FromEnv())
	img := must(c.UploadImage(ctx, api.ImageUpload{
		File:     api.OpenFile(os.Args[1]),
		Metadata: api.Meta{"album": "cats", "rating": 5},
	}))
	cats := filter.All(filter.Eq("album", "cats"), filter.Gte("rating", 3))
	for img, err := range c.AllImages(ctx, api.ListImagesParams{Filter: cats}) {
		fmt.Println("found", must(img, err).Filename)
	}
	img = must(c.EditImage(ctx, img.ID, api.ImageEdit{RequireSignedURLs: new(false)}))
	fmt.Println("anyone may upload to", must(c.CreateDirectUpload(ctx, api.DirectUpload{})).UploadURL)
	key := sign.Key(must(c.ListSigningKeys(ctx))[0].Value)
	fmt.Println("for an hour:", must(key.URL(img.Variants[0], time.Now().Add(time.Hour))))
	must(img, c.DeleteImage(ctx, img.ID))
}

// must returns v, or ends the program with the error.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
