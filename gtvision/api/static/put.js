// The form that puts a plate on a watchlist.

import { sendJson } from "./api.js";
import { byId } from "./dom.js";
import { attempt, onSave } from "./forms.js";
import { nameOf, pathOf } from "./lists.js";
import { text } from "./texts.js";

export class PutForm {
  constructor(lists) {
    this.lists = lists;
    this.onNoList = () => {}; // with the plate
    this.onPut = () => {};
    this.dialog = byId("put");
    this.form = byId("put-form");
    onSave(this.form, () => this.save());
  }

  /** Asks for what is missing. `onPut` hears the entry, its list, and a sentence that says so. */
  async open({ plate = "", listId = null, onPut }) {
    const { text: plateInput, list: choice } = this.form.elements;
    const chosen = listId ?? choice.value;
    let isLoaded = false;
    this.onPut = onPut;
    this.form.reset();
    await attempt(this.form, async () => {
      await this.lists.load();
      isLoaded = true;
    });
    const { items } = this.lists;
    if (isLoaded && !items.length) return this.onNoList(plate);
    choice.replaceChildren(...items.map((list) => new Option(nameOf(list), list.id, false, list.id === chosen)));
    plateInput.value = plate;
    this.dialog.showModal();
    plateInput.focus();
  }

  async save() {
    const form = new FormData(this.form);
    const list = this.lists.items.find(({ id }) => id === form.get("list"));
    const entry = await sendJson("POST", `${pathOf(list)}/entries`, {
      text: form.get("text"),
      match: form.get("match"),
      valid_from: momentOf(form.get("valid_from")),
      valid_to: momentOf(form.get("valid_to")),
      reason: form.get("reason").trim(),
    });
    this.dialog.close();
    this.lists.refresh();
    this.onPut(entry, list, text("put_done", { plate: entry.text, list: nameOf(list) }));
  }
}

/** The moment of a local date and time, null for none. */
function momentOf(local) {
  return local ? new Date(local).toISOString() : null;
}
