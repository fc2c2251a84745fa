// Plates: a search among all that were read, and the watchlists.

import { getJson } from "./api.js";
import { byId, element } from "./dom.js";
import { clock, onLanguage, percent, text } from "./texts.js";

const PAGE = 50;
const MATCHES = ["exact", "prefix", "pattern", "near"];
const COLUMNS = ["fact_plate", "when", "fact_camera", "filter_kind", "fact_score", "crop"];
const LIST_COLUMNS = ["watchlist", "action", "entries", "where"];

export class Plates {
  constructor() {
    this.cameras = new Map();
    this.items = [];
    this.lists = [];
    this.next = null;
    this.asked = null;
    this.dialog = byId("plates");
    this.form = byId("plate-search");
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog || target.closest("[data-close]")) this.dialog.close();
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
      this.lists = (await getJson("/v1/watchlists")).items;
      this.render();
    } catch (problem) {
      this.say(problem.message);
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
    try {
      const page = await getJson(`/v1/plates?${asked}`);
      if (asked !== this.asked) return;
      this.items.push(...page.items);
      this.next = page.next;
      this.say(this.items.length ? text("plates_found", { n: this.items.length }) : text("no_plates"));
    } catch (problem) {
      this.say(problem.message);
    }
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
    byId("plates-table").replaceChildren(...this.items.length ? [table("plates", COLUMNS, this.items.map((item) => this.row(item)))] : []);
    const rows = this.lists.map((list) => [list.name || list.id, text(`action_${list.action}`), list.entries, [...list.cameras, ...list.groups].join(", ") || text("everywhere")]);
    byId("lists-table").replaceChildren(...rows.length ? [table("watchlists", LIST_COLUMNS, rows)] : []);
    byId("no-lists").hidden = rows.length > 0;
  }

  row(item) {
    const camera = this.cameras.get(item.camera);
    const why = this.asked.has("reason") ? `?${new URLSearchParams({ reason: this.asked.get("reason") })}` : "";
    const crop = item.crop && element("a", { href: item.crop + why, target: "_blank", rel: "noopener", textContent: text("crop") });
    return [item.plate, clock(item.time, camera?.time_zone), camera?.name || item.camera, text(`kind_${item.kind}`), percent(item.score), crop ?? ""];
  }
}

function table(caption, columns, rows) {
  const titles = columns.map((column) => element("th", { textContent: text(column), scope: "col" }));
  const cells = ([first, ...others]) => [element("th", { textContent: first, scope: "row" }), ...others.map((value) => element("td", {}, value))];
  return element("table", {},
    element("caption", { textContent: text(caption) }),
    element("thead", {}, element("tr", {}, ...titles)),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))));
}
