// What somebody who stands before a machine can do to it: only what the device offers.

import { button, field, h, number, select } from "./dom.js";

const FAULT_WORDS = {
  empty: "hopper runs empty",
  jam: "paper jam",
  multifeed: "two sheets at once",
  "cover-open": "cover opens",
  busy: "in use by others",
  unplugged: "plug is pulled",
  slow: "slow",
  hang: "hangs",
  crash: "driver crashes",
  truncated: "transfer breaks off",
  cancelled: "somebody cancels",
  error: "error without a cause",
  corrupted: "wrong bytes",
  "half-resolution": "half the resolution",
  dropped: "frame is lost",
  repeated: "frame comes twice",
  torn: "frame is torn",
  frozen: "picture stands still",
};

function group(title, ...children) {
  const shown = children.flat().filter(Boolean);
  return shown.length ? h("fieldset", {}, h("legend", {}, title), shown) : null;
}

function row(...children) {
  const shown = children.flat().filter(Boolean);
  return shown.length ? h("div", { class: "row" }, shown) : null;
}

function value(id) {
  const text = document.getElementById(id).value.trim();
  return text === "" ? null : text;
}

function whole(id) {
  const text = value(id);
  return text === null ? null : Number(text);
}

function given(pairs) {
  return Object.fromEntries(Object.entries(pairs).filter(([, item]) => item !== null));
}

function papers(what) {
  return Object.entries(what?.papers ?? { a4: [210, 297] }).map(([name, [width, length]]) => [name, `${name.length <= 2 ? name.toUpperCase() : name[0].toUpperCase() + name.slice(1)} (${width} × ${length} mm)`]);
}

/** The controls; `act(action, arguments)` does it. What they show of the state is set by `update`. */
export function controls(device, what, act) {
  const has = (action) => device.actions.includes(action);
  const does = (text, action, make = () => ({}), properties = {}) => (has(action) ? button(text, () => act(action, make()), { "data-action": action, ...properties }) : null);
  return h(
    "div",
    { class: "controls" },
    group(
      "Paper in the feeder",
      has("load") ? row(field("Sheets", number("load-count", 5, 1, 10000)), field("Size", select("load-size", papers(what), "a4")), does("Load", "load", () => ({ count: whole("load-count") ?? 0, size: value("load-size") }), { class: "main" })) : null,
      row(does("Take all out", "unload"), does("Clear the jam", "clear-jam")),
    ),
    group(
      "Glass",
      has("place-sheet") ? row(field("Size", select("place-size", papers(what), "a4")), does("Place a sheet", "place-sheet", () => ({ size: value("place-size") }), { class: "main" }), does("Remove it", "remove-sheet"), does("Wipe it", "clean-glass")) : null,
    ),
    group(
      "Machine",
      row(does("Open the cover", "open-cover"), does("Close the cover", "close-cover"), does("Pull the plug", "unplug"), does("Put the plug back", "replug")),
      has("press-button") && what?.buttons.length ? row(what.buttons.map((name) => button(`Press “${name}”`, () => act("press-button", { name }), { "data-action": "press-button" }))) : null,
    ),
    group(
      "Faults",
      has("fault")
        ? [
            row(device.faults.includes("jam") ? button("Jam the next sheet", () => act("fault", { kind: "jam" }), { class: "main", "data-action": "jam" }) : null),
            h(
              "details",
              {},
              h("summary", {}, "Another fault"),
              h(
                "div",
                { class: "row" },
                field("What", select("fault-kind", device.faults.map((kind) => [kind, FAULT_WORDS[kind] ?? kind]))),
                field("At sheet", number("fault-sheet", "", 1, 10000, "next")),
                field("At page", number("fault-page", "", 1, 10000, "any")),
                field("Seconds", h("input", { id: "fault-seconds", type: "number", min: 0, step: "any", placeholder: "–" })),
                field("Times (0: always)", number("fault-times", 1, 0, 10000)),
                button("Arm it", () => act("fault", given({ kind: value("fault-kind"), sheet: whole("fault-sheet"), page: whole("fault-page"), seconds: whole("fault-seconds"), times: whole("fault-times") })), { "data-action": "fault" }),
              ),
            ),
            has("scenario") && what?.scenarios
              ? row(
                  field("Scenario", select("scenario-name", Object.keys(what.scenarios).map((name) => [name, name.replaceAll("-", " ")]))),
                  button("Play it", () => act("scenario", { shipped: value("scenario-name") }), { "data-action": "scenario" }),
                  has("clear-scenario") ? does("End it", "clear-scenario") : null,
                )
              : null,
            h("div", { id: "armed" }),
            row(does("Disarm all", "clear-faults"), does("Reset the device", "reset", undefined, { class: "quiet" })),
          ]
        : null,
    ),
  );
}

/** Let the controls follow the state: what makes no sense now is off. */
export function update(root, state) {
  const off = {
    "clear-jam": !state?.jammed,
    "open-cover": state?.cover_open,
    "close-cover": !state?.cover_open,
    unplug: state?.plugged === false,
    replug: state?.plugged !== false,
    "remove-sheet": state?.glass === null,
    unload: state?.hopper === 0,
  };
  for (const [action, disabled] of Object.entries(off)) {
    for (const element of root.querySelectorAll(`[data-action="${action}"]`)) element.setAttribute("aria-disabled", String(Boolean(disabled)));
  }
  const armed = root.querySelector("#armed");
  if (!armed) return;
  const faults = state?.faults ?? [];
  armed.replaceChildren(
    faults.length
      ? h("ul", { class: "armed" }, faults.slice(0, 20).map((fault) => h("li", {}, FAULT_WORDS[fault.kind] ?? String(fault.kind), h("small", {}, [fault.code ?? "", fault.sheet ? `sheet ${fault.sheet}` : "", fault.page ? `page ${fault.page}` : "", fault.seconds ? `${fault.seconds} s` : "", fault.times === 0 ? "always" : fault.times > 1 ? `${fault.times} times` : ""].filter(Boolean).join(", ")))), faults.length > 20 ? h("li", {}, `and ${faults.length - 20} more`) : null)
      : h("p", { class: "muted" }, "No faults are armed."),
  );
}
