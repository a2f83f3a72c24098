// A request as a curl command and as Go.

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const go = (text) => JSON.stringify(text);

// curl repeats a request. The token is the shell's, as the journal has none.
export function curl(e) {
  const parts = ['curl -sS'];
  if (e.method !== 'GET') parts.push(`-X ${e.method}`);
  if (e.kind === 'api') parts.push('-H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"');
  const body = e.request_body;
  if (body) parts.push(`-H 'Content-Type: application/json' --data ${quoted(body)}`);
  else if (e.kind === 'upload' || e.operation === 'UploadImage') parts.push('-F file=@image.jpg');
  parts.push(quoted(location.origin + e.path + (e.query ? `?${e.query}` : '')));
  return parts.join(' \\\n  ');
}

// below is the part of the path behind a name, decoded.
function below(path, name) {
  const at = path.indexOf(`/${name}/`);
  return at < 0 ? '' : decodeURIComponent(path.slice(at + name.length + 2).split('/')[0]);
}

const json = (e, type) => `${type}{ /* ${e.request_body || '…'} */ }`;

// calls are the methods of the client by operation.
const calls = {
  ListImages: () => 'page, err := c.ListImages(ctx, api.ListImagesParams{})',
  CreateDirectUpload: () => 'target, err := c.CreateDirectUpload(ctx, api.DirectUpload{})',
  ListImagesV1: () => 'list, err := c.ListImagesV1(ctx, api.ListImagesV1Params{})',
  UploadImage: () => 'img, err := c.UploadImage(ctx, api.ImageUpload{File: api.OpenFile("image.jpg")})',
  GetImage: (e) => `img, err := c.GetImage(ctx, ${go(below(e.path, 'v1'))})`,
  EditImage: (e) => `img, err := c.EditImage(ctx, ${go(below(e.path, 'v1'))}, ${json(e, 'api.ImageEdit')})`,
  DeleteImage: (e) => `err := c.DeleteImage(ctx, ${go(below(e.path, 'v1'))})`,
  GetImageBlob: (e) => `blob, err := c.GetImageBlob(ctx, ${go(below(e.path, 'v1'))})`,
  ListSigningKeys: () => 'keys, err := c.ListSigningKeys(ctx)',
  PutSigningKey: (e) => `keys, err := c.PutSigningKey(ctx, ${go(below(e.path, 'keys'))})`,
  DeleteSigningKey: (e) => `keys, err := c.DeleteSigningKey(ctx, ${go(below(e.path, 'keys'))})`,
  GetStats: () => 'stats, err := c.GetStats(ctx)',
  EditConfig: (e) => `err := c.EditConfig(ctx, ${json(e, 'api.ConfigEdit')})`,
  ListVariants: () => 'variants, err := c.ListVariants(ctx)',
  CreateVariant: (e) => `v, err := c.CreateVariant(ctx, ${json(e, 'api.VariantCreate')})`,
  GetVariant: (e) => `v, err := c.GetVariant(ctx, ${go(below(e.path, 'variants'))})`,
  EditVariant: (e) => `v, err := c.EditVariant(ctx, ${go(below(e.path, 'variants'))}, ${json(e, 'api.VariantEdit')})`,
  DeleteVariant: (e) => `err := c.DeleteVariant(ctx, ${go(below(e.path, 'variants'))})`,
};

export function goCode(e) {
  const url = location.origin + e.path + (e.query ? `?${e.query}` : '');
  if (e.kind === 'upload') return `img, err := client.UploadTo(ctx, ${go(url)}, api.OpenFile("image.jpg"))`;
  const call = calls[e.operation];
  if (!call) return `resp, err := http.Get(${go(url)})`;
  const query = e.query ? ` // ?${e.query}` : '';
  return `c, err := client.New(${go(e.account)}, client.WithToken(token), client.WithBaseURL(${go(location.origin + document.body.dataset.api)}))\n${call(e)}${query}`;
}
