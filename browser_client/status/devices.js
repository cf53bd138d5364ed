// All devices as cards, and one of them in full.

import * as api from "./api.js";
import { facts, field, h, put } from "./dom.js";
import { controls, update } from "./controls.js";
import { drawing } from "./drawing.js";
import { oneAtATime } from "./live.js";
import { thumbnails, forget } from "./pictures.js";
import { scanner } from "./scan.js";
import { timeline } from "./timeline.js";

const CONDITIONS = { COVER_OPEN: "Cover open", JAM: "Paper jam", WARMING_UP: "Warming up" };
const described = new Map();

async function description(device) {
  if (!device.actions.includes("describe")) return null;
  if (!described.has(device.id)) described.set(device.id, await api.act(device.id, "describe"));
  return described.get(device.id);
}

/** Forget what was said of devices: the service may have been started anew, with others. */
export function forgetDescriptions() {
  described.clear();
  forget();
}

/** The state in a word or two: `[class, text]`, what matters most first. */
export function condition(device) {
  const state = device.state;
  if (device.there === false || state?.plugged === false) return ["faulted", "Unplugged"];
  if (!state) return ["", device.virtual ? "No control" : "Real device"];
  if (state.jammed) return ["faulted", "Paper jam"];
  if (state.cover_open) return ["warn", "Cover open"];
  const other = (state.conditions ?? []).find((code) => !["JAM", "COVER_OPEN"].includes(code));
  if (other) return ["warn", CONDITIONS[other] ?? other];
  if (state.in_use) return ["running", "In use"];
  if (state.feeder === "empty") return ["warn", "No paper"];
  return ["completed", "Ready"];
}

function pill(device) {
  const [kind, text] = condition(device);
  return h("span", { class: `pill ${kind}` }, text);
}

/** The view of all devices. */
export class DeviceList {
  constructor(problem) {
    this.problem = problem;
    this.cards = new Map();
    this.refresh = oneAtATime(() => this.load());
    this.looks = new Map();
    this.grid = h("ul", { class: "grid", "aria-label": "Devices" });
    this.filter = h("input", { id: "filter", type: "search", placeholder: "name or id", autocomplete: "off", oninput: () => this.sift() });
    this.found = h("p", { class: "muted", role: "status" });
    this.search = h("div", { class: "row search" }, field("Find", this.filter));
    this.root = h("section", { "aria-labelledby": "devices-title" }, h("div", { class: "head" }, h("h1", { id: "devices-title" }, "Devices"), this.search), this.found, this.grid);
    this.visible = new Set();
    this.watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const id = entry.target.dataset.device;
        if (entry.isIntersecting) {
          this.visible.add(id);
          this.look(id);
        } else this.visible.delete(id);
      }
    }, { rootMargin: "200px" });
  }

  async load() {
    const devices = await api.devices();
    const ids = new Set(devices.map((device) => device.id));
    for (const [id, card] of this.cards) {
      if (ids.has(id)) continue;
      this.watch.unobserve(card);
      this.visible.delete(id);
      card.remove();
      this.cards.delete(id);
      this.looks.delete(id);
    }
    for (const device of devices) {
      if (!this.cards.has(device.id)) {
        const card = h("li", { class: "card device", "data-device": device.id });
        put(card, this.face({ ...device, actions: [], faults: [], state: null }, null, device.virtual));
        if (device.virtual) card.dataset.virtual = "";
        card.dataset.words = `${device.name} ${device.id}`.toLowerCase();
        this.cards.set(device.id, card);
        this.grid.append(card);
        this.watch.observe(card);
      } else if (this.visible.has(device.id)) this.look(device.id);
    }
    this.search.hidden = devices.length < 7;
    this.sift();
  }

  async changed(ids) {
    await Promise.all(ids.filter((id) => this.visible.has(id)).map((id) => this.look(id)));
  }

  look(id) {
    if (!this.looks.has(id)) this.looks.set(id, oneAtATime(() => this.loadOne(id)));
    return this.looks.get(id)();
  }

  async loadOne(id) {
    const card = this.cards.get(id);
    if (!card || !("virtual" in card.dataset)) return; // nobody can do anything to a real device but scan
    try {
      const device = await api.device(id);
      put(card, this.face(device, await description(device)));
    } catch (error) {
      if (error.status === 400 || error.status === 404) card.querySelector(".pill")?.replaceWith(h("span", { class: "pill" }, "No control"));
      else if (error.status !== 0) this.problem(error.message);
    }
  }

  face(device, what, unseen = false) {
    const state = device.state;
    const paper = [];
    if (what?.capacity) paper.push(`${state?.hopper ?? "–"} in the hopper`, `${state?.output ?? "–"} put out`);
    if (what?.flatbed) paper.push(state?.glass === null ? "glass empty" : `sheet ${state?.glass} on the glass`);
    return [
      h("a", { class: "picture", href: `#/devices/${encodeURIComponent(device.id)}`, tabindex: -1, "aria-hidden": "true" }, drawing(device.name, what, state, device.kind)),
      h("div", { class: "title" }, h("h2", {}, h("a", { href: `#/devices/${encodeURIComponent(device.id)}` }, device.name)), unseen ? h("span", { class: "pill" }, "…") : pill(device)),
      h("p", { class: "muted" }, paper.join(" · ") || device.id),
    ];
  }

  sift() {
    const wanted = this.filter.value.trim().toLowerCase();
    let count = 0;
    for (const card of this.cards.values()) {
      card.hidden = !card.dataset.words.includes(wanted);
      count += card.hidden ? 0 : 1;
    }
    this.found.textContent = this.cards.size === 0 ? "There are no devices. A devices file says which there are: flatbed serve --devices FILE." : wanted ? `${count} of ${this.cards.size} devices` : "";
  }
}

