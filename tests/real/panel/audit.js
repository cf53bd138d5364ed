// What tools for accessibility look at, as far as it can be computed; gives what is wrong, in words.
() => {
  const wrong = [];
  const all = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility());
  const text = (element) => (element.textContent || "").trim();
  const name = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => text(document.getElementById(id) || document.createElement("i"))).join(" ").trim();
    const label = element.labels && element.labels.length ? text(element.labels[0]) : "";
    return by || element.getAttribute("aria-label") || label || element.getAttribute("alt") || text(element);
  };
  for (const element of all) {
    const where = element.outerHTML.slice(0, 120);
    if (element.matches("a[href], button, input, select, summary, meter, [role=img]") && !element.closest("[aria-hidden=true]") && !name(element)) wrong.push(`no name: ${where}`);
    if (element.matches("img") && !element.hasAttribute("alt")) wrong.push(`no alt: ${where}`);
    if (element.matches("[tabindex]") && element.tabIndex > 0) wrong.push(`an order of its own: ${where}`);
    if (element.matches("[aria-hidden=true]") && element.tabIndex >= 0 && element.matches("a, button, input, select")) wrong.push(`hidden, but focusable: ${where}`);
    if (element.matches("button button, a a, button a, a button")) wrong.push(`a control in a control: ${where}`);
    if (element.matches("button, input, select") && element.getBoundingClientRect().height < 24) wrong.push(`too small: ${where}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push(`id twice: ${id}`);
  if (!document.documentElement.lang) wrong.push("no language");
  if (!document.title) wrong.push("no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`wider than the window: ${root.scrollWidth} of ${root.clientWidth}`);
  const colour = (value) => (value.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0.99) return found;
    }
    return [255, 255, 255];
  };
  for (const element of all) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg, .visually-hidden, option, [aria-disabled=true], :disabled")) continue;
    const style = getComputedStyle(element);
    const [one, other] = [light(colour(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
  }
  return wrong;
}
