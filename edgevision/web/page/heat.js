// A heatmap over the picture of its camera, when somebody asks for it.

import { cameraPath } from "./api.js";
import { ask, find, h } from "./dom.js";

export function heatButton(camera, name, several) {
  return h("button", { type: "button", onclick: () => open(camera, name) }, several ? `Heatmap ${name}` : "Heatmap");
}

function open(camera, name) {
  const fresh = () => `api/v1/${cameraPath(camera, `heatmaps/${encodeURIComponent(name)}.jpg`)}?n=${Date.now()}`;
  const text = h("p", { class: "soft small", role: "status" }, "It is drawn now.");
  const image = h("img", { class: "heat", alt: `Where objects have been at ${camera}: the lighter, the longer` });
  image.addEventListener("load", () => (text.textContent = "Where objects have been, and for how long: the lighter, the longer. The times are at the lower right."));
  image.addEventListener("error", () => (text.textContent = "There is none now: the camera gives no picture."));
  image.src = fresh();
  addEventListener("hashchange", () => find("ask").close(), { once: true });
  ask(`${camera} · ${name}`, [image, text], [[null, "Close", "main"]]);
}
