// The service's own port: requests with the token that came behind the `#`, and errors in words.

const KEY = "flatbed-control-token";

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Take the token out of the address bar; where there is none, the one that this tab has already. */
export function takeToken() {
  const hash = location.hash.slice(1);
  if (hash && !hash.startsWith("/")) {
    keepToken(decoded(hash));
    history.replaceState(null, "", `${location.pathname}#/devices`);
  }
  return token();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // half a percent sign: no token of ours, which the service will say
  }
}

export function token() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** Keep what somebody has pasted: the token, or the whole address with it. */
export function keepToken(text) {
  const bare = text.trim().split("#").pop();
  sessionStorage.setItem(KEY, bare.replace(/[^\x21-\x7e]/gu, "?")); // what no header can hold is refused by the service, not by fetch
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

async function request(method, path, body, signal) {
  const headers = { Accept: "application/json" };
  if (path.startsWith("/control")) headers.Authorization = `Bearer ${token()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The service does not answer.");
  }
  if (answer.ok) return answer;
  let message = `${answer.status} ${answer.statusText}`;
  try {
    message = (await answer.json()).message ?? message;
  } catch {
    // no JSON: the status has to do
  }
  throw new ApiError(answer.status, message);
}

export async function get(path, signal) {
  return (await request("GET", path, undefined, signal)).json();
}

export async function send(method, path, body) {
  const answer = await request(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

export async function blob(path) {
  return (await request("GET", path)).blob();
}

const escaped = (text) => encodeURIComponent(text);

export const devices = () => get("/control/devices");
export const device = (id) => get(`/control/devices/${escaped(id)}`);
export const act = async (id, action, body = {}) => (await send("POST", `/control/devices/${escaped(id)}/${action}`, body)).state;
export const status = () => get("/status.json");
export const jobs = () => get("/control/jobs");
export const job = (uid) => get(`/control/jobs/${escaped(uid)}`);
export const deleteJob = (uid) => send("DELETE", `/control/jobs/${escaped(uid)}`);
export const scan = (wish) => send("POST", "/control/jobs", wish);
export const setLogLevel = (level) => send("PATCH", "/control/log", { level });
export const faults = () => get("/control/faults");
export const setFault = (fault) => send("POST", "/control/faults", fault);
export const liftFault = (name) => send("DELETE", `/control/faults/${escaped(name)}`);
export const consent = () => get("/control/consent");
export const decide = (number, allow) => send("POST", `/control/consent/${number}`, { allow });
export const resetAll = () => send("POST", "/control/reset");
export const news = (since, signal) => get(`/control/news?since=${since}`, signal);
export const pagePath = (id, entry, width) => `/control/devices/${escaped(id)}/pages/${entry}?width=${width}`;
export const jobPagePath = (uid, index) => `/control/jobs/${escaped(uid)}/pages/${index}`;
