// Elements from data. Text only ever becomes a text node, so nothing that a device is called can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: `h("p", {class: "x", onclick: f}, "text", child, [more])`. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An SVG element, in the same way. */
export function s(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Give an element these children; those that are equal already stay, with their focus, selection and scrolling. */
export function put(element, ...children) {
  const fresh = [...h("div", {}, ...children).childNodes];
  const old = [...element.childNodes];
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  if (fresh.length === old.length) {
    fresh.forEach((node, index) => {
      if (!node.isEqualNode(old[index])) old[index].replaceWith(node);
    });
  } else element.replaceChildren(...fresh);
  if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus();
}

/** A button. */
export function button(text, onclick, properties = {}) {
  return h("button", { type: "button", onclick, ...properties }, text);
}

/** A labelled field: the label and the control stand together. */
export function field(label, control) {
  return h("label", { class: "field" }, h("span", {}, label), control);
}

/** A choice among `[value, text]` pairs. */
export function select(id, options, chosen) {
  const element = h("select", { id }, options.map(([value, text]) => h("option", { value }, text)));
  if (chosen !== undefined) element.value = chosen;
  return element;
}

/** A field for whole numbers. */
export function number(id, value, min, max, placeholder = "") {
  return h("input", { id, type: "number", inputmode: "numeric", min, max, step: 1, value, placeholder });
}

/** Term and description pairs. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(Boolean).map(([term, ...value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}

/** A size in the unit that people read. */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A time span in words. */
export function span(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}
