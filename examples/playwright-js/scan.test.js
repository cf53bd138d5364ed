// A page that scans, in the system's Chromium, against virtual scanners.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { startService } from "./flatbed.js";

const FEEDER = "virtual:feeder";
let browser, page, service, web;

before(async () => {
  service = await startService();
  const html = await readFile(new URL("page.html", import.meta.url));
  web = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(html));
  await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"], // so that it runs as root in containers; what it loads is our own
  });
});

after(async () => {
  await browser?.close();
  web?.close();
  await service?.stop();
});

beforeEach(async () => {
  await service.reset();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${web.address().port}/?service=${encodeURIComponent(service.url)}`);
});

async function scan() {
  await page.click("#scan");
  await page.waitForFunction(() => document.querySelector("#status").textContent !== "");
  return { pages: await page.locator("#pages img").count(), says: await page.textContent("#status") };
}

test("all sheets arrive", async () => {
  await service.perform(FEEDER, "unload");
  await service.perform(FEEDER, "load", { count: 3 });
  assert.deepEqual(await scan(), { pages: 3, says: "Done." });
  const { client } = await service.perform(FEEDER, "report");
  assert.ok(client.clean, client.details.join("\n"));
});

test("a jam leaves the pages before it, and the page asks for help", async () => {
  await service.perform(FEEDER, "fault", { kind: "jam", sheet: 3 });
  assert.deepEqual(await scan(), { pages: 2, says: "The scanner needs you." });
});
