package realinput

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

// documented is a command of the official documentation as it stands there: the
// API reference has one for every operation, the guides have more. Only hosts are
// replaced, and the placeholders that the documentation asks to replace.
type documented struct {
	name    string
	command string
	want    string // in the answer
	gone    string // not in the answer; nothing where it is empty
}

const auth = ` -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`

// images is the address with which every command begins.
const images = `curl https://api.cloudflare.com/client/v4/accounts/$ACCOUNT_ID/images`

// reference are the commands of the API reference.
var reference = []documented{
	{"list images", images + `/v1 \
   ` + auth, `{"result":{"images":[{"id":"$IMAGE_ID","filename":"logo.png"`, ""},
	{"upload an image", images + `/v1 \
    -H 'Content-Type: multipart/form-data' \
   ` + auth + ` \
    -F requireSignedURLs=true \
    -F url=https://example.com/path/to/logo.png`, `"filename":"logo.png","requireSignedURLs":true`, ""},
	{"image details", images + `/v1/$IMAGE_ID \
   ` + auth, `{"result":{"id":"$IMAGE_ID","filename":"logo.png"`, ""},
	{"update image", images + `/v1/$IMAGE_ID \
    -X PATCH \
    -H 'Content-Type: application/json' \
   ` + auth + ` \
    -d '{
          "requireSignedURLs": true
        }'`, `"filename":"logo.png","requireSignedURLs":true`, ""},
	{"delete image", images + `/v1/$IMAGE_ID \
    -X DELETE \
   ` + auth, `{"result":{},"success":true,"errors":[],"messages":[]}`, ""},
	{"base image", images + `/v1/$IMAGE_ID/blob \
   ` + auth, "$CONTENT", ""},
	{"list signing keys", images + `/v1/keys \
   ` + auth, `{"result":{"keys":[{"name":"default","value":"`, ""},
	{"create a signing key", images + `/v1/keys/$SIGNING_KEY_NAME \
    -X PUT \
   ` + auth, `{"name":"someKey","value":"`, ""},
	{"delete a signing key", images + `/v1/keys/$SIGNING_KEY_NAME \
    -X DELETE \
   ` + auth, `{"result":{"keys":[{"name":"default","value":"`, "someKey"},
	{"images usage statistics", images + `/v1/stats \
   ` + auth, `{"result":{"count":{"current":1,"allowed":100000}}`, ""},
	{"list variants", images + `/v1/variants \
   ` + auth, `"thumb":{"id":"thumb"`, ""},
	{"create a variant", images + `/v1/variants \
    -H 'Content-Type: application/json' \
   ` + auth + ` \
    -d '{
          "id": "hero",
          "options": {
            "fit": "scale-down",
            "height": 768,
            "metadata": "none",
            "width": 1366
          },
          "neverRequireSignedURLs": true
        }'`, `{"result":{"variant":{"id":"hero","options":{"fit":"scale-down","width":1366,"height":768,"metadata":"none"},"neverRequireSignedURLs":true}}`, ""},
	{"variant details", images + `/v1/variants/$VARIANT_ID \
   ` + auth, `{"result":{"variant":{"id":"thumb","options":{"fit":"cover"`, ""},
	{"update a variant", images + `/v1/variants/$VARIANT_ID \
    -X PATCH \
    -H 'Content-Type: application/json' \
   ` + auth + ` \
    -d '{
          "options": {
            "fit": "scale-down",
            "height": 768,
            "metadata": "none",
            "width": 1366
          },
          "neverRequireSignedURLs": true
        }'`, `{"result":{"variant":{"id":"thumb","options":{"fit":"scale-down","width":1366,"height":768,"metadata":"none"},"neverRequireSignedURLs":true}}`, ""},
	{"delete a variant", images + `/v1/variants/$VARIANT_ID \
    -X DELETE \
   ` + auth, `{"result":{},"success":true,"errors":[],"messages":[]}`, ""},
	{"list images v2", images + `/v2 \
   ` + auth, `{"result":{"images":[{"id":"$IMAGE_ID","filename":"logo.png"`, ""},
	// The real service cannot take this one either: the date is long past.
	{"create authenticated direct upload URL", images + `/v2/direct_upload \
    -H 'Content-Type: multipart/form-data' \
   ` + auth + ` \
    -F id=this/is/my-customid \
    -F expiry=2021-01-02T02:20:00Z \
    -F requireSignedURLs=true`, `"success":false`, ""},
}

