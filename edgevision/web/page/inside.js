// How many were inside a zone, a queue, a car park over the last hours, as drawings.

import { cameraPath, get } from "./api.js";
import { find, h, show, svg } from "./dom.js";
import { number } from "./words.js";

const WIDE = 264, HIGH = 62; // of a chart, in its own units, as those of counts
const SPANS = [1, 3, 6, 12, 24]; // h

// cameras: as /state tells them.
export async function showInside(cameras) {
  const asked = cameras.filter((camera) => camera.analytics.some((each) => each.occupancy != null));
  const answers = await Promise.all(asked.map(({ name }) => get(cameraPath(name, "occupancy"))));
  const charts = asked.flatMap(({ name }, index) => Object.entries(answers[index].series).map(([what, points]) => [name, what, points, answers[index].every]));
  find("inside-panel").hidden = !charts.length;
  show(find("inside"), charts, () => h("div", { class: "charts" }, ...charts.map((each) => chart(...each))));
}

function chart(camera, name, points, every) {
  const end = points.at(-1)[0] + every, hours = SPANS.find((span) => end - points[0][0] <= span * 3600) ?? 24;
  const begin = end - hours * 3600, known = points.filter(([at, amount]) => amount !== null && at >= begin);
  const most = Math.max(1, ...known.map(([, amount]) => amount));
  const x = (at) => ((at - begin) / (end - begin)) * WIDE, y = (amount) => HIGH - (amount / most) * (HIGH - 2);
  const peak = known.reduce((best, each) => (each[1] > best[1] ? each : best), known[0] ?? [end, 0]);
  const title = `${camera} · ${name}`; // how many are there now the card says, to the second
  const words = `${title}, the last ${hours} h: ${number(peak[1])} at most, at ${hour(peak[0])}`;
  return h(
    "figure",
    {},
    h("figcaption", {}, h("b", {}, title), h("span", { class: "key" }, "most", h("b", {}, number(peak[1])), `at ${hour(peak[0])}`)),
    svg(
      "svg",
      { class: "bars", viewBox: `0 -2 ${WIDE} ${HIGH + 18}`, role: "img", "aria-label": words },
      svg("line", { class: "axis", x1: 0, x2: WIDE, y1: HIGH + 0.5, y2: HIGH + 0.5 }),
      svg("line", { class: "axis faint", x1: 0, x2: WIDE, y1: 0, y2: 0 }),
      ...runs(known, every).flatMap((run) => steps(run, every, x, y)),
      svg("text", { x: 0, y: 10 }, number(most)),
      ...[0, 0.5, 1].map((part, index) => svg("text", { x: part * WIDE, y: HIGH + 13, "text-anchor": ["start", "middle", "end"][index] }, hour(begin + part * (end - begin)))),
    ),
  );
}

// Stretches without a gap: what was not seen is not drawn.
function runs(points, every) {
  const found = [];
  for (const point of points) {
    if (found.length && point[0] - found.at(-1).at(-1)[0] < every * 1.5) found.at(-1).push(point);
    else found.push([point]);
  }
  return found;
}

function steps(run, every, x, y) {
  const top = run.map(([at, amount]) => `${x(at).toFixed(1)},${y(amount).toFixed(1)} ${x(at + every).toFixed(1)},${y(amount).toFixed(1)}`).join(" ");
  const [first, last] = [x(run[0][0]), x(run.at(-1)[0] + every)].map((each) => each.toFixed(1));
  return [svg("polygon", { class: "inside-area", points: `${first},${HIGH} ${top} ${last},${HIGH}` }), svg("polyline", { class: "inside-line", points: top })];
}

const hour = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
