// Plates: a search among all that were read.

import { getJson } from "./api.js";
import { byId, element, table } from "./dom.js";
import { sentenceOf } from "./forms.js";
import { clock, onLanguage, percent, text } from "./texts.js";

const PAGE = 50;
const MATCHES = ["exact", "prefix", "pattern", "near"];
const COLUMNS = ["fact_plate", "when", "fact_camera", "filter_kind", "fact_score", "crop"];

export class Plates {
  constructor(lists, put) {
    this.lists = lists;
    this.put = put;
    this.cameras = new Map();
    this.items = [];
    this.next = null;
    this.asked = null;
    this.dialog = byId("plates");
    this.form = byId("plate-search");
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog) this.dialog.close();
    });
    this.form.addEventListener("submit", (submit) => this.search(submit));
    byId("more-plates").addEventListener("click", () => this.load());
    onLanguage(() => this.render());
  }

  setCameras(cameras) {
    this.cameras = new Map(cameras.map((camera) => [camera.id, camera]));
  }

  async open() {
    this.dialog.showModal();
    this.form.elements.plate.focus();
    try {
      await this.lists.load();
    } catch (problem) {
      this.say(sentenceOf(problem));
    }
  }

  async search(submit) {
    submit.preventDefault();
    this.asked = new URLSearchParams({ limit: PAGE });
    for (const name of ["plate", "match", "reason"]) {
      const value = this.form.elements[name].value.trim();
      if (value) this.asked.set(name, value);
    }
    this.items = [];
    this.next = null;
    await this.load();
  }

  async load() {
    const asked = this.asked;
    if (this.next) asked.set("cursor", this.next);
    byId("more-plates").disabled = true;
    try {
      const page = await getJson(`/v1/plates?${asked}`);
      if (asked !== this.asked) return;
      this.items.push(...page.items);
      this.next = page.next;
      this.say(this.items.length ? text("plates_found", { n: this.items.length }) : text("no_plates"));
    } catch (problem) {
      if (asked !== this.asked) return;
      this.say(sentenceOf(problem));
    }
    byId("more-plates").disabled = false;
    this.render();
  }

  say(sentence) {
    byId("plates-say").textContent = sentence;
  }

  render() {
    const { match } = this.form.elements;
    const chosen = match.value || "prefix";
    match.replaceChildren(...MATCHES.map((name) => new Option(text(`match_${name}`), name, false, name === chosen)));
    byId("more-plates").hidden = this.next === null;
    const titles = [...COLUMNS.map((column) => text(column)), ""];
    byId("plates-table").replaceChildren(...this.items.length ? [table(text("plates"), titles, this.items.map((item) => this.row(item)))] : []);
  }

  row(item) {
    const camera = this.cameras.get(item.camera);
    const why = this.asked.has("reason") ? `?${new URLSearchParams({ reason: this.asked.get("reason") })}` : "";
    const crop = item.crop && element("a", { href: item.crop + why, target: "_blank", rel: "noopener", textContent: text("crop") });
    return [item.plate, clock(item.time, camera?.time_zone), camera?.name || item.camera, text(`kind_${item.kind}`), percent(item.score), crop ?? "", this.putButton(item)];
  }

  putButton({ plate }) {
    const put = () => this.put.open({ plate, onPut: (entry, list, sentence) => this.say(sentence) });
    return element("button", { type: "button", className: "quiet", textContent: text("put_on_list"), attributes: { "aria-label": text("put_of", { plate }) }, onclick: put });
  }
}
