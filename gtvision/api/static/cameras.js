// The grid of cameras: stills of those on screen, and how each does.

import { call, getJson } from "./api.js";
import { showBridges } from "./bridges.js";
import { byId, element } from "./dom.js";
import { onLanguage, percent, seconds, text } from "./texts.js";

const STILL_MS = 2000;
const STILL_AFTER_FAULT_MS = 5000;
const STILLS_AT_ONCE = 3;
const STATUS_MS = 2000;
const STALE_S = 10;

class Tile {
  constructor(camera, onPick) {
    this.camera = camera;
    this.status = null;
    this.isVisible = false;
    this.isLoading = false;
    this.dueMs = 0;
    this.image = element("img", { hidden: true });
    this.placeholder = element("span", { className: "placeholder" });
    this.badge = element("span", { className: "badge" });
    this.name = element("span", { className: "camera-name" });
    this.facts = element("span", { className: "camera-facts" });
    this.detail = element("span", { className: "camera-detail" });
    const picture = element("span", { className: "picture" }, this.image, this.placeholder, this.badge);
    this.button = element("button", { type: "button", onclick: () => onPick(camera.id), attributes: { "aria-pressed": "false" } },
      picture, element("span", { className: "camera-text" }, this.name, this.facts, this.detail));
    this.item = element("li", { className: "camera", dataset: { camera: camera.id } }, this.button);
  }

  show(status = this.status) {
    this.status = status;
    const state = status?.state ?? "waiting";
    const name = this.camera.name || this.camera.id;
    this.item.dataset.state = state;
    this.name.textContent = name;
    this.image.alt = text("picture_of", { name });
    this.badge.textContent = text(`state_${state}`);
    this.placeholder.textContent = text(state === "running" || state === "starting" ? "waiting_for_picture" : "no_signal");
    this.detail.textContent = status?.detail ?? "";
    this.facts.replaceChildren(...this.factsOf(status));
  }

  factsOf(status) {
    if (!status || status.last_sample_age_s === null) return [];
    const age = status.last_sample_age_s;
    const facts = [];
    if (status.state === "running" && status.mode) facts.push(element("span", { className: `mode ${status.mode}`, textContent: text(status.mode) }));
    if (status.profile) facts.push(element("span", { textContent: text(status.profile), title: text("profile_title") }));
    facts.push(element("span", { className: age > STALE_S ? "stale" : "", textContent: text("sampled", { age: seconds(age) }), title: text("sampled_title") }));
    if (status.pass_share !== null) facts.push(element("span", { textContent: text("passed", { share: percent(status.pass_share) }), title: text("passed_title") }));
    return facts;
  }

  async refresh() {
    this.isLoading = true;
    try {
      const response = await call(`/v1/cameras/${this.camera.id}/snapshot.jpg`);
      const address = URL.createObjectURL(await response.blob());
      const old = this.image.src;
      this.image.onload = () => old && URL.revokeObjectURL(old);
      this.image.src = address;
      this.image.hidden = false;
      this.dueMs = performance.now() + STILL_MS;
    } catch {
      this.dueMs = performance.now() + STILL_AFTER_FAULT_MS;
    } finally {
      this.isLoading = false;
    }
  }
}

export class CameraGrid {
  constructor(onPick, onCameras) {
    this.tiles = new Map();
    this.onPick = onPick;
    this.onCameras = onCameras;
    this.watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const tile = this.tiles.get(target.dataset.camera);
        if (tile) tile.isVisible = isIntersecting;
      }
    });
    onLanguage(() => this.render());
  }

  /** Keeps what `load` has shown up to date. */
  run() {
    this.poll();
    setInterval(() => document.hidden || this.poll(), STATUS_MS);
    setInterval(() => document.hidden || this.refreshStills(), 200);
  }

  async load() {
    const { items } = await getJson("/v1/cameras");
    for (const { item } of this.tiles.values()) this.watcher.unobserve(item);
    const kept = this.tiles;
    this.tiles = new Map(items.map((camera) => [camera.id, this.tileFor(camera, kept.get(camera.id))]));
    byId("grid").replaceChildren(...[...this.tiles.values()].map((tile) => tile.item));
    byId("grid").classList.toggle("few", items.length <= 4);
    byId("no-cameras").hidden = items.length > 0;
    for (const { item } of this.tiles.values()) this.watcher.observe(item);
    this.onCameras(items);
    this.render();
  }

  tileFor(camera, old) {
    if (old?.camera.version === camera.version) return old;
    return new Tile(camera, this.onPick);
  }

  async poll() {
    try {
      const { items, bridges, detector } = await getJson("/v1/status");
      byId("simulated-weights").hidden = !detector?.is_simulated;
      showBridges(bridges);
      const isKnown = items.length === this.tiles.size && items.every((status) => this.tiles.has(status.camera));
      if (!isKnown) await this.load();
      for (const status of items) this.tiles.get(status.camera)?.show(status);
      this.summarise();
    } catch {
      // The line in the bar says that the connection is lost; the next round tries again.
    }
  }

  refreshStills() {
    const tiles = [...this.tiles.values()];
    const places = STILLS_AT_ONCE - tiles.filter((tile) => tile.isLoading).length;
    const nowMs = performance.now();
    const due = tiles.filter((tile) => tile.isVisible && !tile.isLoading && tile.dueMs <= nowMs && tile.status?.last_sample);
    due.sort((a, b) => a.dueMs - b.dueMs).slice(0, Math.max(0, places)).forEach((tile) => tile.refresh());
  }

  pick(cameraId) {
    for (const [id, tile] of this.tiles) tile.button.setAttribute("aria-pressed", String(id === cameraId));
  }

  render() {
    for (const tile of this.tiles.values()) tile.show();
    this.summarise();
  }

  summarise() {
    const tiles = [...this.tiles.values()].filter((tile) => tile.status?.state !== "disabled");
    const running = tiles.filter((tile) => tile.status?.state === "running").length;
    byId("summary").textContent = tiles.length ? text("summary", { running, all: tiles.length }) : "";
    byId("summary").dataset.complete = String(running === tiles.length);
  }
}
