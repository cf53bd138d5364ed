// A scanning service for tests: starts `flatbed serve`, reads its ready file, and sets scenes by its control API.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_LIMIT_MS = 30_000;

/**
 * Start a service on free ports. It ends with this process, whatever happens to it (--exit-with-stdin).
 *
 * @param {string[]} more further arguments of `flatbed serve`
 */
export async function startService(...more) {
  const folder = await mkdtemp(join(tmpdir(), "flatbed-"));
  const readyFile = join(folder, "ready.json");
  const words = ["serve", "--port", "0", "--ready-file", readyFile, "--data-dir", join(folder, "data"), "--exit-with-stdin"];
  const child = spawn("flatbed", [...words, ...more], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data) => (said = (said + data).slice(-10_000)));
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", (error) => resolve((said += error))));
  let over = false;
  ended.then(() => (over = true));

  const stop = async () => {
    child.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };

  for (const latest = Date.now() + START_LIMIT_MS; ; await sleep(20)) {
    const text = await readFile(readyFile, "utf8").catch(() => null); // it is written whole when the service answers
    if (text !== null) return service(JSON.parse(text), stop);
    if (over || Date.now() > latest) {
      child.kill();
      await stop();
      throw new Error(`flatbed serve did not start:\n${said}`);
    }
  }
}

function service(ready, stop) {
  const [control, token] = ready.control.split("#");

  async function ask(method, path, body) {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(control + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  return {
    url: ready.http.replace(/\/$/, ""),
    ask,
    stop,
    reset: () => ask("POST", "/reset"),
    /** Do something to a device; gives what can be seen of it afterwards. */
    perform: async (device, action, args = {}) => (await ask("POST", `/devices/${device}/${action}`, args)).state,
  };
}
