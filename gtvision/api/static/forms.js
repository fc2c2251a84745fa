// Forms: what the API says is wrong stands beside the field that it names, and nothing that was typed is lost.

import { Problem } from "./api.js";
import { byId, element } from "./dom.js";
import { text } from "./texts.js";

/** What went wrong, as a sentence for people. */
export function sentenceOf(problem) {
  return problem instanceof Problem ? problem.message : text("no_answer");
}

export function clearFaults(form) {
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const fault of form.querySelectorAll(".field .fault")) fault.remove();
  form.querySelector(".rest").textContent = "";
}

/** Does the task for that form; what goes wrong is shown in the form, beside its fields where a field is named. */
export async function attempt(form, task) {
  clearFaults(form);
  try {
    await task();
  } catch (problem) {
    showFaults(form, problem);
  }
}

/** Saves whenever the form is submitted, never twice at once. */
export function onSave(form, save) {
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await attempt(form, save);
    form.removeAttribute("aria-busy");
  });
}

/** Asks in a dialog of its own; true when the answer is the action, which is not the one that has the focus. */
export function confirmed(sentence, action) {
  const dialog = byId("confirm");
  byId("confirm-sentence").textContent = sentence;
  byId("confirm-yes").textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function showFaults(form, problem) {
  const rest = [];
  for (const { field, detail } of problem.faults ?? [{ field: "", detail: sentenceOf(problem) }]) {
    const input = form.querySelector(`.field [name="${field.split(/\W/)[0]}"]`);
    if (input) mark(input, detail.replace(`${field}: `, ""));
    else rest.push(detail);
  }
  form.querySelector(".rest").textContent = rest.join(" ");
  form.querySelector("[aria-invalid]")?.focus();
}

function mark(input, sentence) {
  const place = input.closest(".field");
  const id = `${place.closest("form").getAttribute("id")}-${input.name}-fault`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  place.append(element("p", { id, className: "fault", textContent: sentence }));
}
