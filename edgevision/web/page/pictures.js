// Pictures of cameras: a stream for the first few that are in sight, a new one now and then for the others in
// sight, nothing for the rest. A browser opens 6 connections to a server, of all tabs, and a stream keeps one.

import { cameraPath } from "./api.js";

const STREAMS = 3;
const SNAPSHOT_EVERY = 2000; // ms
const AGAIN = 2000; // ms after a failure

const pictures = new Set();
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) target.picture.inSight = isIntersecting;
  arrange();
}, { rootMargin: "100px" });

document.addEventListener("visibilitychange", arrange);

export class Picture {
  // options: "?shapes=false" for one without lines and zones. The editor's comes first.
  constructor(camera, alt, options = "") {
    this.camera = camera;
    this.options = options;
    this.inSight = false;
    this.on = false; // whether the camera has pictures
    this.mode = "none";
    this.image = document.createElement("img");
    this.image.alt = alt;
    this.image.picture = this;
    this.image.addEventListener("error", () => this.failed());
    this.image.addEventListener("load", () => this.loaded());
    seen.observe(this.image);
    pictures.add(this);
  }

  turn(on) {
    if (this.on === on) return;
    this.on = on;
    arrange();
  }

  // The service was away: what streamed from it has ended.
  again() {
    this.mode = "none";
    arrange();
  }

  close() {
    seen.unobserve(this.image);
    pictures.delete(this);
    this.use("none");
    arrange();
  }

  use(mode) {
    if (this.mode === mode) return;
    this.mode = mode;
    clearTimeout(this.timer);
    if (mode === "none") this.image.removeAttribute("src");
    else this.fetch();
  }

  fetch() {
    const what = this.mode === "live" ? "live.mjpg" : "snapshot.jpg";
    const fresh = `${this.options ? "&" : "?"}n=${Date.now()}`;
    this.image.src = `api/v1/${cameraPath(this.camera, what)}${this.options}${fresh}`;
  }

  loaded() {
    clearTimeout(this.timer);
    if (this.mode === "snapshot") this.timer = setTimeout(() => this.fetch(), SNAPSHOT_EVERY);
  }

  failed() {
    clearTimeout(this.timer);
    if (this.mode === "none") return;
    this.timer = setTimeout(() => this.on && this.mode !== "none" && this.fetch(), AGAIN);
  }
}

export function arrangeAgain() {
  for (const picture of pictures) picture.again();
}

function arrange() {
  let streams = 0;
  for (const picture of [...pictures].sort((a, b) => (b.options !== "") - (a.options !== ""))) {
    const wanted = picture.inSight && !document.hidden;
    // One that streams already waits for its camera to come back.
    if (!wanted || (!picture.on && picture.mode !== "live")) picture.use("none");
    else picture.use(streams++ < STREAMS ? "live" : "snapshot");
  }
}
