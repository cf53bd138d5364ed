// The status page: what the service knows of itself (S-027).

import * as api from "./api.js";
import { button, bytes, facts, field, h, put, select, span } from "./dom.js";
import { oneAtATime } from "./live.js";

const LEVELS = [[0, "off"], [1, "normal"], [30, "verbose"]];

function level(value) {
  return value === 0 ? "off" : value < 30 ? `normal (${value})` : "verbose (30)";
}

function card(title, ...children) {
  return h("section", { class: "card" }, h("h2", {}, title), children);
}

function link(url) {
  return url ? h("a", { href: url, rel: "noreferrer" }, url) : h("span", { class: "muted" }, "not open");
}

function meter(label, value, limit) {
  return h("div", { class: "meter" }, h("span", {}, label), h("meter", { min: 0, max: limit || 1, value, "aria-label": label }), h("span", { class: "muted" }, limit ? `${bytes(value)} of ${bytes(limit)}` : bytes(value)));
}

function trust(status) {
  if (!status.certificate) return h("p", { class: "muted" }, "No door speaks HTTPS.");
  return [
    facts([
      ["For", status.certificate.names.join(", ")],
      ["Until", `${status.certificate.end.slice(0, 10)} (${status.certificate.days_left} days)`],
      ["SHA-256", h("code", { class: "long" }, status.certificate.sha256)],
      status.ca ? ["Authority", h("code", {}, status.ca)] : ["Authority", "not ours: it came with --cert"],
    ]),
    status.ca ? h("p", {}, "Browsers trust it after ", h("code", {}, "flatbed cert install"), "; ", h("code", {}, "flatbed cert remove"), " undoes that. By hand: import the file above as an authority, for web sites only.") : null,
  ];
}

/** The view; with `control`, the log level and faults can be changed. */
export class ServiceView {
  constructor(problem, control) {
    this.problem = problem;
    this.control = control;
    this.body = h("div", { class: "tiles" });
    this.level = null;
    this.refresh = oneAtATime(() => this.load());
    this.changes = control ? h("div", { class: "tiles" }) : "";
    this.root = h("section", { "aria-labelledby": "service-title" }, h("h1", { id: "service-title" }, "Service"), this.body, this.changes);
  }

  async load() {
    this.show(await api.status());
    if (this.control) await this.showChanges();
  }

  show(status) {
    const { buffer, host } = status;
    const drivers = host?.drivers ?? [];
    put(
      this.body,
      card(
        "Status",
        facts([
          ["Status", h("span", { class: `pill ${status.status === "normal" ? "completed" : "warn"}` }, status.status === "normal" ? "Normal" : status.status)],
          ["Version", `${status.product} ${status.version}`],
          ["API", status.api_version],
          ["Access", status.access === "locked" ? "locked: this user, listed origins" : "lab: for tests, everything can be controlled"],
          ["Compatibility", status.compat],
          ["Up for", h("span", { class: "uptime" }, span(status.uptime))],
          ["Process", `${status.pid}, started again ${status.restarts} ${status.restarts === 1 ? "time" : "times"}`],
          status.consents_pending ? ["Waiting for consent", String(status.consents_pending)] : null,
          status.faults.length ? ["Faults on purpose", status.faults.join(", ")] : null,
        ]),
      ),
      card("Ports", facts([["API, HTTP", link(status.urls.http)], ["API, HTTPS", link(status.urls.https)], ["This page, HTTP", link(status.urls.status)], ["This page, HTTPS", link(status.urls.status_https)]])),
      card(
        "Paths",
        facts([
          ["Installed in", h("code", {}, status.paths.install)],
          ["Data", h("code", {}, status.paths.data)],
          ["Log", h("code", {}, status.paths.log), ` (${level(status.log_level)})`],
          ["Audit log", h("code", {}, status.paths.audit)],
          ["Dumps", h("code", {}, status.paths.dumps)],
          ["Configuration", status.paths.config.length ? status.paths.config.map((path) => h("code", {}, path)) : "no file; defaults, environment and flags"],
        ]),
      ),
      card("Page buffer", meter("Memory", buffer.memory, buffer.memory_limit), meter("Disk", buffer.disk ?? 0, buffer.disk_limit ?? 0), facts([["Pages", String(buffer.pages)], ["Jobs", String(buffer.jobs)]])),
      card(
        "Jobs",
        facts(Object.entries(status.jobs).map(([state, count]) => [state, String(count)])),
        status.scans.length ? h("ul", { class: "plain" }, status.scans.slice(-8).reverse().map((scan) => h("li", {}, h("span", { class: `pill ${scan.state}` }, scan.state), ` ${scan.device}, ${scan.pages} ${scan.pages === 1 ? "page" : "pages"}`, scan.state === "faulted" ? h("span", { class: "outcome" }, ` ${scan.message}`) : null))) : h("p", { class: "muted" }, "None is kept."),
        facts([["Expired", String(status.expired_jobs)], ["Requests waiting for a page", String(status.polls)]]),
      ),
      card(
        "Devices and drivers",
        facts([["Devices", String(status.devices)]]),
        h(
          "ul",
          { class: "plain" },
          drivers.map((driver) => {
            const failed = status.failed.find((item) => item.driver === driver.id);
            const late = status.late.includes(driver.id);
            return h("li", {}, h("strong", {}, driver.id), " ", h("span", { class: `pill ${failed ? "faulted" : late ? "warn" : "completed"}` }, failed ? "failed" : late ? "late" : "answers"), driver.restarts ? ` started again ${driver.restarts} times` : "", failed ? h("span", { class: "outcome" }, ` ${failed.message}`) : null);
          }),
        ),
      ),
      card("HTTPS", trust(status)),
      card("Requests to the API", Object.keys(status.answered).length ? facts(Object.entries(status.answered).map(([code, count]) => [code, String(count)])) : h("p", { class: "muted" }, "None yet.")),
    );
  }

