// Draws lines, zones and rows of spots over a camera's picture, and saves them.

import { cameraPath, get, may } from "./api.js";
import { cut } from "./bays.js";
import { Canvas } from "./canvas.js";
import { ask, find, h, say } from "./dom.js";
import { Drawing, round } from "./drawing.js";
import { KINDS } from "./kinds.js";
import { Panel } from "./panel.js";
import { Picture } from "./pictures.js";
import { Saving } from "./saving.js";
import { HINTS, MIDDLE } from "./tools.js";
import { hasPictures, stateOf } from "./words.js";

const CHECK_AFTER = 400; // ms without a change
const TRAILS_EVERY = 4000; // ms
const ROWS = 4; // of a new shelf

let editor = null;

export async function openEditor(camera) {
  if (editor?.camera === camera) return;
  editor?.close();
  editor = new Editor(camera);
  await editor.load();
}

export async function closeEditor() {
  const closing = editor;
  if (!closing) return;
  editor = null;
  closing.close();
  if (closing.drawing?.changed) {
    const stay = await ask("Leave without saving?", h("p", {}, "What you drew is not in the configuration yet."), [
      [true, "Go on drawing", "main"],
      [false, "Drop it"],
    ]);
    if (stay) {
      location.hash = `#edit/${encodeURIComponent(closing.camera)}`;
      editor = new Editor(closing.camera, closing.drawing);
      editor.begin();
      return;
    }
  }
  document.querySelector(`[data-camera="${CSS.escape(closing.camera)}"] a`)?.focus();
}

// The state of the cameras, each second.
export function tellEditor(state) {
  const camera = state.cameras.find((each) => each.name === editor?.camera);
  if (camera) editor.tell(camera);
}

addEventListener("beforeunload", (event) => {
  if (editor?.drawing?.changed) event.preventDefault();
});

class Editor {
  constructor(camera, drawing = null) {
    this.camera = camera;
    this.drawing = drawing;
    this.tool = "select";
    this.selected = null;
    this.saving = new Saving(this);
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.picture = new Picture(camera, `Picture of ${camera} to draw on`, "?shapes=false");
    this.picture.image.addEventListener("load", () => this.fit());
  }

  async load() {
    find("editor").replaceChildren(h("p", { class: "soft" }, "Reading the configuration"));
    try {
      this.drawing = new Drawing(await get(cameraPath(this.camera, "shapes")));
      this.begin();
    } catch (refusal) {
      this.refused(refusal);
    }
  }

  begin() {
    this.canvas = new Canvas(this, this.picture.image);
    this.canvas.node.inert = !may.change;
    this.panel = new Panel(this);
    find("editor").replaceChildren(this.panel.head, h("div", { class: "editing" }, this.canvas.node, this.panel.node));
    this.use("select");
    this.changed();
    this.panel.head.querySelector("h2").focus();
    this.look();
  }

  // Where objects went lately.
  async look() {
    clearTimeout(this.looking);
    if (!this.panel.trails.checked) {
      this.canvas.showTrails([]);
      return;
    }
    this.looking = setTimeout(() => this.look(), TRAILS_EVERY);
    if (document.hidden) return;
    try {
      const { trails } = await get(cameraPath(this.camera, "trails"));
      if (this.panel.trails.checked) this.canvas.showTrails(trails);
    } catch {
      // they are of help, and no more
    }
  }

  refused(refusal) {
    const again = h("button", { type: "button", onclick: () => this.load() }, "Try again");
    const back = h("a", { class: "button", href: "#" }, "Back to the cameras");
    find("editor").replaceChildren(h("div", { class: "panel trouble", role: "alert" }, h("h2", {}, `${this.camera} cannot be drawn on now`), h("p", {}, refusal.message), h("div", { class: "row end" }, back, again)));
  }

  close() {
    document.removeEventListener("keydown", this.keys);
    clearTimeout(this.checking);
    clearTimeout(this.looking);
    this.picture.close();
    find("editor").replaceChildren();
  }

