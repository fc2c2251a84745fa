// The list of events: the newest first, live, filtered, older ones on demand.

import { getJson } from "./api.js";
import { byId, element, icon } from "./dom.js";
import { KINDS, TYPES, clock, onLanguage, seconds, text, whole } from "./texts.js";

const PAGE = 50;
const MOST_ROWS = 400;
const ROWS_AFTER_TRIM = 100;
const ANNOUNCE_MS = 4000;
const THUMB_SHARE = 0.62;

/** What the event is, in the language of the page: "Car · Crossed". */
export function titleOf(event) {
  return `${text(`kind_${event.kind}`)} · ${text(`type_${event.type}`)}`;
}

/** How long it lasted, or that it goes on. */
export function durationOf(event) {
  if (event.end === null) return text("ongoing");
  return seconds(Math.max(0, (new Date(event.end) - new Date(event.start)) / 1000));
}

/** How fast it was: "62 km/h (estimate, not for fines)"; null when nobody measured. */
export function speedOf({ speed_kmh: kmh }) {
  return kmh === null ? null : `${text("speed", { kmh: whole(kmh) })} (${text("speed_note")})`;
}

/** How large the queue was: "7 vehicles, 43 m"; null when it is none. */
export function queueOf({ vehicles, length_m: length }) {
  if (vehicles === null) return null;
  return [text("vehicles", { n: vehicles }), length !== null && text("length", { m: whole(length) })].filter(Boolean).join(", ");
}

/** What the plate of a hit matched: "ABC1234 on stolen · reported stolen"; null when it is none. */
export function hitOf({ hit }) {
  if (hit === null) return null;
  const differs = hit.distance > 0 && text("differs", { n: hit.distance });
  const withdrawn = hit.withdrawn && text("withdrawn");
  return [withdrawn, text("on_list", { listed: hit.text, list: hit.watchlist }), differs, hit.reason].filter(Boolean).join(" · ");
}

/** Classes of an event's button. */
function classOf({ hit }) {
  if (hit === null) return "event";
  return hit.withdrawn ? "event withdrawn" : `event ${hit.action}`;
}

/** Shows the part of the picture around the vehicle: the box takes most of the frame, whatever the picture's shape. */
function zoomTo(image, [x1, y1, x2, y2]) {
  const frame = image.parentElement;
  const aspect = (image.naturalHeight / image.naturalWidth) * (frame.clientWidth / frame.clientHeight);
  const zoom = Math.max(1, 1 / aspect, Math.min(THUMB_SHARE / (x2 - x1), THUMB_SHARE / ((y2 - y1) * aspect), 6));
  const height = zoom * aspect;
  const offset = (middle, size) => Math.min(0, Math.max(1 - size, 0.5 - middle * size));
  image.style.width = `${zoom * 100}%`;
  image.style.left = `${offset((x1 + x2) / 2, zoom) * 100}%`;
  image.style.top = `${offset((y1 + y2) / 2, height) * 100}%`;
}

export class EventList {
  constructor(onOpen) {
    this.rows = new Map(); // event id -> { event, item }, in no order; the DOM has the order
    this.cameras = new Map();
    this.filter = { camera: "", kind: "", type: "" };
    this.cursor = null;
    this.until = null;
    this.unseen = 0;
    this.round = 0;
    this.isLoaded = false;
    this.announced = { count: 0, timer: null };
    this.onOpen = onOpen;
    this.onFilter = () => {};
    byId("filters").addEventListener("change", ({ target }) => this.setFilter(target.name, target.value));
    byId("older").addEventListener("click", () => this.loadOlder());
    byId("news").addEventListener("click", () => byId("list").scrollIntoView());
    for (const scroller of [byId("scroll"), document]) {
      scroller.addEventListener("scroll", () => this.unseen && this.isAtTop() && this.setUnseen(0), { passive: true });
    }
    byId("list").addEventListener("keydown", (key) => this.move(key));
    onLanguage(() => this.render());
  }

