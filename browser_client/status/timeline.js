// The timeline of a device: what its journal says, newest first.

import { h } from "./dom.js";

const SHOWN = 150;
const SIGNS = { call: "→", page: "▤", fault: "⚡", condition: "!", operator: "☞" };
const KINDS = { call: "call", page: "page", fault: "fault", condition: "condition", operator: "somebody" };

function time(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds % 60).toFixed(3).padStart(6, "0")}`;
}

function good(entry) {
  return entry.outcome === "ok" || entry.kind === "condition";
}

function row(entry, start) {
  const outcome = entry.kind === "condition" ? entry.outcome : entry.outcome === "ok" ? "" : entry.outcome;
  return h(
    "li",
    { class: `entry ${entry.kind}${good(entry) ? "" : " bad"}`, "data-number": entry.number },
    h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[entry.kind] ?? "·"),
    h(
      "div",
      {},
      h("span", { class: "visually-hidden" }, `${KINDS[entry.kind] ?? entry.kind}: `),
      h("strong", {}, entry.what),
      outcome ? h("span", { class: "outcome" }, outcome) : null,
      entry.detail ? h("span", { class: "detail" }, entry.detail) : null,
    ),
    h("span", { class: "when" }, time(entry.time - start), entry.seconds >= 0.005 ? h("small", {}, `${entry.seconds.toFixed(entry.seconds < 10 ? 2 : 0)} s`) : null, entry.client === null ? null : h("small", {}, `client ${entry.client}`)),
  );
}

/** The timeline; `journal` is what the service answers. */
export function timeline(journal) {
  if (!journal) return h("p", { class: "muted" }, "This device keeps no journal.");
  const entries = journal.entries.slice(-SHOWN).reverse();
  const now = journal.under_way
    ? h("li", { class: "entry call now" }, h("span", { class: "sign", "aria-hidden": "true" }, "…"), h("div", {}, h("strong", {}, journal.under_way.call), h("span", { class: "detail" }, "under way")), h("span", { class: "when" }, time(journal.under_way.since - journal.start)))
    : null;
  if (!entries.length && !now) return h("p", { class: "muted" }, "Nothing has happened yet.");
  return h("ol", { class: "timeline", reversed: true }, now, entries.map((entry) => row(entry, journal.start)));
}
