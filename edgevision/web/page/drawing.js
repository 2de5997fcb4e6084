// What is drawn, with undo. Points are shares [x, y] of the picture, 0..1.

import { KINDS, entries } from "./kinds.js";

const STEPS = 100; // to go back
const EXACT = 10000; // a point is written to 1/10000 of the picture

export const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * EXACT) / EXACT;

let ids = 0;

export class Drawing {
  constructor(shapes) {
    this.knowsSpots = shapes.spots !== null;
    this.fixed = shapes.fixed;
    this.region = shapes.region; // what the network is shown, [left, top, right, bottom], or null
    this.version = shapes.version;
    this.states = [fromFile(shapes)];
    this.at = 0;
    this.saved = this.shapes;
  }

  // {id, kind, name, points}; of a shelf also rows, of one of its rows what it is `of`, and its `row`.
  get shapes() {
    return this.states[this.at];
  }

  get(id) {
    return this.shapes.find((shape) => shape.id === id);
  }

  get changed() {
    return JSON.stringify(entries(this.shapes)) !== JSON.stringify(entries(this.saved));
  }

  put(shapes) {
    this.states = [...this.states.slice(0, this.at + 1), shapes].slice(-STEPS);
    this.at = this.states.length - 1;
  }

  // Change the newest state in place: a point that is being dragged is one step.
  amend(shapes) {
    this.states[this.at] = shapes;
  }

  undo() {
    if (this.at) this.at -= 1;
  }

  redo() {
    if (this.at < this.states.length - 1) this.at += 1;
  }

  add(kind, names, pointsOfEach) {
    const added = names.map((name, index) => ({ id: ++ids, kind, name, points: pointsOfEach[index] }));
    this.put([...this.shapes, ...added]);
    return added;
  }

  with(id, change) {
    return this.shapes.map((shape) => (shape.id === id ? { ...shape, ...change } : shape));
  }

  // The front of a queue is called as the queue is.
  rename(id, name) {
    const { kind, name: before } = this.get(id);
    this.put(this.shapes.map((shape) => (shape.id === id || (kind === "queue" && isFrontOf(shape, before)) ? { ...shape, name } : shape)));
  }

  remove(id) {
    const { kind, name } = this.get(id);
    this.put(this.shapes.filter((shape) => shape.id !== id && !(kind === "queue" && isFrontOf(shape, name))));
  }

  front(name) {
    return this.shapes.find((shape) => isFrontOf(shape, name));
  }

  free(prefix, first = 1) {
    const taken = new Set([...this.shapes.map((shape) => shape.name), ...Object.keys(this.fixed)]);
    for (let number = first; ; number++) if (!taken.has(`${prefix}${number}`)) return `${prefix}${number}`;
  }

  wish() {
    const renamed = {};
    for (const { id, kind, name } of this.shapes) {
      const before = this.saved.find((shape) => shape.id === id)?.name, { section } = KINDS[kind];
      if (section && before && before !== name) (renamed[section] ??= {})[before] = name;
    }
    const { spots, ...wanted } = entries(this.shapes);
    return { ...wanted, ...(this.knowsSpots ? { spots } : {}), renamed };
  }
}

const isFrontOf = (shape, name) => shape.kind === "front" && shape.name === name;

function fromFile(file) {
  const found = [];
  for (const [kind, { section, read }] of Object.entries(KINDS)) {
    for (const [name, entry] of Object.entries(file[section] ?? {})) {
      for (const part of read(entry, name)) found.push({ id: ++ids, kind, name, ...part });
    }
  }
  return found;
}

// My changes since the file was read, put on what somebody else saved meanwhile.
export function merged(mine, theirs) {
  const same = (a, b) => JSON.stringify([a.name, a.points, a.rows]) === JSON.stringify([b.name, b.points, b.rows]);
  const now = (shape) => mine.get(shape.id);
  const known = new Map(mine.saved.map((shape) => [`${shape.kind} ${shape.name}`, shape]));
  const kept = [];
  for (const shape of theirs.shapes) {
    const before = known.get(`${shape.kind} ${shape.name}`);
    known.delete(`${shape.kind} ${shape.name}`);
    if (before && !now(before) && same(before, shape)) continue; // I deleted it, and they left it as it was
    const changed = before && now(before) && !same(now(before), before);
    kept.push(changed ? { ...shape, name: now(before).name, points: now(before).points, rows: now(before).rows } : shape);
  }
  const gone = new Map([...known.values()].map((shape) => [shape.id, shape])); // which they deleted or renamed
  const fresh = (shape) => !mine.saved.some(({ id }) => id === shape.id);
  const others = {}; // names of queues whose own is taken, for their fronts
  for (const shape of mine.shapes.filter((each) => fresh(each) || (gone.has(each.id) && !same(each, gone.get(each.id))))) {
    const front = shape.kind === "front";
    const taken = kept.some(({ name, kind }) => name === shape.name && (kind === "front") === front);
    const name = front ? (others[shape.name] ?? shape.name) : taken ? theirs.free(shape.name) : shape.name;
    if (shape.kind === "queue") others[shape.name] = name;
    if (!front || !taken || name !== shape.name) kept.push({ ...shape, name });
  }
  return kept;
}