// guides are the commands of the documentation's guides.
var guides = []documented{
	{"upload a file", `curl --request POST \
  --url https://api.cloudflare.com/client/v4/accounts/<ACCOUNT_ID>/images/v1 \
  --header 'Authorization: Bearer <API_TOKEN>' \
  --header 'Content-Type: multipart/form-data' \
  --form 'file=@./image.jpg'`, `"filename":"image.jpg","requireSignedURLs":false`, ""},
	{"upload by URL", `curl --request POST \
https://api.cloudflare.com/client/v4/accounts/{account_id}/images/v1 \
--header "Authorization: Bearer <API_TOKEN>" \
--form 'url=https://[user:password@]example.com/<PATH_TO_IMAGE>' \
--form 'metadata={"key":"value"}' \
--form 'requireSignedURLs=false'`, `"meta":{"key":"value"}`, ""},
	{"upload by URL, with an id", `curl --request POST https://api.cloudflare.com/client/v4/accounts/{account_id}/images/v1 \
--header "Authorization: Bearer <API_TOKEN>" \
--form 'url=https://<REMOTE_PATH_TO_IMAGE>' \
--form 'id=<PATH_TO_YOUR_IMAGE>'`, `{"result":{"id":"pets/cat.png"`, ""},
	{"upload a file, with an id", `curl --request POST \
https://api.cloudflare.com/client/v4/accounts/<ACCOUNT_ID>/images/v1 \
--header 'Authorization: Bearer <API_TOKEN>' \
--form 'file=@./<PATH_TO_YOUR_IMAGE>' \
--form 'id=<PATH_TO_YOUR_IMAGE>'`, `{"result":{"id":"pets/cat.png","filename":"cat.png"`, ""},
	{"direct creator upload", `curl --request POST \
https://api.cloudflare.com/client/v4/accounts/{account_id}/images/v2/direct_upload \
--header "Authorization: Bearer <API_TOKEN>" \
--form 'requireSignedURLs=true' \
--form 'metadata={"key":"value"}'`, `"uploadURL":"http`, ""},
	// The guide sends JSON; what was observed is that the service wants a form.
	{"direct creator upload with an expiry", `curl --request POST \
https://api.cloudflare.com/client/v4/accounts/{account_id}/images/v2/direct_upload \
--header "Authorization: Bearer <API_TOKEN>" \
--data '{"expiry":"2021-09-14T16:00:00Z"}'`, `"code":5415`, ""},
	{"status of a draft", `curl https://api.cloudflare.com/client/v4/accounts/{account_id}/images/v1/{image_id} \
--header "Authorization: Bearer <API_TOKEN>"`, `"draft":true`, ""},
	{"create a variant", `curl -X POST "https://api.cloudflare.com/client/v4/accounts/<ACCOUNT_ID>/images/v1/variants" \
--header "Authorization: Bearer <API_TOKEN>" \
--header "Content-Type: application/json" \
--data '{"id":"<NAME_OF_THE_VARIANT>","options":{"fit":"scale-down","metadata":"none","width":1366,"height":768},"neverRequireSignedURLs":true}'`, `{"result":{"variant":{"id":"thumbnail"`, ""},
	{"enable flexible variants", `curl -X PATCH https://api.cloudflare.com/client/v4/accounts/<ACCOUNT_ID>/images/v1/config \
-H "Authorization: Bearer <API_TOKEN>" \
-H "Content-Type: application/json" \
--data '{"flexible_variants": true}'`, `"success":true`, ""},
}

// documentation is an account for one command, and the folder to run it in.
type documentation struct {
	user          *user
	account, root string
	origin, dir   string
	imageID       string
	draftID       string
	in            Sample
}

