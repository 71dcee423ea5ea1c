"use strict";
const form = document.getElementById("judgement");
const scales = Array.from(document.querySelectorAll("[data-scale]"));
const keyed = new Map(Array.from(document.querySelectorAll("[data-key]"), (element) => [element.dataset.key, element]));
let marked = 0;

function mark(index) {
  marked = Math.max(0, Math.min(index, scales.length - 1));
  scales.forEach((scale, number) => scale.classList.toggle("marked", number === marked));
}

function rate(points) {
  const wanted = scales[marked].querySelector(`input[value="${points || ""}"]`);
  wanted.checked = true;
  if (points) mark(marked + 1);
}

function press(key, event) {
  const target = keyed.get(key);
  if (key === "t") {
    for (const box of document.querySelectorAll("details.reasoning")) box.open = !box.open;
  } else if (key === "c" && form) {
    form.querySelector("textarea").focus();
  } else if ("qwe".includes(key) && scales["qwe".indexOf(key)]) {
    mark("qwe".indexOf(key));
  } else if (/^[0-5]$/.test(key) && scales.length) {
    rate(Number(key));
  } else if (target && !(key === "Enter" && event.target.closest("a, button, summary"))) {
    target.click();
  } else {
    return;
  }
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, input:not([type=radio])");
  if (writing && event.key === "Escape") event.target.blur();
  if (writing && event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  if (writing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  press(event.key.length === 1 ? event.key.toLowerCase() : event.key, event);
});

for (const each of document.forms) {
  each.addEventListener("submit", (event) => {
    if (each.dataset.sent) event.preventDefault();
    each.dataset.sent = "yes";
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
if (scales.length) mark(0);
