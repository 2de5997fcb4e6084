// The picture with what is drawn over it, and the pointer and the keys that change it.

import { h, svg } from "./dom.js";
import { round } from "./drawing.js";
import { boards, isOpen } from "./kinds.js";

const NEAR = 12; // px: a click so close to the first corner closes a zone
const DRAG = 5; // px: less is a click
const AREAS = ["zone", "queue", "ignore"]; // tools for polygons of any number of corners

// What is expected of `owner`: drawing, selected (an id), tool, select(id), changed(), finished(points), say(text).
export class Canvas {
  constructor(owner, image) {
    this.owner = owner;
    this.pending = []; // corners of what is being drawn
    this.layer = svg("svg", { class: "layer", role: "group", "aria-label": "What is drawn. Select a shape in the list to move its points with the arrow keys." });
    this.trails = svg("svg", { class: "trails", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.node = h("div", { class: "stage" }, image, this.trails, this.layer);
    this.layer.addEventListener("pointerdown", (event) => this.down(event));
    this.layer.addEventListener("pointermove", (event) => this.move(event));
    this.layer.addEventListener("pointerup", (event) => this.up(event));
    this.layer.addEventListener("pointercancel", () => this.up(null));
    this.layer.addEventListener("dblclick", () => this.close());
    this.layer.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.node);
  }

  get size() {
    return [this.node.clientWidth || 1, this.node.clientHeight || 1];
  }

  at(event) {
    const box = this.layer.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  }

  showTrails(trails) {
    this.trails.replaceChildren(...trails.map((points) => svg("polyline", { points: points.join(" ") })));
  }

  cancel() {
    this.pending = [];
    this.draw();
  }

  close() {
    if (AREAS.includes(this.owner.tool) && this.pending.length >= 3) this.finish();
  }

  finish() {
    const points = this.pending;
    this.pending = [];
    this.owner.finished(points);
  }

  // What of a shape is under the pointer: a point, the middle of a side, or all of it.
  down(event) {
    if (event.button) return;
    this.layer.setPointerCapture(event.pointerId);
    const point = this.at(event), data = event.target.dataset;
    this.start = { point, x: event.clientX, y: event.clientY };
    if (this.owner.tool !== "select") {
      this.press(point, event);
      return;
    }
    event.preventDefault();
    const id = Number(data.shape) || null;
    this.owner.select(id);
    if (!id) return;
    const index = data.middle !== undefined ? this.split(id, Number(data.middle)) : data.point === undefined ? null : Number(data.point);
    this.dragged = { id, index, points: this.owner.drawing.get(id).points, moved: data.middle !== undefined };
    this.focus(id, index ?? 0);
  }

  press(point, event) {
    const [first] = this.pending, last = this.pending.at(-1);
    if (last && this.apart(last, point) < DRAG) return; // the second click of a double click
    if (AREAS.includes(this.owner.tool) && this.pending.length >= 3 && this.apart(first, point) < NEAR) this.finish();
    else this.pending.push(point);
    this.draw(this.at(event));
    this.complete();
  }

  complete() {
    const wanted = { line: 2, row: 4, shelf: 4 }[this.owner.tool];
    if (this.pending.length === wanted) this.finish();
  }

  move(event) {
    const point = this.at(event);
    if (this.pending.length) this.draw(point);
    if (!this.dragged) return;
    const { id, index, points } = this.dragged, [x, y] = this.start.point;
    if (!this.dragged.moved) {
      if (Math.hypot(event.clientX - this.start.x, event.clientY - this.start.y) < DRAG) return;
      this.dragged.moved = true;
      this.owner.drawing.put(this.owner.drawing.shapes);
    }
    const moved = index === null ? shifted(points, point[0] - x, point[1] - y) : points.map((each, number) => (number === index ? point : each));
    this.owner.drawing.amend(this.owner.drawing.with(id, { points: moved }));
    this.draw();
  }

  up(event) {
    if (this.dragged?.moved) this.owner.changed();
    this.dragged = null;
    // A line can also be pulled from one end to the other.
    const pulled = event && this.start && Math.hypot(event.clientX - this.start.x, event.clientY - this.start.y) > 3 * DRAG;
    if (this.owner.tool === "line" && this.pending.length === 1 && pulled) {
      this.pending.push(this.at(event));
      this.finish();
    }
    this.start = null;
  }

  // A new corner in the middle of a side; its number.
  split(id, side) {
    const { points } = this.owner.drawing.get(id), a = points[side], b = points[(side + 1) % points.length];
    const middle = [round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)];
    this.owner.drawing.put(this.owner.drawing.with(id, { points: points.toSpliced(side + 1, 0, middle) }));
    this.draw();
    return side + 1;
  }

  apart(a, b) {
    const [wide, high] = this.size;
    return Math.hypot((a[0] - b[0]) * wide, (a[1] - b[1]) * high);
  }

