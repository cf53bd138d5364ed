// Pictures of pages: fetched with the token, shown as blobs, a bounded number of them kept; and the window that shows one large.

import * as api from "./api.js";
import { button, h } from "./dom.js";

const KEPT = 120;
const kept = new Map();

/** The address of a picture, fetched once however many show it. */
function source(path) {
  const known = kept.get(path);
  if (known) return known;
  const coming = api.blob(path).then((data) => URL.createObjectURL(data));
  kept.set(path, coming);
  coming.catch(() => kept.delete(path));
  for (const [old, url] of kept) {
    if (kept.size <= KEPT) break;
    kept.delete(old);
    release(url);
  }
  return coming;
}

function release(coming) {
  coming.then((url) => URL.revokeObjectURL(url), () => {});
}

/** Forget all: after a reset of a device its entries mean other pages. */
export function forget() {
  for (const url of kept.values()) release(url);
  kept.clear();
}

/** An image that comes when it has been fetched. */
export function picture(path, alt) {
  const image = h("img", { alt, decoding: "async" });
  source(path).then(
    (url) => {
      image.src = url;
    },
    () => {
      image.alt = `${alt} (not kept any more)`;
    },
  );
  return image;
}

let shown = [];
let at = 0;

function show() {
  const window = document.getElementById("lightbox");
  const item = shown[at];
  window.querySelector("figure").replaceChildren(picture(item.path, item.text), h("figcaption", {}, item.text));
  window.querySelector(".count").textContent = `${at + 1} of ${shown.length}`;
  for (const [name, off] of [["previous", at === 0], ["next", at === shown.length - 1]]) {
    window.querySelector(`.${name}`).disabled = off;
  }
}

function turn(by) {
  const wanted = at + by;
  if (wanted < 0 || wanted >= shown.length) return;
  at = wanted;
  show();
}

/** Show pictures large, beginning with one of them; `items` are `{path, text}`. */
export function enlarge(items, index) {
  shown = items;
  at = index;
  show();
  document.getElementById("lightbox").showModal();
}

/** The window itself, once for the page. */
export function lightbox() {
  const window = h(
    "dialog",
    { id: "lightbox", class: "lightbox", "aria-label": "Page" },
    h(
      "div",
      { class: "bar" },
      button("Previous", () => turn(-1), { class: "previous quiet" }),
      h("span", { class: "count", role: "status" }),
      button("Next", () => turn(1), { class: "next quiet" }),
      button("Close", () => window.close(), { class: "quiet close" }),
    ),
    h("figure"),
  );
  window.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  window.addEventListener("click", (event) => {
    if (event.target === window) window.close();
  });
  return window;
}

/** Small pictures in a row; each opens large. */
export function thumbnails(items) {
  return h(
    "ul",
    { class: "thumbnails" },
    items.map((item, index) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "thumbnail", "aria-label": `${item.text}, show large`, onclick: () => enlarge(items.map((one) => ({ path: one.large, text: one.text })), index) },
          picture(item.small, ""),
          h("span", { class: "under" }, item.short),
        ),
      ),
    ),
  );
}
