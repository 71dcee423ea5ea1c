"use strict";
const fields = ["candidate", "kind", "domain", "language"];
const control = (id) => document.getElementById(id);
const flips = Array.from(document.querySelectorAll("article"), (box) => ({ box, text: box.textContent.toLowerCase() }));

function filter() {
  const words = control("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { box, text } of flips) {
    const fits = fields.every((field) => !control(field).value || box.dataset[field] === control(field).value);
    box.hidden = !(fits && words.every((word) => text.includes(word)));
    shown += !box.hidden;
  }
  control("count").textContent = `${shown} of ${flips.length}`;
}

document.querySelector(".search").hidden = false;
control("words").addEventListener("input", filter);
for (const field of fields) control(field).addEventListener("change", filter);
filter();
