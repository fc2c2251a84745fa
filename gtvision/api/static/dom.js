// Making elements.

/** An element; `properties` are set on it, `dataset` and `children` included. Text is never read as HTML. */
export function element(tag, { dataset = {}, attributes = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, dataset);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A table with a title for each column; one whose title is empty has none. A row's first value names the row. */
export function table(caption, titles, rows) {
  const titleOf = (title) => title ? element("th", { textContent: title, scope: "col" }) : element("td");
  const cells = ([first, ...others]) => [element("th", { scope: "row" }, first), ...others.map((value) => element("td", {}, value))];
  return element("table", {},
    element("caption", { textContent: caption }),
    element("thead", {}, element("tr", {}, ...titles.map(titleOf))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))));
}

export const byId = (id) => document.getElementById(id);
