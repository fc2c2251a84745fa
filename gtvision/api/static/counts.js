// Today's counts: a table for each line and direction, an hour a row.

import { getJson } from "./api.js";
import { byId, element } from "./dom.js";
import { KINDS, currentLanguage, onLanguage, text } from "./texts.js";

const REFRESH_MS = 5000;
const DAY_MS = 86_400_000;
const MOST_ROWS = 5000;

export class Counts {
  constructor() {
    this.cameras = new Map();
    this.items = [];
    this.timer = null;
    this.dialog = byId("counts");
    this.dialog.addEventListener("close", () => clearInterval(this.timer));
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog) this.dialog.close();
    });
    onLanguage(() => this.dialog.open && this.render());
  }

  setCameras(cameras) {
    this.cameras = new Map(cameras.map((camera) => [camera.id, camera]));
  }

  async open() {
    this.dialog.showModal();
    this.timer = setInterval(() => document.hidden || this.load(), REFRESH_MS);
    await this.load();
  }

  /** No day is longer than 25 hours; what was yesterday at the camera's site is left out. */
  async load() {
    const since = new Date(Date.now() - DAY_MS - 3_600_000).toISOString();
    try {
      const { items } = await getJson(`/v1/counts?interval=1h&limit=${MOST_ROWS}&since=${since}`);
      this.items = items.filter(isToday);
      this.render();
    } catch {
      // The line in the bar says that the connection is lost; the next round tries again.
    }
  }

  render() {
    const groups = Map.groupBy(this.items, ({ camera, line, trigger, direction }) => JSON.stringify([camera, line, trigger, direction]));
    byId("no-counts").hidden = groups.size > 0;
    byId("counts-tables").replaceChildren(...[...groups.keys()].sort().map((key) => this.table(groups.get(key))));
  }

  table(items) {
    const [{ camera, line, trigger, direction }] = items;
    const kinds = KINDS.filter((kind) => items.some((item) => item.kind === kind));
    const hours = Map.groupBy(items, ({ start }) => start);
    const place = line === trigger ? line : `${line} (${trigger})`;
    const caption = `${this.cameras.get(camera)?.name || camera} · ${place} · ${text(direction)}`;
    const titles = [text("hour"), ...kinds.map((kind) => text(`kind_${kind}`)), text("total")];
    const rows = [...hours].map(([start, ofHour]) => row(hourOf(start, ofHour[0].time_zone), kinds, ofHour));
    return element("table", {},
      element("caption", { textContent: caption }),
      element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { textContent: title, scope: "col" })))),
      element("tbody", {}, ...rows),
      element("tfoot", {}, row(text("total"), kinds, items)));
  }
}

function row(title, kinds, items) {
  const sum = (kind) => items.filter((item) => !kind || item.kind === kind).reduce((total, { vehicles }) => total + vehicles, 0);
  const cells = [...kinds, null].map((kind) => element("td", { textContent: sum(kind).toLocaleString(currentLanguage()) }));
  return element("tr", {}, element("th", { textContent: title, scope: "row" }), ...cells);
}

function isToday({ start, time_zone: timeZone }) {
  const day = (moment) => moment.toLocaleDateString("en", { timeZone });
  return day(new Date(start)) === day(new Date());
}

function hourOf(start, timeZone) {
  return new Date(start).toLocaleTimeString(currentLanguage(), { timeZone, hour: "2-digit", minute: "2-digit", hour12: false });
}
