// The mock as the page knows it: the API, the admin API and the session.

const { api, admin } = document.body.dataset;

// session is what the mock told, and which account is shown.
export const session = { accounts: [], open: false, account: null, skew: 0 };

export async function openSession() {
  const told = await (await fetch('/_inspector/session')).json();
  const chosen = session.account?.id ?? sessionStorage.getItem('account');
  session.accounts = told.accounts;
  Object.assign(session, { open: told.open, journal: told.journal, faults: told.faults });
  setNow(told.now);
  session.account = told.accounts.find((a) => a.id === chosen) ?? session.account ?? told.accounts[0];
}

export function choose(id) {
  session.account = session.accounts.find((a) => a.id === id) ?? { ...session.accounts[0], id, hash: '' };
  sessionStorage.setItem('account', id);
}

// now is the mock's time, in milliseconds.
export const now = () => Date.now() + session.skew;

export function setNow(time) { session.skew = new Date(time).getTime() - Date.now(); }

export const accountPath = (path) => `${api}/accounts/${encodeURIComponent(session.account.id)}${path}`;

const login = () => ({ Authorization: `Bearer ${session.account.token}` });

// send asks the API and returns the response, or throws what it says is wrong.
export async function send(method, path, { json, form, signal } = {}) {
  const headers = login();
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(accountPath(path), { method, headers, signal, body: json !== undefined ? JSON.stringify(json) : form });
  if (!answer.ok) throw new Error(await complaint(answer));
  return answer;
}

// call asks the API and returns the result.
export async function call(method, path, options) {
  const answer = await send(method, path, options);
  const body = await answer.json().catch(() => null);
  if (!body || body.success !== true) throw new Error(`${method} ${path} answers ${answer.status}, but no result`);
  return body.result;
}

// complaint is what an answer says is wrong: the API's errors, or its text.
export async function complaint(answer) {
  const text = await answer.text();
  try {
    const body = JSON.parse(text);
    if (body.errors?.length) return body.errors.map((e) => `${e.code}: ${e.message}`).join('\n');
    if (body.error) return String(body.error);
  } catch { /* some failures are text */ }
  return text.slice(0, 300) || `HTTP ${answer.status}`;
}

// order asks the admin API.
export async function order(method, path, json) {
  const answer = await fetch(admin + path, {
    method, headers: json === undefined ? {} : { 'Content-Type': 'application/json' }, body: json === undefined ? undefined : JSON.stringify(json),
  });
  if (!answer.ok) throw new Error(await complaint(answer));
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

export const adminURL = (path) => admin + path;

export const imagePath = (id) => `/images/v1/${encodeURIComponent(id)}`;

// here is a delivery or upload URL at the page's own address, whatever address
// the mock gives to others.
export function here(url) {
  const u = new URL(url);
  return u.pathname + u.search;
}
