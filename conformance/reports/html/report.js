// Filtering, opening what a link leads to, copying the replay line. The report can be read without any of it.
"use strict";
const details = [...document.querySelectorAll("main > section > details")];
const which = document.getElementById("which");
const words = document.getElementById("words");

function filter() {
  const wanted = words.value.trim().toLowerCase();
  let shown = 0;
  for (const entry of details) {
    const fits = (!which.value || entry.dataset.verdict === which.value) && (!wanted || entry.textContent.toLowerCase().includes(wanted));
    entry.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").textContent = `${shown} of ${details.length}`;
}

function open() {
  const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (entry instanceof HTMLDetailsElement) {
    entry.hidden = false;
    entry.open = true;
    entry.scrollIntoView();
  }
}

document.getElementById("filter").hidden = false;
document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
which.addEventListener("change", filter);
words.addEventListener("input", filter);
window.addEventListener("hashchange", open);
for (const line of document.querySelectorAll(".copy")) {
  line.title = "Click to copy";
  line.addEventListener("click", () => navigator.clipboard?.writeText(line.textContent));
}
filter();
open();
