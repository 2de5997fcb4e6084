// Beside the picture of the editor: tools, the list of shapes, what is doubtful about them, saving, earlier versions.

import { call, get, may } from "./api.js";
import { ask, h, say, show } from "./dom.js";
import { KINDS } from "./kinds.js";
import { TOOLS } from "./tools.js";

const MOST_ROWS = 20;
const NAME = "[A-Za-z0-9][A-Za-z0-9_\\-]{0,31}";
const PLACE = /^[^:]*:\d+: (?:cameras\.([^.: ]+)\.(lines|zones|spots|queues|shelves|areas|looks|ignore)(?:\.places)?(?:\.([^.:\[ ]+))?[^: ]*: )?(.*)$/s;

export class Panel {
  constructor(editor) {
    this.editor = editor;
    this.chip = h("p", { class: "chip" });
    this.head = h(
      "div",
      { class: "row editor-head" },
      h("a", { class: "button", href: "#" }, "← Cameras"),
      h("h2", { tabindex: -1 }, `${may.change ? "Draw on" : "Look at"} ${editor.camera}`),
      this.chip,
    );
    this.tools = Object.entries(TOOLS)
      .filter(([tool]) => tool !== "row" || editor.drawing.knowsSpots)
      .map(([tool, text]) => h("button", { type: "button", "data-tool": tool, "aria-pressed": "false", onclick: (event) => editor.use(tool, event.detail === 0) }, text));
    this.hint = h("p", { class: "soft small" });
    this.count = h("input", { id: "bays", type: "number", min: 1, max: 60, value: 5 });
    this.prefix = h("input", { id: "prefix", value: "A", maxlength: 20, size: 4, pattern: "[A-Za-z0-9][A-Za-z0-9_\\-]*" });
    this.row = h("div", { class: "row small", hidden: true }, h("label", { for: "bays" }, "Bays"), this.count, h("label", { for: "prefix" }, "names begin with"), this.prefix);
    this.trails = h("input", { id: "trails", type: "checkbox", checked: true, onchange: () => editor.look() });
    this.undo = h("button", { type: "button", onclick: () => editor.step(true) }, "Undo");
    this.redo = h("button", { type: "button", onclick: () => editor.step(false) }, "Redo");
    this.list = h("ul", { class: "plain shapes", "aria-label": "Shapes" });
    this.verdict = h("div", { class: "verdict", "aria-live": "polite" });
    this.outcome = h("p", { class: "outcome", role: "status" });
    this.saving = h("button", { type: "button", class: "main", onclick: () => editor.save() }, "Save");
    this.spoken = h("p", { class: "unseen", "aria-live": "polite" });
    this.node = may.change ? this.whole() : this.toLookAt();
  }

  whole() {
    return h(
      "div",
      { class: "panel side" },
      h("div", { class: "row", role: "group", "aria-label": "Tools" }, ...this.tools),
      this.hint,
      this.row,
      h("label", { class: "row small", for: "trails" }, this.trails, "Show where objects went lately"),
      h("div", { class: "row" }, this.undo, this.redo, h("button", { type: "button", class: "quiet", onclick: () => this.earlier() }, "Earlier versions")),
      this.list,
      this.verdict,
      h("div", { class: "saving" }, this.outcome, this.saving),
      this.spoken,
    );
  }

  toLookAt() {
    const text = "You can only look at what is drawn here: your token has the role read. To change it, log in with one of the role admin.";
    return h("div", { class: "panel side" }, h("p", { class: "soft", role: "note" }, text), this.list);
  }

  tell(text, mood) {
    say(this.chip, text);
    this.chip.className = `chip ${mood}`;
  }

  showTool(hint) {
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === this.editor.tool));
    say(this.hint, hint);
    this.row.hidden = this.editor.tool !== "row";
  }

  bays() {
    const count = Math.min(60, Math.max(1, Math.round(Number(this.count.value)) || 1));
    return { count, prefix: this.prefix.checkValidity() && this.prefix.value ? this.prefix.value : "A" };
  }

  busy(on) {
    this.saving.disabled = on || !this.editor.drawing.changed;
  }

  showList() {
    const { drawing, selected } = this.editor;
    this.undo.disabled = drawing.at === 0;
    this.redo.disabled = drawing.at === drawing.states.length - 1;
    this.saving.disabled = !drawing.changed;
    show(this.list, [drawing.shapes.map(({ id, kind, name, rows }) => [id, kind, name, rows]), selected], () => {
      if (!drawing.shapes.length) return [h("li", { class: "soft" }, "Nothing is drawn yet."), ...this.unchanged()];
      return [...drawing.shapes.map((shape) => (shape.id === selected ? this.open(shape) : this.entry(shape))), ...this.unchanged()];
    });
    // The list alone is scrolled, not the page: the picture stays in sight.
    const open = this.list.querySelector(".open");
    if (open) this.list.scrollTop = Math.max(Math.min(this.list.scrollTop, open.offsetTop), open.offsetTop + open.offsetHeight - this.list.clientHeight);
  }

  focusList() {
    this.list.querySelector("button")?.focus();
  }

  entry({ id, kind, name }) {
    if (!may.change) return h("li", {}, h("div", { class: `entry ${kind}` }, h("b", {}, name), h("span", { class: "soft small" }, KINDS[kind].text)));
    const choose = (event) => {
      this.editor.select(id);
      if (event.detail === 0) this.editor.canvas.focus(id, 0); // by the keyboard: on to its first point
    };
    return h("li", {}, h("button", { type: "button", class: `entry ${kind}`, onclick: choose }, h("b", {}, name), h("span", { class: "soft small" }, KINDS[kind].text)));
  }

  // What is seen on the picture, and cannot be changed here.
  unchanged() {
    const { fixed, region } = this.editor.drawing, names = Object.keys(fixed), said = [];
    if (region) said.push("The network is shown the bright part alone (region). That is changed in the file.");
    if (names.length) said.push(`${names.length} ${names.length === 1 ? "spot stands" : "spots stand"} in a file of their own (spots: file). They are shown dashed, and changed there.`);
    return said.map((text) => h("li", { class: "soft small" }, text));
  }

  open(shape) {
    const { id, kind, name } = shape, { text, fixed } = KINDS[kind];
    const turn = kind === "line" ? h("button", { type: "button", onclick: () => this.editor.turn(id) }, "Turn round") : null;
    const remove = h("button", { type: "button", onclick: () => this.editor.remove(id) }, "Delete");
    if (fixed) return h("li", { class: `open ${kind}` }, h("b", {}, name), h("p", { class: "soft small" }, `A ${text}. ${fixed}`));
    if (kind === "front") return h("li", { class: `open ${kind}` }, h("b", {}, `Front of ${name}`), h("p", { class: "soft small" }, "Pull it to the side at which they are served."), h("div", { class: "row" }, remove));
    const input = h("input", { id: "name", value: name, pattern: NAME, maxlength: 32, required: true, autocomplete: "off", spellcheck: "false" });
    input.addEventListener("change", () => {
      if (input.reportValidity() && this.isFree(id, input)) this.editor.rename(id, input.value);
    });
    return h("li", { class: `open ${kind}` }, h("label", { for: "name", class: "small" }, `Name of the ${text}`), h("div", { class: "row" }, input, turn, remove), this.more(shape));
  }

  more({ id, kind, name, rows }) {
    if (kind === "queue" && !this.editor.drawing.front(name)) return h("button", { type: "button", onclick: () => this.editor.addFront(id) }, "Add its front");
    if (kind !== "shelf") return null;
    if (rows == null) return h("p", { class: "soft small" }, "Its rows have names, which stand in the file.");
    const input = h("input", { id: "rows", type: "number", min: 1, max: MOST_ROWS, value: rows, required: true });
    input.addEventListener("change", () => input.reportValidity() && this.editor.cutInto(id, Math.round(Number(input.value))));
    return h("div", { class: "row small" }, h("label", { for: "rows" }, "Rows, from top to bottom"), input);
  }

  isFree(id, input) {
    const { drawing } = this.editor;
    const taken = input.value in drawing.fixed || drawing.shapes.some((shape) => shape.id !== id && shape.kind !== "front" && shape.name === input.value);
    input.setCustomValidity(taken ? "Something else has this name already." : "");
    input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
    return input.reportValidity();
  }

  tellOutcome(text, mood) {
    say(this.outcome, text);
    this.outcome.className = `outcome ${mood}`;
  }

  showVerdict({ problems, warnings }) {
    const about = (mood) => (text) => this.remark(text, mood);
    show(this.verdict, [problems, warnings], () => [...problems.map(about("bad")), ...warnings.map(about("wait"))]);
  }

  remark(text, mood) {
    const [, camera, , name, what] = text.match(PLACE) ?? [null, null, null, null, text];
    const shape = camera === this.editor.camera && this.editor.drawing.shapes.find((each) => each.name === name);
    const title = camera && camera !== this.editor.camera ? `${camera} ${name ?? ""}` : name;
    const label = title ? h("b", {}, `${title}: `) : null;
    return h("p", { class: `remark ${mood} small` }, label, what, shape ? h("button", { type: "button", class: "quiet", onclick: () => this.editor.select(shape.id) }, "Show it") : null);
  }

  async earlier() {
    try {
      const { versions } = await get("config/history");
      const text = versions.length ? "The whole configuration goes back to what it was until then. What is there now is kept, too." : "There is none yet: each time something is saved here, the version before is kept, up to 10 of them.";
      const until = (version) => [version.number, `Until ${new Date(version.until).toLocaleString("en-GB")}`];
      const number = await ask("Earlier versions", h("p", {}, text), [...versions.map(until), [null, "Close", "main"]]);
      if (!number) return;
      const verdict = await call("POST", `config/history/${number}/restore`, undefined, this.editor.drawing.version);
      this.showVerdict(verdict);
      if (!verdict.valid) this.tellOutcome("Not restored: that version is not valid any more.", "bad");
      else await this.editor.load();
    } catch (refusal) {
      this.tellOutcome(refusal.message, "bad");
    }
  }
}
