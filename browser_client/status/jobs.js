// The jobs of all clients, with their pages.

import * as api from "./api.js";
import { button, h, put } from "./dom.js";
import { oneAtATime } from "./live.js";
import { pages } from "./scan.js";

const PAGES_SHOWN = 12;

export class JobsView {
  constructor(problem) {
    this.problem = problem;
    this.list = h("ol", { class: "jobs" });
    this.empty = h("p", { class: "muted" });
    this.root = h("section", { "aria-labelledby": "jobs-title" }, h("h1", { id: "jobs-title" }, "Jobs"), this.empty, this.list);
    this.items = new Map();
    this.refresh = oneAtATime(() => this.load());
  }

  async load() {
    const jobs = await api.jobs();
    const uids = new Set(jobs.map((job) => job.job));
    for (const [uid, item] of this.items) {
      if (uids.has(uid)) continue;
      item.remove();
      this.items.delete(uid);
    }
    for (const job of jobs) {
      let item = this.items.get(job.job);
      if (!item) {
        item = h("li", { class: "card job" }, h("div", { class: "top" }), h("ul", { class: "thumbnails" }));
        this.items.set(job.job, item);
        this.list.prepend(item);
      }
      put(item.firstChild, this.head(job));
      const row = item.lastChild;
      if (row.children.length < Math.min(job.pages.length, PAGES_SHOWN)) row.replaceChildren(...pages(job).slice(-PAGES_SHOWN));
    }
    this.empty.textContent = jobs.length ? "" : "No client has made a job yet, or all were deleted.";
  }

  head(job) {
    return [
      h("div", { class: "title" }, h("h2", {}, job.scanner), h("span", { class: `pill ${job.status}` }, job.status)),
      h("p", { class: "muted" }, h("code", {}, job.job), ` · ${job.count} ${job.count === 1 ? "page" : "pages"} · `, job.origin === null ? "a client without an origin" : job.origin === location.origin ? "taken on this panel" : job.origin),
      job.status === "faulted" ? h("p", { class: "outcome" }, `${job.message} (${job.code})`) : null,
      button("Delete", () => this.remove(job.job), { id: `delete-${job.job}`, class: "quiet", "aria-label": `Delete the job ${job.job}` }),
    ];
  }

  async remove(uid) {
    try {
      await api.deleteJob(uid);
    } catch (error) {
      if (![404, 410].includes(error.status)) this.problem(error.message);
    }
    await this.refresh();
  }
}