  /** Loads the first page; answers the number after which the stream goes on. */
  async load() {
    const round = ++this.round;
    const page = await getJson(this.address());
    if (round !== this.round) return page.seq;
    this.rows.clear();
    byId("list").replaceChildren();
    this.until = null;
    this.setUnseen(0);
    this.append(page);
    return page.seq;
  }

  async loadOlder() {
    const round = this.round;
    byId("older").disabled = true;
    try {
      const page = await getJson(this.address(this.cursor));
      if (round === this.round) this.append(page);
    } finally {
      byId("older").disabled = false;
    }
  }

  address(cursor = null) {
    const query = new URLSearchParams({ limit: PAGE });
    for (const [name, value] of Object.entries(this.filter)) if (value) query.set(name, value);
    if (this.until) query.set("until", this.until);
    if (cursor) query.set("cursor", cursor);
    return `/v1/events?${query}`;
  }

  append(page) {
    const fresh = page.items.filter((event) => !this.rows.has(event.id));
    byId("list").append(...fresh.map((event) => this.rowFor(event)));
    this.cursor = page.next;
    this.isLoaded = true;
    this.showEnds();
  }

  /** A change from the stream. */
  take(event) {
    if (!this.matches(event)) return;
    const known = this.rows.get(event.id);
    if (known) return this.update(known, event);
    if (this.isBelowTheEnd(event)) return;
    const item = this.rowFor(event);
    const next = [...byId("list").children].find((other) => other.dataset.start <= event.start);
    byId("list").insertBefore(item, next ?? null);
    item.classList.add("fresh");
    if (!this.isAtTop()) this.setUnseen(this.unseen + 1);
    this.announce(event);
    this.trim();
    this.showEnds();
  }

  matches(event) {
    return Object.entries(this.filter).every(([name, value]) => !value || event[name] === value);
  }

  /** Whether the event belongs to a page that was not loaded. */
  isBelowTheEnd(event) {
    const last = byId("list").lastElementChild;
    return last !== null && (this.cursor !== null || this.until !== null) && event.start < last.dataset.start;
  }

  update(known, event) {
    if (event.seq <= known.event.seq) return;
    const hadFocus = known.item.contains(document.activeElement);
    known.event = event;
    known.item.replaceChildren(this.buttonFor(event, known.item.querySelector(".thumb")));
    if (hadFocus) known.item.firstElementChild.focus();
    this.onOpen.changed(event);
  }

  rowFor(event) {
    const item = element("li", { dataset: { id: event.id, start: event.start } }, this.buttonFor(event));
    this.rows.set(event.id, { event, item });
    return item;
  }

  buttonFor(event, shown = null) {
    const camera = this.cameras.get(event.camera);
    const parts = [hitOf(event), speedOf(event), queueOf(event), event.line ?? event.zone, event.direction && text(event.direction)];
    const place = parts.filter(Boolean).join(" · ");
    return element("button", { type: "button", className: classOf(event), onclick: () => this.onOpen.open(event.id) },
      this.thumbFor(event, shown),
      element("span", { className: "what" }, icon(event.kind), titleOf(event)),
      element("time", { dateTime: event.start, textContent: clock(event.start, camera?.time_zone) }),
      element("span", { className: "where", textContent: camera?.name || event.camera }),
      element("span", { className: event.end ? "duration" : "duration ongoing", textContent: durationOf(event) }),
      element("span", { className: "place", textContent: place }),
      element("span", { className: "plate", textContent: event.plate ?? "", hidden: !event.plate }));
  }

  /** Its picture; the one that is shown stays until a better one has come. */
  thumbFor(event, shown) {
    if (!event.snapshot) return element("span", { className: "thumb" });
    if (shown?.dataset.best === event.best.time) return shown;
    const image = element("img", { alt: "", loading: "lazy", decoding: "async" });
    const frame = element("span", { className: "thumb", dataset: { best: event.best.time } }, ...(shown?.children ?? []), image);
    image.onload = () => {
      zoomTo(image, event.best.box);
      while (image.parentNode === frame && frame.firstChild !== image) frame.firstChild.remove();
    };
    image.src = `${event.snapshot}?v=${event.revision}`;
    return frame;
  }

