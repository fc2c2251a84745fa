// Puts the page together.

import { Problem, call, follow, onLocked, sendJson } from "./api.js";
import { CameraGrid } from "./cameras.js";
import { Counts } from "./counts.js";
import { Detail } from "./detail.js";
import { byId } from "./dom.js";
import { EventList } from "./events.js";
import { ListDialog } from "./list.js";
import { Lists } from "./lists.js";
import { Plates } from "./plates.js";
import { PutForm } from "./put.js";
import { currentLanguage, onLanguage, setLanguage, text } from "./texts.js";

const RETRY_MS = 3000;
const HAS_SESSION = "gtvision.session";
const openers = { open: (id) => detail.open(id), changed: (event) => detail.changed(event) };

const list = new EventList(openers);
const lists = new Lists();
const put = new PutForm(lists);
const listDialog = new ListDialog(lists, put);
const detail = new Detail(list, put);
const counts = new Counts();
const plates = new Plates(lists, put);
const grid = new CameraGrid(
  (cameraId) => list.setFilter("camera", list.filter.camera === cameraId ? "" : cameraId),
  (cameras) => [list, counts, plates, listDialog].forEach((view) => view.setCameras(cameras)),
);
list.onFilter = ({ camera }) => grid.pick(camera);
lists.onOpen = (watchlist) => listDialog.open(watchlist);
put.onNoList = (plate) => listDialog.open(null, plate);

let linkState = "connecting";

function showLink(state = linkState) {
  linkState = state;
  byId("link").dataset.state = state;
  byId("link-text").textContent = text(state);
}

function translate() {
  document.documentElement.lang = currentLanguage();
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
    node.title = text(node.dataset.label);
  }
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = text(node.dataset.placeholder);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
  showLink();
}

function lock() {
  if (!byId("login").open) byId("login").showModal();
}

async function logIn(submit) {
  submit.preventDefault();
  try {
    await sendJson("POST", "/v1/session", { key: byId("key").value });
    localStorage.setItem(HAS_SESSION, "yes");
    location.reload();
  } catch (problem) {
    byId("login-wrong").textContent = text(problem instanceof Problem && problem.status === 401 ? "login_wrong" : "no_answer");
    byId("key").select();
  }
}

async function logOut() {
  await call("/v1/session", { method: "DELETE" });
  localStorage.removeItem(HAS_SESSION);
  location.reload();
}

async function start() {
  try {
    const [seq] = await Promise.all([list.load(), grid.load()]);
    grid.run();
    follow(seq, (event) => list.take(event), showLink);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) return;
    showLink("reconnecting");
    setTimeout(start, RETRY_MS);
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}
document.addEventListener("click", ({ target }) => target.closest("[data-close]")?.closest("dialog").close());
byId("open-counts").addEventListener("click", () => counts.open());
byId("open-plates").addEventListener("click", () => plates.open());
byId("login-form").addEventListener("submit", logIn);
byId("login").addEventListener("cancel", (event) => event.preventDefault());
byId("log-out").addEventListener("click", logOut);
byId("log-out").hidden = !localStorage.getItem(HAS_SESSION);
onLocked(lock);
onLanguage(translate);
start();
