// One watchlist: its settings, and what is on it.

import { call, getJson, sendJson } from "./api.js";
import { byId, element } from "./dom.js";
import { Entries } from "./entries.js";
import { attempt, clearFaults, confirmed, onSave } from "./forms.js";
import { nameOf, pathOf } from "./lists.js";
import { text } from "./texts.js";

export class ListDialog {
  constructor(lists, put) {
    this.lists = lists;
    this.put = put;
    this.list = null; // null while it is a new one
    this.plate = "";
    this.cameras = [];
    this.entries = new Entries(put, () => lists.refresh());
    this.dialog = byId("watchlist");
    this.form = byId("watchlist-form");
    onSave(this.form, () => this.save());
    byId("remove-list").addEventListener("click", () => attempt(this.form, () => this.remove()));
    this.dialog.addEventListener("close", () => lists.focus(this.list?.id));
  }

  setCameras(cameras) {
    this.cameras = cameras;
  }

  /** Shows a list, or what a new one needs; a plate is what its first entry will be. */
  open(list, plate = "") {
    this.plate = plate;
    this.form.reset();
    clearFaults(this.form);
    this.fill(list ?? { name: "", action: "alert", cameras: [], groups: [] });
    this.show(list);
    this.dialog.showModal();
    (list ? byId("add-entry") : this.form.elements.id).focus();
  }

  show(list) {
    const isNew = list === null;
    this.entitle(list);
    this.say("");
    this.form.elements.id.disabled = !isNew;
    byId("watchlist-new").hidden = !isNew;
    byId("remove-list").hidden = isNew;
    byId("watchlist-settings").open = isNew;
    byId("watchlist-settings").querySelector("summary").hidden = isNew;
    this.entries.open(list);
  }

  entitle(list) {
    this.list = list;
    byId("watchlist-title").textContent = list ? nameOf(list) : text("new_list");
  }

  fill({ name, action, cameras, groups }) {
    const known = new Map(this.cameras.map((camera) => [camera.id, camera.name || camera.id]));
    const all = (...ids) => [...new Set(ids.flat())].sort();
    const choices = [
      ...all(groups, this.cameras.flatMap((camera) => camera.groups)).map((group) => choice("groups", group, text("group", { name: group }), groups)),
      ...all(cameras, [...known.keys()]).map((id) => choice("cameras", id, known.get(id) ?? id, cameras)),
    ];
    this.form.elements.name.value = name;
    this.form.elements.action.value = action;
    byId("watchlist-where").hidden = choices.length === 0;
    byId("watchlist-choices").replaceChildren(...choices);
  }

  async save() {
    const form = new FormData(this.form);
    const settings = { name: form.get("name").trim(), action: form.get("action"), cameras: form.getAll("cameras"), groups: form.getAll("groups") };
    if (this.list) {
      this.entitle(await sendJson("PUT", pathOf(this.list), settings));
      this.say(text("saved"));
    } else {
      this.show(await sendJson("POST", "/v1/watchlists", { id: form.get("id").trim(), ...settings }));
      byId("add-entry").focus();
      if (this.plate) this.entries.add(this.plate);
    }
    await this.lists.refresh();
  }

  async remove() {
    const { entries } = await getJson(pathOf(this.list));
    if (!await confirmed(text("remove_list_sure", { name: nameOf(this.list), n: entries }), text("remove_list"))) return;
    await call(pathOf(this.list), { method: "DELETE" });
    this.list = null;
    await this.lists.refresh();
    this.dialog.close();
  }

  say(sentence) {
    byId("watchlist-say").textContent = sentence;
  }
}

function choice(name, value, label, chosen) {
  return element("label", {}, element("input", { type: "checkbox", name, value, checked: chosen.includes(value) }), label);
}