  tell(camera) {
    const [text, mood] = stateOf(camera);
    this.picture.turn(hasPictures(camera));
    this.panel?.tell(text, mood);
  }

  fit() {
    const { naturalWidth, naturalHeight } = this.picture.image;
    if (this.canvas && naturalWidth) this.canvas.node.style.setProperty("--ratio", naturalWidth / naturalHeight);
  }

  use(tool, byKeyboard = false) {
    this.tool = tool;
    this.canvas.cancel();
    this.canvas.node.dataset.tool = tool;
    this.panel.showTool(HINTS[tool]);
    if (byKeyboard && MIDDLE[tool]) {
      this.finished(MIDDLE[tool]);
      this.canvas.focus(this.selected, 0);
    }
  }

  // What was drawn with the tool is whole.
  finished(points) {
    const { drawing } = this;
    let added;
    if (this.tool === "row") {
      const { count, prefix } = this.panel.bays();
      const bays = cut(points, count);
      if (!bays) {
        this.panel.tellOutcome("The four corners are in no order that goes round: click them one after the other along the border.", "bad");
        this.canvas.draw();
        return;
      }
      const names = [];
      for (let first = 1; names.length < count; first = Number(names.at(-1).slice(prefix.length)) + 1) names.push(drawing.free(prefix, first));
      added = drawing.add("spot", names, bays.map((bay) => bay.map((point) => point.map(round))));
    } else {
      added = drawing.add(this.tool, [drawing.free(KINDS[this.tool].prefix ?? this.tool)], [points]);
      if (this.tool === "shelf") this.drawing.amend(this.drawing.with(added[0].id, { rows: ROWS }));
    }
    this.use("select");
    this.select(added[0].id);
    this.changed();
  }

  select(id) {
    this.selected = id;
    this.panel.showList();
    this.canvas.draw();
  }

  rename(id, name) {
    this.drawing.rename(id, name);
    this.changed();
  }

  turn(id) {
    this.drawing.put(this.drawing.with(id, { points: this.drawing.get(id).points.toReversed() }));
    this.changed();
  }

  cutInto(id, rows) {
    this.drawing.put(this.drawing.with(id, { rows }));
    this.changed();
  }

  // The front of a queue, along its first side, to be pulled to where they are served.
  addFront(id) {
    const { name, points } = this.drawing.get(id);
    const [added] = this.drawing.add("front", [name], [points.slice(0, 2)]);
    this.select(added.id);
    this.changed();
  }

  remove(id) {
    const { name, kind } = this.drawing.get(id);
    if (KINDS[kind].fixed) {
      this.say(`${name} cannot be deleted here. ${KINDS[kind].fixed}`);
      return;
    }
    this.drawing.remove(id);
    this.selected = null;
    this.changed();
    this.say(`${name} is deleted`); // of a queue, its front as well
    this.panel.focusList();
  }

  step(back) {
    if (back) this.drawing.undo();
    else this.drawing.redo();
    if (!this.drawing.get(this.selected)) this.selected = null;
    this.changed();
  }

  key(event) {
    if (!this.canvas || !may.change || event.target.matches("input, dialog *")) return;
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (command && key === "z") this.step(!event.shiftKey);
    else if (command && key === "y") this.step(false);
    else if (command && key === "s") this.save();
    else if (key === "escape" && this.canvas.pending.length) this.canvas.cancel();
    else if (key === "escape" && this.tool !== "select") this.use("select");
    else if (key === "enter" && this.canvas.pending.length) this.canvas.close();
    else if (key === "delete" && this.selected) this.remove(this.selected);
    else return;
    event.preventDefault();
  }

  save() {
    clearTimeout(this.checking);
    this.saving.save();
  }

  say(text) {
    say(this.panel.spoken, text);
  }

  changed() {
    this.canvas.draw();
    this.panel.showList();
    clearTimeout(this.checking);
    if (may.change) this.checking = setTimeout(() => this.saving.check(), CHECK_AFTER);
  }
}