  async showChanges() {
    const [faults, consent, status] = [await api.faults(), await api.consent(), await api.status()];
    const done = async (work) => {
      try {
        await work();
        await this.refresh();
      } catch (error) {
        this.problem(error.message);
      }
    };
    const nearest = status.log_level === 0 ? 0 : status.log_level < 30 ? 1 : 30;
    put(
      this.changes,
      card("Log level", h("div", { class: "row" }, field("Level", select("log-level", LEVELS)), button("Set it", () => done(() => api.setLogLevel(Number(document.getElementById("log-level").value))), { id: "log-set" }))),
      card(
        "Faults of the service",
        h("p", { class: "muted" }, "For tests of what an application does when the service is slow or away. This port has no faults."),
        h("div", { class: "row" }, field("Fault", select("service-fault", faults.profiles.map((item) => [item.name, item.name]))), field("Seconds", h("input", { id: "service-fault-seconds", type: "number", min: 1, value: 10 })), button("Have it", () => done(() => this.arm(faults)), { id: "service-fault-set" })),
        faults.active.length ? h("ul", { class: "plain" }, faults.active.map((item) => h("li", {}, h("strong", {}, String(item.name)), " ", button("Lift it", () => done(() => api.liftFault(item.name)), { id: `lift-${item.name}`, class: "quiet" })))) : h("p", { class: "muted" }, "None now."),
      ),
      consent.pending.length
        ? card("Somebody asks for a scanner", h("ul", { class: "plain" }, consent.pending.map((item) => h("li", {}, item.origin ?? "a client without an origin", " ", button("Allow", () => done(() => api.decide(item.number, true)), { id: `allow-${item.number}` }), button("Refuse", () => done(() => api.decide(item.number, false)), { id: `refuse-${item.number}`, class: "quiet" })))))
        : null,
      card("Start anew", h("p", { class: "muted" }, "Removes all jobs and puts every virtual device back to its start. Documents stay."), button("Reset everything", () => done(() => api.resetAll()), { id: "reset-all" })),
    );
    const chosen = document.getElementById("log-level");
    if (chosen && this.level !== nearest) chosen.value = String(nearest);
    this.level = nearest;
  }

  async arm(faults) {
    const name = document.getElementById("service-fault").value;
    const takes = faults.profiles.find((item) => item.name === name)?.takes ?? [];
    const seconds = Number(document.getElementById("service-fault-seconds").value);
    await api.setFault(takes.includes("duration") ? { name, duration: seconds } : { name });
  }
}