/** What all clients together asked for and neglected, and below it each client that neglected something and has a name. */
function told(report) {
  if (!report) return h("p", { class: "muted" }, "This device does not judge its clients.");
  const duties = (neglected) => {
    const some = Object.entries(neglected ?? {}).filter(([, count]) => count);
    return some.length ? h("ul", { class: "neglected" }, some.map(([duty, count]) => h("li", {}, `${duty}: ${count}`))) : null;
  };
  return [
    h(
      "div",
      { class: "client" },
      h("p", {}, h("span", { class: `pill ${report.clean ? "completed" : "warn"}` }, report.clean ? "No complaints" : "Duties neglected"), ` ${["sessions", "jobs", "pages"].map((key) => `${report[key]} ${key}`).join(", ")}`),
      duties(report.neglected),
      report.details?.length ? h("details", {}, h("summary", {}, "In words"), h("ul", {}, report.details.slice(-20).map((line) => h("li", {}, String(line))))) : null,
    ),
    ...Object.entries(report.clients ?? {}).map(([name, neglected]) => h("div", { class: "client" }, h("h4", {}, name), duties(neglected))),
  ];
}

/** One device in full. */
export class DeviceView {
  constructor(id, problem, say) {
    Object.assign(this, { id, problem, say, next: 0, last: null });
    this.refresh = oneAtATime(() => this.load());
    this.root = h("section", { "aria-labelledby": "device-title" }, h("p", { class: "muted" }, "Looking …"));
  }

  async load() {
    let device;
    try {
      const known = (await api.devices()).find((one) => one.id === this.id);
      device = known && !known.virtual ? { ...known, actions: [], faults: [], state: null } : await api.device(this.id);
    } catch (error) {
      if (![400, 404].includes(error.status)) throw error;
      put(this.root, this.back(), h("h1", { id: "device-title" }, this.id), h("p", {}, error.status === 404 ? "This device is not there. It may come back; this page will notice." : error.message));
      this.parts = null;
      return;
    }
    if (!this.parts) this.build(device, await description(device));
    this.show(device);
    await this.read(device);
  }

  back() {
    return h("p", { class: "back" }, h("a", { href: "#/devices" }, "‹ All devices"));
  }

