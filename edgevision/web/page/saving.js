// Checks and saves what is drawn in the editor, and asks when somebody else saved meanwhile.

import { call, cameraPath, get } from "./api.js";
import { ask, h } from "./dom.js";
import { Drawing, merged } from "./drawing.js";

const CHANGED = 412; // the file is not the one that was read

export class Saving {
  constructor(editor) {
    this.editor = editor;
  }

  send(method, path) {
    const { camera, drawing } = this.editor;
    return call(method, cameraPath(camera, path), drawing.wish(), drawing.version);
  }

  tell(text, mood) {
    this.editor.panel.tellOutcome(text, mood);
  }

  async check() {
    const { editor } = this, shapes = editor.drawing.shapes;
    try {
      const verdict = await this.send("POST", "shapes/check");
      if (shapes === editor.drawing.shapes) editor.panel.showVerdict(verdict);
    } catch (refusal) {
      if (refusal.status !== CHANGED) this.tell(refusal.message, "bad");
    }
  }

  async save() {
    const { drawing, panel } = this.editor, shapes = drawing.shapes;
    panel.busy(true);
    try {
      const verdict = await this.send("PATCH", "shapes");
      panel.showVerdict(verdict);
      if (verdict.valid) {
        drawing.saved = shapes; // what was drawn since stays, and all can still be undone
        drawing.version = verdict.version;
        this.tell("Saved. The service follows it within a second or two.", "good");
        this.editor.changed();
      } else {
        this.tell("Not saved: the configuration would not be valid. What is wrong stands above.", "bad");
      }
    } catch (refusal) {
      if (refusal.status === CHANGED) await this.conflict();
      else this.tell(`Not saved. ${refusal.message}`, "bad");
    }
    panel.busy(false);
  }

  async conflict() {
    const { editor } = this;
    let theirs;
    try {
      theirs = new Drawing(await get(cameraPath(editor.camera, "shapes")));
    } catch (refusal) {
      this.tell(`Not saved. ${refusal.message}`, "bad");
      return;
    }
    const text = "Somebody else saved the configuration since you opened it here. Nothing of yours or theirs is lost yet.";
    const answer = await ask("The configuration was changed meanwhile", h("p", {}, text), [
      ["mine", "Put my changes on theirs", "main"],
      ["theirs", "Take theirs, drop mine"],
      [null, "Go on drawing"],
    ]);
    if (!answer) {
      this.tell("Not saved: the configuration was changed meanwhile.", "bad");
      return;
    }
    if (answer === "mine") theirs.put(merged(editor.drawing, theirs));
    editor.drawing = theirs;
    editor.selected = null;
    this.tell(answer === "mine" ? "Your changes are put on theirs. Look at it, then save." : "This is what they saved.", "good");
    editor.changed();
  }
}
