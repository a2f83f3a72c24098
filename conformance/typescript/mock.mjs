// Starts "cfimages mock" for a test file, and makes accounts of it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import Cloudflare from 'cloudflare';

const address = /http:\/\/127\.0\.0\.1:\d+\/client\/v4/;

// start returns the address of a mock and what ends it.
export async function start() {
  const program = process.env.CFIMAGES;
  if (!program) throw new Error('CFIMAGES must name the program cfimages; run "make test-typescript"');
  const child = spawn(program, ['mock', '--addr', '127.0.0.1:0', '--private-fetch'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = line.match(address) ?? [];
    if (!url) continue;
    child.stdout.resume();
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM');
        const [status] = await exited;
        if (status !== 0) throw new Error(`the mock ended with status ${status}`);
      },
    };
  }
  throw new Error('the mock printed no address');
}

// account is an empty account, with a client of the SDK. sent collects the
// requests.
export function account(url, options = {}) {
  const sent = [];
  const client = new Cloudflare({
    apiToken: 'token',
    baseURL: url,
    maxRetries: 0,
    fetch: (input, init) => {
      sent.push({ url: String(input), init });
      return fetch(input, init);
    },
    ...options,
  });
  const id = randomBytes(16).toString('hex');
  const { v1, v2 } = client.images;
  return { id, v1, v2, sent, account_id: id, client };
}
