// The watchlists, as the table below the plates shows them.

import { getJson } from "./api.js";
import { byId, element, table } from "./dom.js";
import { onLanguage, text } from "./texts.js";

const COLUMNS = ["watchlist", "action", "entries", "where"];

/** What people call the list. */
export const nameOf = ({ id, name }) => name || id;

/** Its address in the API. */
export const pathOf = ({ id }) => `/v1/watchlists/${id}`;

export class Lists {
  constructor() {
    this.items = [];
    this.onOpen = () => {}; // with a list, or null for a new one
    byId("new-list").addEventListener("click", () => this.onOpen(null));
    onLanguage(() => this.render());
  }

  async load() {
    this.items = (await getJson("/v1/watchlists")).items;
    this.render();
  }

  /** The same after a change that is done: that they cannot be loaded now is no fault of the change. */
  async refresh() {
    await this.load().catch(() => {});
  }

  /** Puts the focus on that list, or on the button for a new one. */
  focus(list) {
    const button = list && byId("lists-table").querySelector(`[data-list="${list.id}"]`);
    (button ?? byId("new-list")).focus();
  }

  render() {
    const rows = this.items.map((list) => this.row(list));
    const titles = COLUMNS.map((column) => text(column));
    byId("lists-table").replaceChildren(...rows.length ? [table(text("watchlists"), titles, rows)] : []);
    byId("no-lists").hidden = rows.length > 0;
  }

  row(list) {
    const name = element("button", { type: "button", className: "link-like", dataset: { list: list.id }, textContent: nameOf(list), onclick: () => this.onOpen(list) });
    const where = [...list.cameras, ...list.groups].join(", ") || text("everywhere");
    return [name, text(`action_${list.action}`), list.entries, where];
  }
}
