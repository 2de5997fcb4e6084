// Lists that grow: events, and what went wrong.

import { get } from "./api.js";
import { needsJournal } from "./charts.js";
import { find, h, show } from "./dom.js";
import { thumbnail, thumbnailOf } from "./evidence.js";
import { advice, clock, sentence } from "./words.js";

const SHOWN = 40;

export async function showEvents(kept) {
  const place = find("events");
  if (!kept) {
    show(place, "none", () => needsJournal("Events"));
    return;
  }
  const { events } = await get(`events?limit=${SHOWN}`);
  keepingPlace(place, () => show(place, events, () => (events.length ? feed("Recent events", events.map(event)) : h("p", { class: "soft" }, "None yet."))));
}

// The list is made anew when something happens; who is in it stays at the same event.
function keepingPlace(place, change) {
  const held = place.contains(document.activeElement) && document.activeElement.dataset.event;
  const before = place.firstElementChild?.scrollTop;
  change();
  if (before) place.firstElementChild.scrollTop = before;
  if (held && !place.contains(document.activeElement)) (thumbnailOf(held) ?? place.firstElementChild)?.focus();
}

const feed = (label, items) => h("ul", { class: "plain feed", tabindex: 0, "aria-label": label }, ...items);
const line = (time, text, more, kind = "", beside = null) =>
  h("li", { class: kind }, h("time", { datetime: time, title: new Date(time).toLocaleString("en-GB") }, clock(time)), h("div", {}, h("div", { class: "text" }, text), more ? h("div", { class: "camera-name" }, more) : null), beside);
const event = (each) => line(each.time, sentence(each), each.camera, "", thumbnail(each));

export async function showLog() {
  const { records } = await get("log");
  show(find("log"), records, () => {
    if (!records.length) return h("p", { class: "soft" }, "Nothing since the start.");
    return feed("What went wrong lately", together(records).map(record));
  });
}

// One for each run of the same words: a camera that is away says them at each attempt.
function together(records) {
  const found = [];
  for (const each of records) {
    const last = found.at(-1);
    if (last?.text === each.text && last.camera === each.camera) last.times += 1;
    else found.push({ ...each, times: 1 });
  }
  return found.slice(0, SHOWN);
}

function record({ time, level, camera, text, times }) {
  const more = [camera, times > 1 ? `${times} times` : "", advice(text)].filter(Boolean).join(" · ");
  return line(time, text, more, level);
}

export function showTroubles(troubles) {
  const place = find("now");
  place.hidden = !troubles.length;
  show(place.querySelector("ul"), troubles, () => troubles.map((text) => h("li", {}, h("b", {}, text.replace(": backoff", ": no picture")), " ", h("span", { class: "soft" }, advice(text)))));
}
