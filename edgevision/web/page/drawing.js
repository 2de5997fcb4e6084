// What is drawn: lines, zones and spots, with undo. Points are shares [x, y] of the picture, 0..1.

const STEPS = 100; // to go back
const EXACT = 10000; // a point is written to 1/10000 of the picture

export const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * EXACT) / EXACT;

let ids = 0;

export class Drawing {
  constructor(shapes) {
    this.knowsSpots = shapes.spots !== null;
    this.fixed = shapes.fixed;
    this.version = shapes.version;
    this.states = [fromFile(shapes)];
    this.at = 0;
    this.saved = this.shapes;
  }

  // {id, kind: "line" | "zone" | "spot", name, points}
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

  remove(id) {
    this.put(this.shapes.filter((shape) => shape.id !== id));
  }

  free(prefix, first = 1) {
    const taken = new Set([...this.shapes.map((shape) => shape.name), ...Object.keys(this.fixed)]);
    for (let number = first; ; number++) if (!taken.has(`${prefix}${number}`)) return `${prefix}${number}`;
  }

  wish() {
    const renamed = { lines: {}, zones: {}, spots: {} };
    for (const { id, kind, name } of this.shapes) {
      const before = this.saved.find((shape) => shape.id === id)?.name;
      if (before && before !== name) renamed[`${kind}s`][before] = name;
    }
    const { lines, zones, spots } = entries(this.shapes);
    return this.knowsSpots ? { lines, zones, spots, renamed } : { lines, zones, renamed };
  }
}

function fromFile({ lines, zones, spots }) {
  const shape = (kind, name, points) => ({ id: ++ids, kind, name, points });
  return [
    ...Object.entries(lines).map(([name, line]) => shape("line", name, [line.from, line.to])),
    ...Object.entries(zones).map(([name, zone]) => shape("zone", name, zone.polygon)),
    ...Object.entries(spots ?? {}).map(([name, points]) => shape("spot", name, points)),
  ];
}

function entries(shapes) {
  const of = (kind, form) => Object.fromEntries(shapes.filter((shape) => shape.kind === kind).map((shape) => [shape.name, form(shape.points)]));
  return {
    lines: of("line", ([from, to]) => ({ from, to })),
    zones: of("zone", (polygon) => ({ polygon })),
    spots: of("spot", (points) => points),
  };
}

// My changes since the file was read, put on what somebody else saved meanwhile.
export function merged(mine, theirs) {
  const same = (a, b) => JSON.stringify([a.name, a.points]) === JSON.stringify([b.name, b.points]);
  const now = (shape) => mine.get(shape.id);
  const known = new Map(mine.saved.map((shape) => [`${shape.kind} ${shape.name}`, shape]));
  const kept = [];
  for (const shape of theirs.shapes) {
    const before = known.get(`${shape.kind} ${shape.name}`);
    known.delete(`${shape.kind} ${shape.name}`);
    if (before && !now(before) && same(before, shape)) continue; // I deleted it, and they left it as it was
    const changed = before && now(before) && !same(now(before), before);
    kept.push(changed ? { ...shape, name: now(before).name, points: now(before).points } : shape);
  }
  const gone = new Map([...known.values()].map((shape) => [shape.id, shape])); // which they deleted or renamed
  const fresh = (shape) => !mine.saved.some(({ id }) => id === shape.id);
  for (const shape of mine.shapes.filter((each) => fresh(each) || (gone.has(each.id) && !same(each, gone.get(each.id))))) {
    const taken = kept.some(({ name }) => name === shape.name);
    kept.push({ ...shape, name: taken ? theirs.free(shape.name) : shape.name });
  }
  return kept;
}