  key(event) {
    const { shape, point, middle } = event.target.dataset, id = Number(shape), index = Number(point);
    if (event.key === "Enter" && middle !== undefined) {
      this.focus(id, this.split(id, Number(middle)));
      this.owner.changed();
    } else if (point === undefined) {
      return;
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.removePoint(id, index);
    } else if (event.key.startsWith("Arrow")) {
      this.nudge(id, index, event.key, event.shiftKey ? 0.001 : 0.01);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  nudge(id, index, key, step) {
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
    const { drawing } = this.owner, { name, points } = drawing.get(id);
    const point = [round(points[index][0] + by[0]), round(points[index][1] + by[1])];
    drawing.put(drawing.with(id, { points: points.with(index, point) }));
    this.owner.say(`${name}: ${percent(point)}`);
    this.owner.changed();
  }

  removePoint(id, index) {
    const { drawing } = this.owner, { kind, points } = drawing.get(id);
    if (kind === "shelf") return; // 4 corners, or it cannot be cut into rows
    if (isOpen(kind) || points.length <= 3) {
      this.owner.remove(id);
      return;
    }
    drawing.put(drawing.with(id, { points: points.toSpliced(index, 1) }));
    this.owner.changed();
    this.focus(id, Math.max(0, index - 1));
  }

  focus(id, index) {
    this.layer.querySelector(`[data-shape="${id}"][data-point="${index}"]`)?.focus({ preventScroll: true });
  }

  draw(pointer) {
    const focused = this.layer.contains(document.activeElement) ? { ...document.activeElement.dataset } : null;
    const [wide, high] = this.size, px = ([x, y]) => [x * wide, y * high];
    const { drawing, selected } = this.owner;
    this.layer.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    const fixed = Object.entries(drawing.fixed).map(([name, points]) => svg("polygon", { class: "fixed", points: points.map(px).join(" ") }, svg("title", {}, name)));
    const order = drawing.shapes.toSorted((a, b) => (a.id === selected) - (b.id === selected));
    const outside = drawing.region ? [svg("path", { class: "outside", d: around(drawing.region, wide, high) })] : [];
    this.layer.replaceChildren(...outside, ...fixed, ...order.map((shape) => this.shape(shape, px)), ...this.unfinished(pointer, px));
    if (focused?.point) this.focus(focused.shape, focused.point);
  }

  shape({ id, kind, name, points, rows }, px) {
    const chosen = id === this.owner.selected, at = points.map(px), open = isOpen(kind);
    const body = open ? "polyline" : "polygon", outline = { points: at.join(" "), "data-shape": id };
    const parts = [svg(body, { class: "wide", ...outline }), svg(body, { class: "form", ...outline }), svg(body, { class: "form inner", ...outline })];
    if (kind === "line") parts.push(...arrow(at, Math.min(1, 0.35 + this.size[0] / 1100)));
    parts.push(...boards(points, rows).map((ends) => svg("polyline", { class: "board", points: ends.map(px).join(" ") })));
    const [x, y] = open ? at[0] : middle(at);
    if (kind !== "front") parts.push(svg("text", { class: "name", x: open ? x + 8 : x, y: open ? y - 8 : y + 4, "text-anchor": open ? "start" : "middle" }, name));
    if (chosen && !open && kind !== "shelf") parts.push(...at.map((point, side) => this.middle(id, name, side, point, at[(side + 1) % at.length])));
    if (chosen) parts.push(...at.map((point, index) => this.handle(id, kind, name, points, index, point)));
    return svg("g", { class: `shape ${kind} ${chosen ? "chosen" : ""}` }, ...parts);
  }

  handle(id, kind, name, points, index, [x, y]) {
    const what = isOpen(kind) ? ["from", "to"][index] : `corner ${index + 1} of ${points.length}`;
    const label = `${name}, ${what}, ${percent(points[index])}`;
    return svg("circle", { class: "handle", cx: x, cy: y, r: 7, tabindex: 0, role: "button", "aria-label": label, "data-shape": id, "data-point": index });
  }

  middle(id, name, side, a, b) {
    const label = `${name}, new corner after corner ${side + 1}`;
    return svg("circle", { class: "middle", cx: (a[0] + b[0]) / 2, cy: (a[1] + b[1]) / 2, r: 5, tabindex: 0, role: "button", "aria-label": label, "data-shape": id, "data-middle": side });
  }

  unfinished(pointer, px) {
    if (!this.pending.length) return [];
    const points = [...this.pending, ...(pointer ? [pointer] : [])].map(px);
    return [svg("polyline", { class: "pending", points: points.join(" ") }), ...this.pending.map(px).map(([cx, cy]) => svg("circle", { class: "handle", cx, cy, r: 6 }))];
  }
}

// All of the picture but a region of it: a rectangle with a hole, by fill-rule evenodd.
function around([x1, y1, x2, y2], wide, high) {
  const [left, right] = [x1 * wide, x2 * wide], [top, bottom] = [y1 * high, y2 * high];
  return `M0 0H${wide}V${high}H0ZM${left} ${top}H${right}V${bottom}H${left}Z`;
}

const percent = ([x, y]) => `${Math.round(x * 1000) / 10} % from the left, ${Math.round(y * 1000) / 10} % from the top`;

function shifted(points, dx, dy) {
  const limit = (values, by) => Math.max(-Math.min(...values), Math.min(1 - Math.max(...values), by));
  const x = limit(points.map((point) => point[0]), dx), y = limit(points.map((point) => point[1]), dy);
  return points.map((point) => [round(point[0] + x), round(point[1] + y)]);
}

function middle(points) {
  const sum = points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

// The way that counts as in: to the right hand of who walks from the first end to the second.
function arrow([[x1, y1], [x2, y2]], scale) {
  const long = Math.hypot(x2 - x1, y2 - y1) || 1;
  const right = [-(y2 - y1) / long, (x2 - x1) / long], along = [(x2 - x1) / long, (y2 - y1) / long];
  const at = (...by) => to(...by.map((step) => step * scale));
  const to = (side, forth) => [(x1 + x2) / 2 + right[0] * side + along[0] * forth, (y1 + y2) / 2 + right[1] * side + along[1] * forth];
  const path = `M${at(-16, 0)}L${at(32, 0)}M${at(20, -9)}L${at(32, 0)}L${at(20, 9)}`;
  const [x, y] = at(46, 0);
  return [svg("path", { class: "arrow", d: path }), svg("path", { class: "arrow inner", d: path }), svg("text", { class: "name in", x, y: y + 4, "text-anchor": "middle" }, "IN")];
}
