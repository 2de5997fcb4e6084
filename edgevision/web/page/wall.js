// A card for each camera: its picture, how it is, and what its lines, zones, queues, shelves and spots say now.

import { call, cameraPath, may } from "./api.js";
import { find, h, say, show } from "./dom.js";
import { heatButton } from "./heat.js";
import { Picture } from "./pictures.js";
import { duration, hasPictures, kindOf, number, plain, stateOf } from "./words.js";

const cards = new Map();

export function showCameras(cameras) {
  const names = new Set(cameras.map((camera) => camera.name));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.picture.close();
    card.node.remove();
    cards.delete(name);
  }
  for (const camera of cameras) {
    if (!cards.has(camera.name)) {
      cards.set(camera.name, new Card(camera.name));
      find("wall").append(cards.get(camera.name).node);
    }
    cards.get(camera.name).show(camera);
  }
}

class Card {
  constructor(name) {
    this.name = name;
    this.picture = new Picture(name, `Live picture of ${name}`);
    this.frame = h("div", { class: "picture" }, this.picture.image, (this.why = h("div", { class: "why", hidden: true })));
    this.chip = h("p", { class: "chip" });
    this.doubt = h("p", { class: "doubt small", hidden: true });
    this.source = h("p", { class: "source soft small" });
    this.numbers = h("ul", { class: "numbers plain" });
    this.draw = h("a", { class: "button", href: `#edit/${encodeURIComponent(name)}` });
    this.pausing = h("button", { type: "button", onclick: () => this.pause() });
    this.larger = h("button", { type: "button", class: "enlarge", "aria-pressed": "false", onclick: () => this.enlarge() }, "Enlarge");
    this.heats = h("span", { class: "row" });
    const title = `camera-${name}`;
    this.node = h(
      "article",
      { class: "camera panel", "aria-labelledby": title, "data-camera": name },
      this.frame,
      h(
        "div",
        { class: "body" },
        h("div", { class: "head" }, h("h3", { id: title }, name), this.chip, this.doubt, this.source),
        this.numbers,
        h(
          "div",
          { class: "row foot" },
          this.draw,
          this.pausing,
          this.heats,
          this.larger,
        ),
      ),
    );
    this.picture.image.addEventListener("load", () => this.fit());
  }

  show(camera) {
    const [text, mood] = stateOf(camera);
    show(this.draw, may.change, () => (may.change ? ["Draw", unseen(" lines and zones")] : [unseen("Look at "), "Lines and zones"]));
    say(this.chip, text);
    this.chip.className = `chip ${mood}`;
    say(this.source, camera.source);
    this.source.title = camera.source;
    const away = !hasPictures(camera);
    this.picture.turn(!away);
    this.frame.classList.toggle("away", away);
    this.why.hidden = !away;
    this.doubt.hidden = away || !camera.trouble;
    if (camera.trouble) say(this.doubt, reason(camera));
    show(this.why, [text, camera.trouble], () => [
      h("strong", {}, text),
      camera.trouble && reason(camera) ? h("span", { class: "small" }, reason(camera)) : null,
    ]);
    const [heats, others] = [true, false].map((heat) => camera.analytics.filter((each) => (each.kind === "heatmap") === heat));
    show(this.numbers, [others, away], () => others.map((each) => row(each, away ? "when last seen" : "now")));
    show(this.heats, heats.map((each) => each.name), () => heats.map((each) => heatButton(camera.name, each.name, heats.length > 1)));
    this.larger.hidden = cards.size < 2;
    this.paused = camera.state === "paused";
    this.pausing.hidden = !may.change || !camera.live;
    say(this.pausing, this.paused ? "Go on" : "Pause");
  }

  // The next state says what came of it.
  async pause() {
    this.pausing.disabled = true;
    try {
      await call("POST", cameraPath(this.name, this.paused ? "resume" : "pause"));
    } catch (refusal) {
      say(this.chip, refusal.message);
    }
    this.pausing.disabled = false;
  }

  enlarge() {
    const large = this.node.classList.toggle("large");
    this.larger.setAttribute("aria-pressed", String(large));
  }

  fit() {
    const { naturalWidth, naturalHeight } = this.picture.image;
    if (naturalWidth) this.frame.style.aspectRatio = `${naturalWidth} / ${naturalHeight}`;
  }
}

// "camera gate: backoff, it refused the connection" -> what matters of it.
const reason = (camera) => camera.trouble.replace(`camera ${camera.name}: `, "").replace(/^(backoff|connecting),? ?/, "");