  build(device, what) {
    this.what = what;
    this.parts = Object.fromEntries(["drawing", "condition", "facts", "pages", "timeline", "report"].map((name) => [name, h("div", { class: name })]));
    this.panel = controls(device, what, (action, body) => this.act(action, body));
    const parts = this.parts;
    this.root.replaceChildren(
      this.back(),
      h("div", { class: "head" }, h("h1", { id: "device-title" }, device.name), parts.condition),
      what?.description ? h("p", { class: "muted lead" }, what.description) : "",
      h(
        "div",
        { class: "columns" },
        h("div", {}, h("section", { class: "card", "aria-label": "What it looks like" }, parts.drawing, parts.facts), h("section", { class: "card", "aria-labelledby": "controls-title" }, h("h3", { id: "controls-title" }, "Do something to it"), this.panel.childElementCount ? this.panel : h("p", { class: "muted" }, "Nobody can do anything to this device but scan from it."))),
        h(
          "div",
          {},
          scanner(device, what, this.problem),
          h("section", { class: "card", "aria-labelledby": "pages-title" }, h("h3", { id: "pages-title" }, "Last pages"), parts.pages),
          h("section", { class: "card", "aria-labelledby": "timeline-title" }, h("h3", { id: "timeline-title" }, "Timeline"), parts.timeline),
          h("section", { class: "card", "aria-labelledby": "report-title" }, h("h3", { id: "report-title" }, "What its clients did wrong"), parts.report),
        ),
      ),
    );
  }

  show(device) {
    const state = device.state;
    const [kind, text] = condition(device);
    if (this.last !== null && this.last !== text) (kind === "faulted" ? this.problem : this.say)(`${device.name}: ${text}`, kind === "faulted");
    this.last = text;
    put(this.parts.drawing, drawing(device.name, this.what, state, device.kind));
    put(this.parts.condition, pill(device));
    put(
      this.parts.facts,
      facts([
        ["Id", h("code", {}, device.id)],
        this.what && ["Model", [this.what.maker, this.what.model].filter(Boolean).join(" ")],
        this.what?.capacity && ["Hopper", `${state?.hopper ?? "–"} of ${this.what.capacity}`],
        this.what?.capacity && ["Paper path", state?.path?.length ? `sheet ${state.path.join(", ")}` : "free"],
        this.what?.capacity && ["Put out", `${state?.output ?? "–"}`],
        this.what?.flatbed && ["Glass", state?.glass === null ? "empty" : `sheet ${state?.glass}`],
        this.what?.cover && ["Cover", state?.cover_open ? "open" : "closed"],
        ["Conditions", state?.conditions?.length ? state.conditions.map((code) => CONDITIONS[code] ?? code).join(", ") : "none"],
      ]),
    );
    put(this.parts.report, told(state?.client));
    update(this.panel, state);
  }

  async read(device) {
    if (!device.actions.includes("journal")) {
      put(this.parts.timeline, timeline(null));
      put(this.parts.pages, h("p", { class: "muted" }, "This device keeps no pictures."));
      return;
    }
    const journal = await api.act(this.id, "journal", { limit: 150 });
    if (journal.next < this.next) forget();
    this.next = journal.next;
    const fresh = timeline(journal);
    const list = this.parts.timeline.querySelector("ol");
    if (list && fresh.localName === "ol") put(list, ...fresh.children); // so that it stays scrolled to where somebody reads
    else put(this.parts.timeline, fresh);
    this.pages(journal.pages);
  }

  pages(pages) {
    const key = pages.map((page) => page.entry).join();
    if (key === this.shown) return;
    this.shown = key;
    const items = [...pages].reverse().map((page) => ({
      small: api.pagePath(this.id, page.entry, 160),
      large: api.pagePath(this.id, page.entry, 900),
      short: page.sheet === null ? "glass" : `${page.sheet} ${page.side}`,
      text: `Page ${page.page}: ${page.sheet === null ? "empty glass" : `sheet ${page.sheet} ${page.side}, ${page.size}`}, ${page.mode} ${page.depth} bit, ${page.dpi} dpi`,
    }));
    this.parts.pages.replaceChildren(items.length ? thumbnails(items) : h("p", { class: "muted" }, "No page has been scanned yet."));
  }

  async act(action, body) {
    const off = this.panel.querySelector(`[data-action="${action}"][aria-disabled="true"]`);
    if (off) return;
    try {
      const state = await api.act(this.id, action, body);
      if (action === "reset") forget();
      this.say(`${action}: done${typeof state.hopper === "number" ? `, ${state.hopper} sheets in the hopper` : ""}`);
      await this.refresh();
    } catch (error) {
      this.problem(error.message);
    }
  }
}

