// What can be drawn: where it stands in the configuration, what it is called, and how it gets there and back.

import { cut } from "./bays.js";

const polygon = { read: (each) => [{ points: each.polygon }], write: ({ points }) => ({ polygon: points }) };

// kind -> the section of a camera, its name for people, the prefix of new names, whether it can be drawn anew.
export const KINDS = {
  line: {
    section: "lines", text: "line", drawn: true,
    read: (line) => [{ points: [line.from, line.to] }],
    write: ({ points: [from, to] }) => ({ from, to }),
  },
  zone: { section: "zones", text: "zone", drawn: true, ...polygon },
  spot: { section: "spots", text: "spot", drawn: true, read: (points) => [{ points }], write: ({ points }) => points },
  queue: {
    section: "queues", text: "queue", drawn: true,
    read: (each, name) => [{ points: each.polygon }, ...(each.front ? [{ kind: "front", name, points: each.front }] : [])],
    write: ({ name, points }, shapes) => ({ polygon: points, front: shapes.find((each) => each.kind === "front" && each.name === name)?.points ?? null }),
  },
  front: { text: "front of a queue", open: true },
  shelf: { section: "shelves", text: "shelf", drawn: true, read: readShelf, write: writeShelf },
  board: { text: "row of a shelf", fixed: "Its name and what is said of it stand in the file." },
  ignore: { section: "ignore", text: "ignored place", prefix: "ignored", drawn: true, ...polygon },
  area: { section: "areas", text: "area", ...polygon },
  look: { section: "looks", text: "place to look at", ...polygon },
};
export const SECTIONS = Object.values(KINDS).map(({ section }) => section).filter(Boolean);

// A line has two ends; all else is closed.
export const isOpen = (kind) => kind === "line" || kind === "front";

function readShelf({ polygon: points, count, rows }, name) {
  if (points) return [{ points, rows: count }];
  return Object.entries(rows).map(([row, corners]) => ({ kind: "board", name: `${name}-${row}`, of: name, row, points: corners }));
}

function writeShelf({ points, rows }) {
  return { polygon: points, count: rows ?? null };
}

// {section: {name: entry}} as the file has it.
export function entries(shapes) {
  const found = Object.fromEntries(SECTIONS.map((section) => [section, {}]));
  for (const shape of shapes) {
    const { section, write } = KINDS[shape.kind];
    if (section) found[section][shape.name] = write(shape, shapes);
    else if (shape.kind === "board") (found.shelves[shape.of] ??= { rows: {} }).rows[shape.row] = shape.points;
  }
  return found;
}

// The lines between the rows of a shelf's section, from top to bottom: as edgevision/core/geometry.py cuts it.
export function boards(points, rows) {
  if (points.length !== 4 || !(rows > 1)) return [];
  const steep = (a, b) => Math.abs(b[1] - a[1]) / (Math.hypot(b[0] - a[0], b[1] - a[1]) || 1);
  const [a, b, c, d] = points;
  const turned = steep(a, b) + steep(c, d) > steep(b, c) + steep(d, a) ? points : [b, c, d, a];
  // `cut` goes along the first side, which is one of the two upright ones here.
  return (cut(turned, rows) ?? []).slice(1).map(([first, , , last]) => [first, last]);
}
