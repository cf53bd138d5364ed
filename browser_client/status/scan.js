// Take a scan and look at it: a job as an application would make it, on the control API of this port.

import * as api from "./api.js";
import { field, h, number, select } from "./dom.js";
import { enlarge, picture } from "./pictures.js";

const MODES = { color: "Colour", gray: "Grey", lineart: "Black and white" };
const LOOK_EVERY = 300;

function sources(what) {
  return (what?.sources ?? []).map((source) => [source.name, `${source.name}`]);
}

/** The form, and where the pages come; `problem(message)` says what went wrong. */
export function scanner(device, what, problem) {
  const found = h("div", { class: "result", "aria-live": "polite" });
  const modes = [...new Set((what?.sources ?? []).flatMap((source) => source.modes))];
  const resolutions = [...new Set((what?.sources ?? []).flatMap((source) => source.resolutions))].sort((a, b) => a - b);
  const nearest = resolutions.find((dpi) => dpi >= 150) ?? resolutions.at(-1) ?? 150;
  const go = h("button", { type: "submit", class: "main", id: "scan-go" }, "Take a scan");
  const form = h(
    "form",
    { class: "row", "aria-label": "Take a scan" },
    what?.sources.length > 1 ? field("Source", select("scan-source", sources(what), what.default_source)) : null,
    field("Mode", select("scan-mode", (modes.length ? modes : Object.keys(MODES)).map((mode) => [mode, MODES[mode] ?? mode]), "color")),
    field("Resolution", select("scan-dpi", (resolutions.length ? resolutions : [75, 150, 300]).map((dpi) => [dpi, `${dpi} dpi`]), nearest)),
    field("Pages", number("scan-pages", "", 1, 1000, "all")),
    go,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    try {
      const read = (id) => document.getElementById(id)?.value ?? "";
      const source = what?.sources.find((item) => item.name === (read("scan-source") || what.default_source));
      const wish = { device: device.id, mode: read("scan-mode"), resolution: Number(read("scan-dpi")) };
      if (source && source.kind.startsWith("feeder")) Object.assign(wish, { feeder: true, duplex: source.kind === "feeder-duplex" });
      else if (source && source.kind === "flatbed") wish.feeder = false;
      if (read("scan-pages")) wish.pages = Number(read("scan-pages"));
      let job = await api.scan(wish);
      show(found, job);
      while (job.status === "running" || job.status === "pending") {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
        job = await api.job(job.job);
        show(found, job);
      }
      if (job.status === "faulted") problem(`The scan ended with: ${job.message}`);
    } catch (error) {
      problem(error.message);
    } finally {
      go.disabled = false;
    }
  });
  return h("section", { class: "card", "aria-labelledby": "scan-title" }, h("h3", { id: "scan-title" }, "Take a scan and look at it"), form, found);
}

function caption(page) {
  const sheet = page.sheet === null ? "" : `sheet ${page.sheet} ${page.side}, `;
  return `Page ${page.index + 1}: ${sheet}${page.width} × ${page.height ?? "?"} px, ${page.mode} ${page.depth} bit, ${page.dpi ?? "?"} dpi, ${page.type}`;
}

/** The pages of a job as pictures. */
export function pages(job) {
  const items = job.pages.map((page) => ({ path: api.jobPagePath(job.job, page.index), text: caption(page) }));
  return items.map((item, index) =>
    h("li", {}, h("button", { type: "button", class: "thumbnail large", "aria-label": `${item.text}, show large`, onclick: () => enlarge(items, index) }, picture(item.path, ""), h("span", { class: "under" }, `Page ${index + 1}`))),
  );
}

function show(found, job) {
  const known = found.querySelector("ul.thumbnails");
  const list = known && found.dataset.job === job.job ? known : h("ul", { class: "thumbnails" });
  const fresh = pages(job);
  for (const item of fresh.slice(list.children.length)) list.append(item);
  found.dataset.job = job.job;
  found.dataset.status = job.status;
  const words = { running: "Scanning …", pending: "Waiting …", completed: "Done.", faulted: "It went wrong.", canceled: "Cancelled." };
  found.replaceChildren(
    h("p", {}, h("span", { class: `pill ${job.status}` }, words[job.status] ?? job.status), ` ${job.count} ${job.count === 1 ? "page" : "pages"}`, job.status === "faulted" ? h("span", { class: "outcome" }, ` ${job.message}`) : null),
    list,
  );
}