  setCameras(cameras) {
    this.cameras = new Map(cameras.map((camera) => [camera.id, camera]));
    this.render();
  }

  setFilter(name, value) {
    this.filter = { ...this.filter, [name]: value };
    this.fillFilters();
    this.onFilter(this.filter);
    this.load().catch(() => {});
  }

  fillFilters() {
    const cameras = [...this.cameras.values()].map((camera) => [camera.id, camera.name || camera.id]);
    const choices = {
      camera: [["", text("filter_camera")], ...cameras],
      kind: [["", text("filter_kind")], ...KINDS.map((kind) => [kind, text(`kind_${kind}`)])],
      type: [["", text("filter_type")], ...TYPES.map((type) => [type, text(`type_${type}`)])],
    };
    for (const [name, options] of Object.entries(choices)) {
      const select = byId("filters").elements[name];
      select.replaceChildren(...options.map(([value, label]) => new Option(label, value, false, value === this.filter[name])));
      select.classList.toggle("set", Boolean(this.filter[name]));
    }
  }

  /** Keeps the page small after hours: the end of the list can be loaded again. */
  trim() {
    if (this.rows.size <= MOST_ROWS || !this.isAtTop()) return;
    for (const item of [...byId("list").children].slice(ROWS_AFTER_TRIM)) {
      this.rows.delete(item.dataset.id);
      item.remove();
    }
    const last = new Date(byId("list").lastElementChild.dataset.start);
    this.until = new Date(last.getTime() + 1).toISOString();
    this.cursor = null;
  }

  showEnds() {
    const isFiltered = Object.values(this.filter).some(Boolean);
    const empty = byId("no-events");
    byId("older").hidden = this.cursor === null && this.until === null;
    empty.hidden = this.rows.size > 0 || !this.isLoaded;
    empty.replaceChildren(element("p", { textContent: text(isFiltered ? "no_matching_events" : "no_events") }));
    if (isFiltered) empty.append(element("button", { type: "button", className: "quiet", textContent: text("clear_filters"), onclick: () => this.clearFilters() }));
  }

  clearFilters() {
    this.filter = { camera: "", kind: "", type: "" };
    this.setFilter("camera", "");
  }

  neighbour(eventId, step) {
    const item = this.rows.get(eventId)?.item;
    const next = step > 0 ? item?.nextElementSibling : item?.previousElementSibling;
    return next ? this.rows.get(next.dataset.id).event : null;
  }

  move(key) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key.key];
    const next = step && key.target.closest("li")?.[step];
    if (!next) return;
    key.preventDefault();
    next.firstElementChild.focus();
  }

  isAtTop() {
    const top = Math.max(0, byId("scroll").getBoundingClientRect().top);
    return byId("list").getBoundingClientRect().top - top > -40;
  }

  setUnseen(count) {
    this.unseen = count;
    byId("news").hidden = count === 0;
    byId("news").textContent = text("new_events", { n: count });
  }

  /** Tells screen readers what came, not faster than they can speak. */
  announce(event) {
    this.announced.count += 1;
    if (this.announced.timer) return;
    const camera = this.cameras.get(event.camera)?.name || event.camera;
    const one = () => text("announced", { kind: text(`kind_${event.kind}`), type: text(`type_${event.type}`), camera });
    this.announced.timer = setTimeout(() => {
      const { count } = this.announced;
      byId("announcer").textContent = count === 1 ? one() : text("announced_many", { n: count });
      this.announced = { count: 0, timer: null };
    }, ANNOUNCE_MS);
  }

  render() {
    this.fillFilters();
    for (const { event, item } of this.rows.values()) item.replaceChildren(this.buttonFor(event));
    this.setUnseen(this.unseen);
    this.showEnds();
  }
}
