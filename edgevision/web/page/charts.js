// Counts by the hour, and where the milliseconds of a frame go, as drawings.

import { get } from "./api.js";
import { find, h, show, svg } from "./dom.js";
import { kindOf, number, plain } from "./words.js";

const WIDE = 264, HIGH = 62; // of a chart, in its own units: 11 for each hour
const NO_COUNTS = ["dwell", "stays_on", "waits_on", "speed", "speed_back", "compliance"];
const SERIES = 3; // colours
const OF_MANY = { spots: "spots", shelf: "shelves" }; // one chart for all of a camera's, which may be hundreds

export async function showCounts(kept) {
  const place = find("counts");
  if (!kept) {
    show(place, "none", () => needsJournal("Counts by the hour"));
    return;
  }
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = new URLSearchParams({ by: "hour", since: midnight.toISOString(), zone });
  const { counts } = await get(`counts?${query}`);
  show(place, counts, () => {
    const charts = grouped(counts.filter((each) => each.analytic !== "sight" && !NO_COUNTS.includes(each.kind)));
    if (!charts.size) return h("p", { class: "soft" }, "Nothing yet today.");
    return h("div", { class: "charts" }, ...[...charts].map(([title, kinds]) => chart(title, kinds)));
  });
}

export const needsJournal = (what) =>
  h("p", { class: "soft" }, `${what} are kept with an output `, h("code", {}, "{type: sqlite, path: events.db}"), " in the configuration.");

// title -> kind -> counts of the 24 hours
function grouped(counts) {
  const charts = new Map();
  for (const { camera, analytic, name, kind, start, count } of counts) {
    const title = `${camera} · ${OF_MANY[analytic] ?? name}`;
    if (!charts.has(title)) charts.set(title, new Map());
    const kinds = charts.get(title);
    if (!kinds.has(kind)) kinds.set(kind, Array(24).fill(0));
    kinds.get(kind)[Number(start.slice(11, 13))] += count;
  }
  return charts;
}

function chart(title, kinds) {
  const series = [...kinds].sort(([a], [b]) => a.localeCompare(b)).slice(0, SERIES);
  const most = Math.max(1, ...series.flatMap(([, hours]) => hours));
  const thick = 9 / series.length;
  const bars = series.flatMap(([kind, hours], index) =>
    hours.map((count, hour) => {
      const tall = count && Math.max(1.5, (count / most) * HIGH);
      const x = hour * 11 + 1 + index * thick;
      return count ? svg("rect", { class: `s${index}`, x, y: HIGH - tall, width: thick - 0.4, height: tall, rx: 0.8 }, svg("title", {}, `${hour}:00 to ${hour + 1}:00: ${count} ${kindOf(kind)}`)) : null;
    }),
  );
  const labels = [0, 6, 12, 18, 24].map((hour) => svg("text", { x: hour * 11, y: HIGH + 13, "text-anchor": ["start", "middle", "middle", "middle", "end"][hour / 6] }, `${hour}`));
  return h(
    "figure",
    {},
    h("figcaption", {}, h("b", {}, title), h("span", { class: "row" }, ...series.map(([kind, hours], index) => key(index, sum(hours), kindOf(kind))))),
    svg(
      "svg",
      { class: "bars", viewBox: `0 -2 ${WIDE} ${HIGH + 18}`, role: "img", "aria-label": inWords(title, series) },
      svg("line", { class: "axis", x1: 0, x2: WIDE, y1: HIGH + 0.5, y2: HIGH + 0.5 }),
      svg("line", { class: "axis faint", x1: 0, x2: WIDE, y1: 0, y2: 0 }),
      svg("text", { x: 0, y: 10 }, number(most)),
      ...bars,
      ...labels,
    ),
  );
}

const sum = (hours) => hours.reduce((total, count) => total + count, 0);
const key = (index, count, text) => h("span", { class: "key" }, svg("svg", { viewBox: "0 0 8 8", "aria-hidden": "true" }, svg("rect", { class: `s${index}`, width: 8, height: 8, rx: 2 })), h("b", {}, number(count)), text);

function inWords(title, series) {
  const parts = series.map(([kind, hours]) => {
    const each = hours.map((count, hour) => [count, hour]).filter(([count]) => count);
    return `${kindOf(kind)}: ${each.map(([count, hour]) => `${count} at ${hour}`).join(", ")}`;
  });
  return `${title}, by the hour. ${parts.join(". ")}`;
}

export function showTimes(cameras) {
  // A tenth of a millisecond is noise, and would draw everything anew each second.
  const rounded = cameras.map(({ name, stage_milliseconds }) => [name, Object.entries(stage_milliseconds).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]).filter(([, ms]) => ms > 0)]).filter(([, stages]) => stages.length);
  show(find("times"), rounded, () => h("div", { class: "stages" }, ...rounded.map(([name, stages]) => times(name, stages))));
}

function times(name, stages) {
  const all = stages.reduce((sum, [, ms]) => sum + ms, 0);
  const most = Math.max(1e-9, ...stages.map(([, ms]) => ms));
  return h(
    "div",
    {},
    h("div", { class: "row" }, h("b", {}, name), h("span", { class: "soft small" }, `${number(all)} ms a frame, on average since the start`)),
    h(
      "dl",
      {},
      ...stages.flatMap(([stage, ms]) => [
        h("dt", {}, plain(stage)),
        h("dd", {}, svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "ground", width: 100, height: 6, rx: 1 }), svg("rect", { width: (100 * ms) / most, height: 6, rx: 1 }))),
        h("dd", {}, `${number(ms)} ms`),
      ]),
    ),
  );
}
