// What was kept of an event: a small picture in the list, and all of it in a dialog.

import { ask, find, h } from "./dom.js";
import { sentence } from "./words.js";

// A button with the object, or the whole picture; null if nothing is kept of the event.
export function thumbnail(event) {
  const kept = event.evidence;
  if (!kept) return null;
  const text = kept.picture || kept.crop ? "Show the picture" : "Show the clip";
  const small = kept.crop ?? kept.picture;
  return h(
    "button",
    { type: "button", class: "thumb", "data-event": event.id, "aria-label": `${text}: ${sentence(event)}`, onclick: () => open(event) },
    small ? h("img", { src: address(small), alt: "", loading: "lazy", decoding: "async" }) : h("span", { "aria-hidden": "true" }, "▶"),
  );
}

export const thumbnailOf = (id) => document.querySelector(`[data-event="${CSS.escape(id)}"]`);

// Relative, as all of the page: it may stand below a path of a proxy's.
const address = (path) => path.replace(/^\//, "");

async function open(event) {
  const { picture, crop, clip } = event.evidence;
  const video = clip && h("video", { src: address(clip), poster: picture && address(picture), controls: true, muted: true, playsinline: true, "aria-label": "Clip" });
  const text = sentence(event);
  const dialog = find("ask");
  dialog.classList.add("wide");
  await ask(
    text,
    [
      h("p", { class: "soft" }, `${new Date(event.time).toLocaleString("en-GB")} · ${event.camera}`),
      h(
        "div",
        { class: "evidence" },
        video || (picture && h("img", { src: address(picture), alt: `${event.camera} at that moment` })),
        crop && h("img", { class: "crop", src: address(crop), alt: `What it is about: ${event.label || event.name}` }),
      ),
      h("p", { class: "row small" }, ...links(event.evidence)),
    ],
    [["close", "Close", "main"]],
  );
  video?.pause();
  video?.removeAttribute("src"); // else it goes on loading
  dialog.classList.remove("wide");
  // The list may have been made anew meanwhile, and the focus with it.
  thumbnailOf(event.id)?.focus();
}

const NAMES = { picture: "the picture", crop: "what it is about", clip: "the clip" };
const links = (kept) => Object.entries(kept).map(([what, path]) => h("a", { href: address(path), download: true }, `Save ${NAMES[what] ?? what}`));
