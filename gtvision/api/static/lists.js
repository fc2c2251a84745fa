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
    this.awaited = null; // the list that gets the focus once it is shown
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

  /** Puts the focus on the list of that id, or on the button for a new one as long as it is not shown. */
  focus(id) {
    const button = id && byId("lists-table").querySelector(`[data-list="${id}"]`);
    this.awaited = button ? null : id;
    (button || byId("new-list")).focus();
  }

  render() {
    const { activeElement } = document;
    const focused = activeElement.dataset.list ?? (activeElement === byId("new-list") ? this.awaited : null);
    const rows = this.items.map((list) => this.row(list));
    const titles = COLUMNS.map((column) => text(column));
    byId("lists-table").replaceChildren(...rows.length ? [table(text("watchlists"), titles, rows)] : []);
    byId("no-lists").hidden = rows.length > 0;
    if (focused) this.focus(focused);
  }

  row(list) {
    const name = element("button", { type: "button", className: "link-like", dataset: { list: list.id }, textContent: nameOf(list), onclick: () => this.onOpen(list) });
    const where = [...list.cameras, ...list.groups].join(", ") || text("everywhere");
    return [name, text(`action_${list.action}`), list.entries, where];
  }
}
