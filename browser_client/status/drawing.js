// A machine as a drawing: what lies in it, what is open, stuck, lit or unplugged. A pure function of its description and its state.

import { s } from "./dom.js";

const MOST_LINES = 11;
const SHEETS_A_LINE = 6;

/** How many lines stand for so many sheets: one each while they are few. */
export function lines(sheets) {
  if (sheets <= 6) return sheets;
  return Math.min(MOST_LINES, 6 + Math.ceil((sheets - 6) / SHEETS_A_LINE));
}

function stack(count, x, y, dx, dy, width) {
  const drawn = [];
  for (let index = 0; index < lines(count); index += 1) {
    drawn.push(s("line", { class: "sheet", x1: x + index * dx, y1: y - index * dy, x2: x + width + index * dx, y2: y - index * dy }));
  }
  return s("g", {}, drawn);
}

function count(text, x, y) {
  return s("text", { class: "count", x, y, "text-anchor": "middle" }, String(text));
}

/** Hopper, paper path and output; the output lies `low` below the middle of the hopper. */
function feeder(state, low) {
  const path = state.path?.length ?? 0;
  const jam = state.jammed;
  return s(
    "g",
    { class: "feeder" },
    s("g", { transform: "rotate(28 132 74)" }, s("path", { class: "tray", d: "M20 80h112" }), stack(state.hopper ?? 0, 26, 77, 0, 3, 100)),
    state.hopper === undefined ? null : count(state.hopper, 46, 92),
    s("path", { class: "tray", d: `M208 ${84 + low}h96` }),
    stack(Math.min(state.output ?? 0, 60), 212, 81 + low, 0, 2.6, 84),
    state.output === undefined ? null : count(state.output, 256, 104 + low),
    s("path", { class: "path", d: `M138 84c24 6 30 ${low / 5} 30 ${low * 0.4}s10 ${low * 0.5} 40 ${low * 0.6 - 4}` }),
    path && !jam ? s("path", { class: "sheet moving", d: "M142 85c20 6 26 16 26 31" }) : null,
    jam ? s("path", { class: "stuck", d: "M140 84l10 8 2-9 9 14 4-8 3 18 9-4-5 14" }) : null,
  );
}

function lid(open, x, y, width) {
  const turned = open ? `rotate(${width > 200 ? 20 : 28} ${x + width} ${y})` : "";
  return s("path", { class: open ? "lid open" : "lid", transform: turned, d: `M${x} ${y}h${width}v-9q0-5 -5-5h-${width - 10}q-5 0-5 5z` });
}

function glass(state, y) {
  const lit = state.in_use ? "bar lit" : "bar";
  return s(
    "g",
    { class: "glass" },
    s("rect", { class: "pane", x: 44, y, width: 232, height: 9, rx: 2 }),
    state.glass === null || state.glass === undefined ? null : s("rect", { class: "paper", x: 56, y: y - 3.5, width: 150, height: 4, rx: 1 }),
    s("rect", { class: lit, x: 58, y: y + 14, width: 22, height: 6, rx: 3 }),
  );
}

function camera(state) {
  return s(
    "g",
    { class: "camera" },
    s("rect", { class: "body", x: 92, y: 46, width: 136, height: 92, rx: 18 }),
    s("circle", { class: "lens", cx: 160, cy: 92, r: 30 }),
    s("circle", { class: "pupil", cx: 160, cy: 92, r: 14 }),
    s("circle", { class: state.in_use ? "lamp lit" : "lamp", cx: 208, cy: 64, r: 4 }),
    s("path", { class: "tray", d: "M160 138v24M120 176h80M160 162l-30 14M160 162l30 14" }),
  );
}

function plug(state, x, y) {
  const out = state.plugged === false;
  const end = x + (out ? 14 : 0);
  return s(
    "g",
    { class: out ? "plug out" : "plug" },
    s("path", { class: "cord", d: `M${x + 60} ${y}v8q0 10-10 10H${end}` }),
    s("path", { d: `M${end} ${y + 11}h-10v14h10z` }),
    s("path", { d: `M${end - 10} ${y + 15}h-6M${end - 10} ${y + 21}h-6` }),
    s("path", { class: "socket", d: `M${x - 17} ${y + 9}v18` }),
  );
}

/** What somebody sees, in one sentence; the drawing's name for a screen reader. */
export function words(name, what, state) {
  if (!state) return `${name}: its state cannot be seen`;
  const parts = [];
  if (state.plugged === false) parts.push("unplugged");
  if (what?.capacity) parts.push(`${state.hopper} sheets in the hopper`, `${state.output} put out`);
  if (what?.flatbed) parts.push(state.glass === null ? "nothing on the glass" : `sheet ${state.glass} on the glass`);
  if (state.jammed) parts.push("paper is stuck");
  if (state.cover_open) parts.push("cover open");
  if (state.in_use) parts.push("in use");
  return `${name}: ${parts.join(", ") || "ready"}`;
}

function flatbed(seen, what) {
  if (!what.capacity) return [s("rect", { class: "body", x: 34, y: 104, width: 252, height: 70, rx: 10 }), glass(seen, 112), lid(seen.cover_open, 40, 104, 240), plug(seen, 60, 174)];
  return [
    s("rect", { class: "body", x: 34, y: 124, width: 252, height: 54, rx: 10 }),
    glass(seen, 131),
    s("g", { transform: "translate(0 6)" }, s("rect", { class: "body", x: 106, y: 58, width: 104, height: 58, rx: 10 }), feeder(seen, 14)),
    what.cover ? lid(seen.cover_open, 112, 64, 92) : null,
    plug(seen, 60, 178),
  ];
}

function sheetfed(seen, what) {
  return [
    s("rect", { class: "body", x: 104, y: 68, width: 132, height: 112, rx: 12 }),
    s("rect", { class: seen.in_use ? "bar lit" : "bar", x: 176, y: 122, width: 26, height: 6, rx: 3 }),
    feeder(seen, 80),
    what.cover ? lid(seen.cover_open, 112, 68, 116) : null,
    plug(seen, 76, 180),
  ];
}

/** A device of which nothing is known but that it scans. */
function plain(seen) {
  return [s("rect", { class: "body", x: 64, y: 92, width: 192, height: 74, rx: 12 }), s("path", { class: "tray", d: "M84 118h152" }), s("rect", { class: seen.in_use ? "lamp lit" : "lamp", x: 220, y: 140, width: 14, height: 8, rx: 4 })];
}

/** The drawing. */
export function drawing(name, what, state, kind = "scanner") {
  const seen = state ?? {};
  let parts = plain(seen);
  if (kind === "camera") parts = camera(seen);
  else if (what?.flatbed) parts = flatbed(seen, what);
  else if (what?.capacity) parts = sheetfed(seen, what);
  const classes = ["machine", seen.plugged === false ? "dark" : "", seen.conditions?.includes("WARMING_UP") ? "warming" : ""].filter(Boolean).join(" ");
  return s("svg", { class: classes, viewBox: "0 -12 320 228", role: "img", "aria-label": words(name, what, state) }, parts);
}
