// The partners whose queues are bridged, a line each.

import { byId, element } from "./dom.js";
import { text, whole } from "./texts.js";

/** Shows how the partners do, all copies of the bridge together, and which copy does not answer; nothing without a bridge. */
export function showBridges(bridges) {
  const partners = Map.groupBy(bridges.flatMap((bridge) => bridge.partners), ({ name }) => name);
  const silent = bridges.filter(({ detail }) => detail).map(({ name, detail }) => line(name, false, [detail]));
  byId("bridges").replaceChildren(...[...partners].map(([name, copies]) => partnerLine(name, copies)), ...silent);
  byId("bridges").hidden = bridges.length === 0;
}

function partnerLine(name, copies) {
  const isConnected = copies.every(({ connected }) => connected);
  const queues = Map.groupBy(copies.flatMap((copy) => copy.queues), (queue) => queue.name);
  const details = new Set(copies.map(({ detail }) => detail).filter(Boolean));
  const depths = [...queues].map(([queue, seen]) => [queue, seen.find(({ depth }) => depth !== null)?.depth]);
  const waiting = depths.map(([queue, depth]) => text("waiting_in", { queue, n: depth === undefined ? "?" : whole(depth) }));
  return line(name, isConnected, [text(isConnected ? "connected" : "not_connected"), ...waiting, ...details]);
}

function line(name, isGood, facts) {
  return element("li", { className: "link", dataset: { state: isGood ? "live" : "reconnecting" } },
    element("span", { className: "dot" }), element("span", {}, element("b", { textContent: name }), ` · ${facts.join(" · ")}`));
}
