// Command tasks does with images what most programs do, in the account that the
// environment names: it uploads the file of its argument, lists, edits, lets
// somebody else upload, signs and deletes.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/sign"
)

func main() {
	ctx, path := context.Background(), os.Args[1]
	c := must(client.FromEnv())

	img := must(c.UploadImage(ctx, api.ImageUpload{
		File: api.OpenFile(path), Metadata: api.Meta{"album": "cats", "rating": 5}, RequireSignedURLs: true,
	}))

	cats := filter.All(filter.Eq("album", "cats"), filter.Gte("rating", 3))
	for img, err := range c.AllImages(ctx, api.ListImagesParams{Filter: cats}) {
		log.Println("listed", must(img, err).ID)
	}

	img = must(c.EditImage(ctx, img.ID, api.ImageEdit{RequireSignedURLs: new(false)}))

	up := must(c.CreateDirectUpload(ctx, api.DirectUpload{Expiry: time.Now().Add(time.Hour)}))
	log.Println("uploaded", must(client.UploadTo(ctx, up.UploadURL, api.OpenFile(path))).ID)

	keys := must(c.ListSigningKeys(ctx))
	log.Println("signed", must(sign.Key(keys[0].Value).URL(img.Variants[0], time.Now().Add(time.Hour))))

	must(img, c.DeleteImage(ctx, img.ID))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
