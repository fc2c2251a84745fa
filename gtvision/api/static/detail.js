// One event in full: its picture with the vehicle's box, its clip, its facts.

import { byId, element } from "./dom.js";
import { durationOf, hitOf, queueOf, speedOf, titleOf } from "./events.js";
import { clock, onLanguage, percent, text } from "./texts.js";

export class Detail {
  constructor(list, put) {
    this.list = list;
    this.put = put;
    this.event = null;
    this.dialog = byId("detail");
    this.dialog.addEventListener("click", ({ target }) => this.click(target));
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (key) => this.key(key));
    byId("detail-picture").addEventListener("load", ({ target }) => fitBox(target));
    byId("detail-put").addEventListener("click", () => this.putOnList());
    onLanguage(() => this.event && this.render());
  }

  open(eventId) {
    this.show(this.list.rows.get(eventId).event);
    this.dialog.showModal();
  }

  putOnList() {
    this.put.open({ plate: this.event.plate, onPut: (entry, list, sentence) => {
      byId("detail-say").textContent = sentence;
    } });
  }

  /** A newer revision of some event has come. */
  changed(event) {
    if (this.event?.id === event.id) this.show(event);
  }

  show(event) {
    if (this.event?.id !== event.id) byId("detail-say").textContent = "";
    this.event = event;
    this.showPicture(event);
    this.showClip(event);
    this.render();
  }

  showPicture({ snapshot, revision, best }) {
    const picture = byId("detail-picture");
    const [x1, y1, x2, y2] = best.box;
    const rectangle = byId("detail-box").firstElementChild;
    for (const [name, value] of Object.entries({ x: x1, y: y1, width: x2 - x1, height: y2 - y1 })) rectangle.setAttribute(name, value);
    picture.hidden = !snapshot;
    byId("detail-box").toggleAttribute("hidden", !snapshot);
    byId("no-picture").hidden = Boolean(snapshot);
    setSource(picture, snapshot && `${snapshot}?v=${revision}`);
  }

  showClip({ clip }) {
    byId("detail-clip").hidden = !clip;
    byId("no-clip").hidden = Boolean(clip);
    setSource(byId("detail-clip"), clip);
  }

  render() {
    const { event } = this;
    const camera = this.list.cameras.get(event.camera);
    const moment = (iso) => clock(iso, camera?.time_zone, { withDay: true });
    const facts = {
      camera: camera?.name || event.camera,
      trigger: event.trigger,
      zone: event.zone,
      line: event.line,
      direction: event.direction && text(event.direction),
      start: moment(event.start),
      end: event.end && moment(event.end),
      duration: durationOf(event),
      speed: speedOf(event),
      queue: queueOf(event),
      score: percent(event.score),
      plate: event.plate,
      hit: hitOf(event),
    };
    byId("detail-title").textContent = titleOf(event);
    byId("detail-picture").alt = titleOf(event);
    byId("detail-facts").replaceChildren(...Object.entries(facts).filter(([, value]) => value).map(([name, value]) =>
      element("div", {}, element("dt", { textContent: text(`fact_${name}`) }), element("dd", { textContent: value }))));
    byId("detail-put").hidden = !event.plate;
    for (const button of this.dialog.querySelectorAll("[data-go]")) button.disabled = !this.list.neighbour(event.id, Number(button.dataset.go));
  }

  go(step) {
    const event = this.list.neighbour(this.event.id, step);
    if (event) this.show(event);
  }

  click(target) {
    if (target === this.dialog) this.dialog.close();
    const button = target.closest("[data-go]");
    if (button) this.go(Number(button.dataset.go));
  }

  key(key) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key.key];
    if (step && key.target !== byId("detail-clip")) this.go(step);
  }

  closed() {
    byId("detail-clip").pause();
    this.list.rows.get(this.event.id)?.item.firstElementChild.focus();
    this.event = null;
  }
}

/** Gives the drawing the picture's own size: both are then fitted into the frame alike. */
function fitBox({ naturalWidth, naturalHeight }) {
  byId("detail-box").setAttribute("viewBox", `0 0 ${naturalWidth} ${naturalHeight}`);
  byId("detail-box").firstElementChild.setAttribute("transform", `scale(${naturalWidth} ${naturalHeight})`);
}

function setSource(media, address) {
  if (media.getAttribute("src") === address) return;
  if (address) media.src = address;
  else media.removeAttribute("src");
}
