// The state each second, by server-sent events; by asking, where those do not come through.

import { get } from "./api.js";

const LOST_AFTER = 4000; // ms without a word
const LOOK_EVERY = 500; // ms

export class Live {
  // told: a state came. lost: since when (ms) nothing comes; null: it comes again.
  constructor(told, lost) {
    this.told = told;
    this.lost = lost;
    this.last = performance.now();
    this.away = false;
    this.asking = false;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
  }

  open() {
    this.close();
    this.last = performance.now();
    this.source = new EventSource("api/v1/stream?events=false");
    this.source.addEventListener("state", (message) => this.heard(JSON.parse(message.data)));
    this.source.addEventListener("error", () => this.ask());
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
  }

  close() {
    this.source?.close();
    this.source = null;
    clearInterval(this.timer);
  }

  heard(state) {
    this.last = performance.now();
    if (this.away) this.lost(null);
    this.away = false;
    this.told(state);
  }

  look() {
    const silence = performance.now() - this.last;
    if (silence < LOST_AFTER / 2) return;
    if (silence > LOST_AFTER) {
      this.away = true;
      this.lost(silence);
    }
    // EventSource gives up for good when an answer is not 200, as a proxy's is while the service is away.
    if (this.source?.readyState === EventSource.CLOSED) {
      const last = this.last;
      this.open();
      this.last = last;
    }
    this.ask();
  }

  async ask() {
    if (this.asking || !this.source) return;
    this.asking = true;
    try {
      this.heard(await get("state"));
    } catch {
      // `look` tells when it lasts
    }
    setTimeout(() => (this.asking = false), 1000);
  }
}
