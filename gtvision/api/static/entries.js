// What is on one watchlist: a page at a time, one more, one less, a file in, a file out.

import { call, getJson } from "./api.js";
import { byId, element, table } from "./dom.js";
import { attempt, confirmed } from "./forms.js";
import { nameOf, pathOf } from "./lists.js";
import { clock, text, whole } from "./texts.js";

const PAGE = 100;
const FILE_MS = 120_000;

export class Entries {
  constructor(put, onChange) {
    this.put = put;
    this.onChange = onChange;
    this.list = null;
    this.items = new Map(); // another one once they are loaded anew
    this.next = null;
    this.form = byId("entries-form");
    const does = (id, task) => byId(id).addEventListener("click", () => attempt(this.form, task));
    this.form.addEventListener("submit", (submit) => {
      submit.preventDefault();
      attempt(this.form, () => this.load());
    });
    does("more-entries", () => this.load(this.next));
    does("export-entries", () => this.export());
    byId("add-entry").addEventListener("click", () => this.add());
    byId("import-entries").addEventListener("click", () => byId("import-file").click());
    byId("import-file").addEventListener("change", ({ target }) => attempt(this.form, () => this.import(target)));
  }

  /** Shows what is on that list; nothing of a new one, which is null. */
  open(list) {
    this.list = list;
    this.items = new Map();
    this.next = null;
    this.say("");
    this.render();
    byId("entries").hidden = list === null;
    this.form.elements.reason.value = byId("plate-search").elements.reason.value;
    if (list) attempt(this.form, () => this.load());
  }

  async load(cursor = null) {
    const items = cursor ? this.items : new Map();
    this.items = items;
    const page = await getJson(this.address("entries", { limit: PAGE, ...cursor && { cursor } }));
    if (items !== this.items) return;
    for (const entry of page.items) items.set(entry.id, entry);
    this.next = page.next;
    this.say(items.size ? "" : text("no_entries"));
    this.render();
  }

  /** Looking into a list is recorded, with the reason that was given. */
  address(what, query = {}) {
    const reason = this.form.elements.reason.value.trim();
    return `${pathOf(this.list)}/${what}?${new URLSearchParams({ ...query, ...reason && { reason } })}`;
  }

  add(plate = "") {
    this.put.open({ plate, listId: this.list.id, onPut: (entry, list, sentence) => {
      this.say(sentence);
      if (list.id !== this.list.id) return;
      this.items.delete(entry.id);
      this.items = new Map([[entry.id, entry], ...this.items]);
      this.render();
    } });
  }

  async remove(entry) {
    const sure = text("remove_entry_sure", { plate: entry.text, list: nameOf(this.list) });
    if (!await confirmed(sure, text("remove"))) return;
    await call(`${pathOf(this.list)}/entries/${entry.id}`, { method: "DELETE" });
    const place = [...this.items.keys()].indexOf(entry.id);
    this.items.delete(entry.id);
    this.say(text("removed", { plate: entry.text }));
    this.render();
    const buttons = byId("entries-table").querySelectorAll("button");
    (buttons[Math.min(place, buttons.length - 1)] ?? byId("add-entry")).focus();
    this.onChange();
  }

  async import(input) {
    const [file] = input.files;
    try {
      const answer = await call(`${pathOf(this.list)}/entries.csv`, { method: "POST", headers: { "Content-Type": "text/csv" }, body: file, signal: AbortSignal.timeout(FILE_MS) });
      const { added, entries } = await answer.json();
      this.onChange();
      await this.load();
      this.say(text("imported", { added: whole(added), n: whole(entries) }));
    } finally {
      input.value = ""; // so that the same file, mended, can be chosen again
    }
  }

  async export() {
    const answer = await call(this.address("entries.csv"), { signal: AbortSignal.timeout(FILE_MS) });
    const href = URL.createObjectURL(await answer.blob());
    element("a", { href, download: `${this.list.id}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(href), FILE_MS); // some browsers begin to read it later
  }

  say(sentence) {
    byId("entries-say").textContent = sentence;
  }

  render() {
    const titles = ["fact_plate", "match", "valid", "reason"].map((column) => text(column));
    const rows = [...this.items.values()].map((entry) => this.row(entry));
    byId("entries-table").replaceChildren(...rows.length ? [table(text("entries"), [...titles, ""], rows)] : []);
    byId("more-entries").hidden = this.next === null;
  }

  row(entry) {
    const remove = element("button", { type: "button", className: "quiet", textContent: text("remove"), attributes: { "aria-label": text("remove_of", { plate: entry.text }) }, onclick: () => attempt(this.form, () => this.remove(entry)) });
    return [entry.text, text(`match_${entry.match}`), validityOf(entry), entry.reason, remove];
  }
}

/** When it holds: "from 01/02/2026, 00:00:00 GMT-3"; the times are those of the browser's own zone. */
function validityOf({ valid_from: from, valid_to: to }) {
  const bounds = [from && ["valid_since", from], to && ["valid_until", to]].filter(Boolean);
  return bounds.map(([key, iso]) => text(key, { time: clock(iso, undefined, { withDay: true }) })).join(", ") || text("always");
}