// prepare makes an account with an image, a draft, a second key and a variant.
func prepare(t *testing.T, s *served, account string) *documentation {
	t.Helper()
	d := &documentation{user: s.user(account, "token"), account: account, dir: t.TempDir(), in: one(t, "png")}
	d.root = strings.TrimSuffix(s.api, "/client/v4")
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(d.in.Content) }))
	t.Cleanup(origin.Close)
	d.origin = origin.URL
	for _, name := range []string{"image.jpg", "pets/cat.png"} {
		path := filepath.Join(d.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, d.in.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var img image
	d.user.call(t, "-F", "file=@"+d.in.Path+";filename=logo.png", d.user.images+"/v1").ok(t, &img)
	d.imageID = img.ID
	var draft struct{ ID string }
	d.user.call(t, "-X", "POST", d.user.images+"/v2/direct_upload").ok(t, &draft)
	d.draftID = draft.ID
	var variant, keys json.RawMessage
	d.user.call(t, "-X", "PUT", d.user.images+"/v1/keys/someKey").ok(t, &keys)
	d.user.call(t, "--json", `{"id":"thumb","options":{"fit":"cover","height":10,"metadata":"none","width":20}}`, d.user.images+"/v1/variants").ok(t, &variant)
	return d
}

// run runs a command and returns what it printed.
func (d *documentation) run(t *testing.T, command string) string {
	t.Helper()
	script := strings.NewReplacer(
		"https://api.cloudflare.com", d.root,
		"https://[user:password@]example.com/<PATH_TO_IMAGE>", strings.Replace(d.origin, "http://", "http://user:password@", 1)+"/logo.png",
		"https://example.com", d.origin, "https://<REMOTE_PATH_TO_IMAGE>", d.origin+"/logo.png",
		"<ACCOUNT_ID>", d.account, "{account_id}", d.account, "<API_TOKEN>", "token",
		"{image_id}", d.draftID, "<PATH_TO_YOUR_IMAGE>", "pets/cat.png", "<NAME_OF_THE_VARIANT>", "thumbnail",
	).Replace(command)
	vars := fmt.Sprintf("ACCOUNT_ID=%s CLOUDFLARE_API_TOKEN=token IMAGE_ID=%s VARIANT_ID=thumb SIGNING_KEY_NAME=someKey\n", d.account, d.imageID)
	out, err := shell(d.dir, "exec 2>/dev/null\n"+vars+script)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	s := serve(t, "--private-fetch")
	for group, commands := range map[string][]documented{"reference": reference, "guide": guides} {
		for i, c := range commands {
			t.Run(group+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				d := prepare(t, s, fmt.Sprintf("%s%02d", group, i))
				got := d.run(t, c.command)
				if c.gone != "" && strings.Contains(got, c.gone) {
					t.Errorf("%q is in the answer %.600q", c.gone, got)
				}
				want := strings.NewReplacer("$IMAGE_ID", d.imageID, "$CONTENT", string(d.in.Content)).Replace(c.want)
				if !strings.Contains(got, want) || want == string(d.in.Content) && !bytes.Equal([]byte(got), d.in.Content) {
					t.Errorf("the answer is %.600q, want %.300q in it", got, want)
				}
			})
		}
	}
}

// TestEveryOperationIsDocumented checks that each operation has a command.
func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	calls := map[string]bool{}
	for _, c := range append(slices.Clone(reference), guides...) {
		method, path := "GET", strings.NewReplacer(
			"$ACCOUNT_ID", "{account_id}", "<ACCOUNT_ID>", "{account_id}", "$IMAGE_ID", "{image_id}",
			"$VARIANT_ID", "{variant_id}", "$SIGNING_KEY_NAME", "{signing_key_name}",
		).Replace(documentedPath.FindString(c.command))
		switch given := documentedMethod.FindStringSubmatch(c.command); {
		case given != nil:
			method = given[1]
		case strings.Contains(c.command, " -F ") || strings.Contains(c.command, " -d "):
			method = "POST"
		}
		calls[method+" "+path] = true
	}
	for _, op := range api.Contract.Operations {
		if !calls[op.Method+" "+op.Path] {
			t.Errorf("%s, %s %s, has no command", op.Name, op.Method, op.Path)
		}
	}
}

var (
	documentedPath   = regexp.MustCompile(`/accounts/[^ "]*`)
	documentedMethod = regexp.MustCompile(`(?:-X|--request) ([A-Z]+)`)
)