const unseen = (text) => h("span", { class: "unseen" }, text);

// when: whose numbers of the moment these are.
function row(analytic, when) {
  const values = [...stated(analytic), ...measured(analytic, when), ...counted(analytic)];
  return h(
    "li",
    {},
    h("div", { class: "title" }, h("b", {}, analytic.name), h("span", {}, plain(analytic.kind))),
    h("div", { class: "values" }, values.length ? values : h("span", { class: "soft small" }, "nothing yet")),
    places(analytic),
  );
}

const ALWAYS = { line: ["crossed_in", "crossed_out"] };
const TIMES = ["dwell", "stays_on", "waits_on", "speed", "speed_back"]; // what is told of an object, not how many
const CLASSES = { crossed_in: "in", crossed_out: "out" };

function counted(analytic) {
  if (placesOf(analytic).length) return []; // their states say more
  const kinds = new Set([...(ALWAYS[analytic.kind] ?? []), ...Object.keys(analytic.counts)]);
  return [...kinds]
    .filter((kind) => !TIMES.includes(kind))
    .map((kind) => value(total(analytic.counts[kind] ?? {}), kindOf(kind), CLASSES[kind]));
}

const total = (labels) => Object.values(labels).reduce((sum, count) => sum + count, 0);
const value = (amount, text, kind = "") => h("span", { class: `value ${kind}` }, h("b", {}, typeof amount === "string" ? amount : number(amount)), ` ${text}`);

function measured(analytic, when) {
  const facings = analytic.kind === "shelf" && analytic.occupancy != null;
  const inside = analytic.occupancy != null && !("queue_length" in analytic.gauges) && !placesOf(analytic).length;
  const found = facings ? [value(analytic.occupancy, "products seen")] : inside ? [value(analytic.occupancy, `inside ${when}`)] : [];
  for (const [key, amount] of Object.entries(analytic.gauges)) {
    const [gauge, ...labels] = key.split(" ");
    if (gauge.endsWith("_state") || (gauge === "shelf_held_seconds" && !amount)) continue;
    const text = gauge === "shelf_held_seconds" ? `row ${labels.join(" ")} hidden` : [...labels, plain(gauge.replace(/^(queue|shelf)_|_seconds$/g, ""))].join(" ");
    if (gauge.endsWith("_seconds")) found.push(value(duration(amount), text));
    else if (gauge === "queue_length") found.push(value(amount, `waiting ${when}`));
    else if (gauge.includes("compliance")) found.push(value(`${Math.round(amount * 100)} %`, text));
    else if (labels.length === 0) found.push(value(amount, text));
  }
  return found;
}

// What has one of several states: the spots of a car park, the rows of a shelf. [name, state] each.
function placesOf(analytic) {
  const stated = Object.entries(analytic.states);
  const gauged = Object.entries(analytic.gauges)
    .map(([key, on]) => [key.split(" "), on])
    .filter(([[gauge, ...labels], on]) => gauge.endsWith("_state") && labels.length > 1 && on === 1)
    .map(([[, name, state]]) => [name, state]);
  return [...stated, ...gauged];
}

// Products in each row of a shelf.
function facingsOf(analytic) {
  const found = {};
  for (const [key, amount] of Object.entries(analytic.gauges)) {
    const [gauge, row] = key.split(" ");
    if (gauge === "facings") found[row] = (found[row] ?? 0) + amount;
  }
  return found;
}

// How many are in each state.
function stated(analytic) {
  const states = {};
  for (const [, state] of placesOf(analytic)) states[state] = (states[state] ?? 0) + 1;
  return Object.entries(states).sort().map(([state, count]) => value(count, plain(state)));
}

const MOODS = { free: "good", in_stock: "good", occupied: "bad", out_of_stock: "bad", low_stock: "wait" };

function places(analytic) {
  const found = placesOf(analytic), facings = facingsOf(analytic);
  if (!found.length) return null;
  const text = (name, state) => ` ${plain(state)}${name in facings ? `, ${facings[name]} products` : ""}`;
  return h("ul", { class: "places" }, ...found.map(([name, state]) => h("li", { class: MOODS[state] ?? "", title: `${name}:${text(name, state)}` }, name, name in facings ? h("b", { "aria-hidden": "true" }, ` × ${facings[name]}`) : null, h("span", { class: "unseen" }, text(name, state)))));
}
