// Makes elements, and changes only what differs, so that focus and screen readers stay where they are.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const find = (id) => document.getElementById(id);

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Put in new content only if it is other than the last one that was put there.
export function show(node, key, make) {
  const text = JSON.stringify(key);
  if (node.shown === text) return;
  node.shown = text;
  node.replaceChildren(...[make()].flat().filter(Boolean));
}

// A question with a few answers; gives the answer's value, or null if it was closed.
export function ask(title, content, answers) {
  const dialog = find("ask");
  return new Promise((resolve) => {
    const choose = (value) => {
      dialog.onclose = null;
      dialog.close();
      resolve(value);
    };
    const buttons = answers.map(([value, text, kind]) =>
      h("button", { type: "button", class: kind ?? "", onclick: () => choose(value) }, text),
    );
    dialog.replaceChildren(
      h("h2", { id: "ask-title" }, title),
      h("div", {}, ...[content].flat()),
      h("div", { class: "row end" }, ...buttons),
    );
    dialog.onclose = () => resolve(null);
    dialog.choose = choose;
    dialog.showModal();
  });
}
