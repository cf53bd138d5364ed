// The page: which view is shown, whether the service answers, and who is told when something changes.

import * as api from "./api.js";
import { DeviceList, DeviceView, forgetDescriptions } from "./devices.js";
import { button, field, h, put, span } from "./dom.js";
import { JobsView } from "./jobs.js";
import { follow } from "./live.js";
import { lightbox } from "./pictures.js";
import { ServiceView } from "./service.js";

const STATUS_EVERY = 5000;
const SHORTCUTS = [
  ["d", "all devices"],
  ["j", "jobs"],
  ["s", "service"],
  ["/", "find a device"],
  ["t", "on a device: take a scan"],
  ["l", "on a device: load paper"],
  ["?", "this list"],
  ["Esc", "close a window; on a device: back to all"],
];

const main = document.getElementById("main");
const notice = document.getElementById("notice");
const said = document.getElementById("said");
const health = document.getElementById("health");

let view = null;
let lab = false;

/** Say something for those who do not see it happen. */
function say(text) {
  said.textContent = text;
}

/** Show what went wrong until somebody has read it. */
function problem(text) {
  put(notice, h("div", { class: "problem" }, h("p", {}, text), button("Close", () => put(notice), { id: "notice-close", class: "quiet" })));
}

function showHealth(status, away) {
  const text = away ? "Not reachable" : status.status === "normal" ? "Normal" : status.status;
  const wanted = [h("span", { class: `pill ${away ? "faulted" : "completed"}` }, text), h("span", { class: "muted version" }, away ? "trying again …" : `${status.version}, up ${span(status.uptime)}`)];
  // only the pill is news for a screen reader: seconds that pass are not
  if (health.querySelector(".pill")?.textContent === text) health.querySelector(".version").replaceWith(wanted[1]);
  else health.replaceChildren(...wanted);
  document.body.classList.toggle("away", away);
}

function navigate() {
  const links = lab ? [["#/devices", "Devices"], ["#/jobs", "Jobs"], ["#/service", "Service"]] : [["#/service", "Service"]];
  const here = location.hash.split("/").slice(0, 2).join("/") || "#/devices";
  put(document.getElementById("views"), links.map(([href, text]) => h("a", { href, "aria-current": here === href ? "page" : null }, text)));
}

function make() {
  const [, place, id] = location.hash.split("/");
  if (lab && place === "devices" && id) return new DeviceView(decodeURIComponent(id), problem, say);
  if (lab && place === "jobs") return new JobsView(problem);
  if (lab && place !== "service") return new DeviceList(problem);
  return new ServiceView(problem, lab);
}

async function go() {
  view = make();
  put(notice);
  main.replaceChildren(view.root);
  navigate();
  window.scrollTo(0, 0);
  const shown = view;
  try {
    await view.refresh();
  } catch (error) {
    if (shown === view) problem(error.message);
  }
  document.title = `${main.querySelector("h1")?.textContent ?? "flatbed"} – flatbed`;
}

async function topics(list) {
  const ids = list.filter((topic) => topic.startsWith("device:")).map((topic) => topic.slice(7));
  if (view instanceof DeviceView && (ids.includes(view.id) || list.includes("devices"))) await view.refresh();
  if (view instanceof DeviceList) await (list.includes("devices") ? view.refresh() : view.changed(ids));
  if (view instanceof JobsView && list.includes("jobs")) await view.refresh();
  if (view instanceof ServiceView && (list.includes("service") || list.includes("jobs"))) await view.refresh();
}

async function look() {
  try {
    const status = await api.status();
    showHealth(status, false);
    if (view instanceof ServiceView) view.show(status);
    return status;
  } catch (error) {
    showHealth(null, true);
    throw error;
  }
}

function askForToken(refused) {
  const entry = h("input", { id: "token", type: "password", autocomplete: "off", required: true, "aria-describedby": "token-why" });
  const form = h(
    "form",
    { class: "card token" },
    h("h1", {}, "The front panel needs its token"),
    h("p", { id: "token-why" }, refused ? "The service does not know the token that this page has; it may have been started anew. " : "", "Open the address that ", h("code", {}, "flatbed serve"), " printed as “Front panel”, or paste it here."),
    h("div", { class: "row" }, field("Address or token", entry), h("button", { type: "submit", class: "main" }, "Open the panel")),
    h("p", {}, h("a", { href: "#/service", onclick: () => start(false) }, "Only show the status of the service")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    api.keepToken(entry.value);
    location.hash = "#/devices";
    start(true);
  });
  view = null;
  main.replaceChildren(form);
  document.getElementById("views").replaceChildren();
  entry.focus();
}

function away(error) {
  if (error.status === 401 || error.status === 403) {
    api.forgetToken();
    lab = false;
    askForToken(error.status === 401);
    return true;
  }
  showHealth(null, true);
  return false;
}

async function start(wanted) {
  let status;
  try {
    status = await look();
  } catch {
    setTimeout(() => start(wanted), 2000);
    return;
  }
  const panel = wanted && status.access === "lab";
  if (panel && !api.token()) {
    askForToken(false);
    return;
  }
  lab = panel;
  if (!panel) {
    location.hash = "#/service";
    await go();
    return;
  }
  await follow({
    topics,
    back: async () => {
      showHealth(await api.status(), false);
      forgetDescriptions();
      await api.devices(); // a token that is refused is found out here
      if (view) await view.refresh();
      else await go();
    },
    away,
  });
}

function help() {
  const window = h("dialog", { id: "help", "aria-labelledby": "help-title" }, h("h2", { id: "help-title" }, "Keys"), h("dl", { class: "keys" }, SHORTCUTS.map(([key, text]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)))), button("Close", () => window.close()));
  return window;
}

function press(event) {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && view instanceof DeviceView && !typing) location.hash = "#/devices";
  if (typing) return;
  const places = lab ? { d: "#/devices", j: "#/jobs", s: "#/service" } : { s: "#/service" };
  const targets = { "/": "filter", t: "scan-go", l: "load-count" };
  if (places[event.key]) location.hash = places[event.key];
  else if (event.key === "?") document.getElementById("help").showModal();
  else if (targets[event.key]) {
    const target = document.getElementById(targets[event.key]);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (event.key === "t") target.click();
  }
}

document.body.append(lightbox(), help());
document.querySelector("header").append(button("Keys", () => document.getElementById("help").showModal(), { class: "quiet keys-button", "aria-keyshortcuts": "?" }));
document.addEventListener("keydown", press);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part behind # says which view is shown
  main.focus();
});
addEventListener("hashchange", () => {
  if (location.hash.length > 1 && !location.hash.startsWith("#/")) {
    api.takeToken();
    location.reload(); // another token is another start
    return;
  }
  if (view) go();
});
setInterval(() => {
  if (!document.hidden) look().catch(() => {});
}, STATUS_EVERY);
api.takeToken();
if (!location.hash) history.replaceState(null, "", "#/devices");
start(true);
