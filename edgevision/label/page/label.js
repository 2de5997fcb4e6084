// The page of `edgevision label count`. Frames come by number, so what is marked is the time of the very frame
// that is seen; a <video> element would seek to somewhere near it, and needs a codec.
const $ = (id) => document.getElementById(id);
const canvas = $("canvas"), pen = canvas.getContext("2d"), strip = $("strip");
const MOST_KEPT = 48, AHEAD = 12;  // pictures, some 3 MB each; asked for before they are shown
const NEAR = 22;  // CSS px from a line that still is on it
const FLASH = 0.5;  // s that a mark is shown on the picture, before and after
const WORDS = { crossed_in: "in", crossed_out: "out", entered: "enters", left: "leaves", occupied: "taken", freed: "free" };
const MINUS = new Set(["crossed_out", "left", "freed"]);
const IN = "#56b4e9", OUT = "#ff9d3c";

let truth, version = 0, rows = [], until = null, lines = {}, places = [], actions = [];
let times = [], complete = false;  // s of each frame that is known
let at = 0;  // the frame that is seen
let playing = null;  // {since ms, from s, until s}
let seen = -1;  // the frame whose picture is drawn: another one than `at` until that has come
const pictures = new Map(), asked = new Map(), broken = new Set();
let history = [], chosen = null, hover = null, drawing = null;
let open = [], looked = null;  // counts that are to be checked, and the one that is looked at

// --- the video ---

const now = () => times[at] ?? 0;
const word = (kind) => WORDS[kind] ?? kind;
const shown = (s) => s < 60 ? `${s.toFixed(2)} s` : `${Math.floor(s / 60)}:${(s % 60).toFixed(2).padStart(5, "0")}`;

function frameAt(seconds) {  // the last one that has begun
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= seconds + 1e-6) low = middle; else high = middle - 1;
  }
  return low;
}

async function moreTimes() {
  const answer = await (await fetch(`/api/times?after=${times.length}`)).json();
  times = times.concat(answer.times);
  complete = answer.all;
  $("seek").max = Math.max(0, times.length - 1);
  if (!complete) setTimeout(moreTimes, 400);
  drawStrip();
  showClock();
}

function fetchFrame(index) {
  if (index < 0 || index >= times.length || pictures.has(index) || asked.has(index) || broken.has(index)) return;
  if (asked.size >= AHEAD) return;  // who drags the slider wants the last place, which is asked for when one has come
  const coming = fetch(`/frame/${index}.jpg`)
    .then((answer) => answer.ok ? answer.blob() : Promise.reject(new Error(`frame ${index} cannot be shown`)))
    .then(createImageBitmap)
    .then((picture) => keep(index, picture))
    .catch((error) => { broken.add(index); say(error.message, true); })
    .finally(() => { asked.delete(index); fetchFrame(at); });
  asked.set(index, coming);
}

function keep(index, picture) {
  pictures.set(index, picture);
  const far = [...pictures.keys()].filter((key) => key !== at && key !== seen).sort((a, b) => Math.abs(b - at) - Math.abs(a - at));
  for (const old of far.slice(0, Math.max(0, pictures.size - MOST_KEPT))) {
    pictures.get(old).close();
    pictures.delete(old);
  }
  if (index === at) draw();
}

function show(index) {
  at = Math.max(0, Math.min(index, times.length - 1));
  fetchFrame(at);
  $("seek").value = at;
  draw();
  showClock();
  drawStrip();
  listNow();
}

function jump(index) { pause(); show(index); }

function play(end = Infinity) {
  if (!playing && at >= times.length - 1) show(0);
  playing = { since: performance.now(), from: now(), until: end };
  $("play").textContent = "Pause";
  requestAnimationFrame(tick);
}

function pause() {
  playing = null;
  $("play").textContent = "Play";
}

// Faster than 1 not every frame is shown, or a slow machine would not keep up; at 4 one in three.
const strideOf = (speed) => speed > 2 ? 3 : speed > 1 ? 2 : 1;

function tick(clock) {
  if (!playing) return;
  const seconds = playing.from + Math.max(0, clock - playing.since) / 1000 * Number($("speed").value);
  const wanted = frameAt(Math.min(seconds, playing.until)), stride = strideOf(Number($("speed").value));
  const first = at - at % stride + stride;
  for (let ahead = 0; ahead < AHEAD; ahead++) fetchFrame(first + ahead * stride);
  let ready = wanted;
  while (ready > at && !pictures.has(ready)) ready--;
  if (ready > at) show(ready);
  if (ready < wanted - stride) { playing.from = now(); playing.since = clock; }  // wait for pictures
  const last = frameAt(playing.until);
  if (seconds >= times[last] && (complete || last < times.length - 1)) { pause(); return show(last); }
  requestAnimationFrame(tick);
}

// --- what is said ---

function change(next) {
  history.push({ rows, until, lines });
  if (history.length > 200) history.shift();
  ({ rows = rows, until = until, lines = lines } = next);
  refresh();
  save();
}

function markNow(name, kind) {
  if (seen !== at) return say("this moment is not seen yet: wait for its picture", true);
  mark(name, kind, now(), $("label").value.trim());
}

function mark(name, kind, seconds, label) {
  const row = { name, kind, at: Math.round(seconds * 1000) / 1000 };
  if (label) row.label = label;
  chosen = row;
  change({ rows: [...rows.filter((each) => each.at !== undefined || each.name !== name || each.kind !== kind), row] });
}

function drop(row) {
  chosen = null;
  change({ rows: rows.filter((each) => each !== row) });
}

function undo() {
  const before = history.pop();
  if (!before) return;
  ({ rows, until, lines } = before);
  chosen = null;
  refresh();
  save();
}

let saving = Promise.resolve();
function save() {  // one after the other, each with what is so when its turn comes
  saving = saving.then(async () => {
    const sent = { rows, lines };
    if (until !== null) sent.until = until;
    try {
      const answer = await fetch("/api/truth", {
        method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ version, labelled: sent }),
      });
      const told = await answer.json();
      if (!answer.ok) return say(told.detail, true);
      version = told.version;
      say(`saved in ${truth.file}`);
    } catch {
      say("not saved: the program has ended; start it again and load this page anew", true);
    }
  });
}

function say(text, bad = false) {
  $("saved").textContent = text;
  $("saved").classList.toggle("bad", bad);
}

const marks = () => rows.filter((row) => row.at !== undefined).sort((a, b) => a.at - b.at);
const isTaken = (name) => marks().filter((row) => row.name === name && row.at <= now() + 1e-6).at(-1)?.kind === "occupied";

// --- the lists ---

function element(tag, facts = {}, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
}

function refresh() {
  const shownPlaces = [...places, ...Object.entries(lines).filter(([name]) => !places.some((place) => place.name === name))
    .map(([name, line]) => ({ name, kinds: ["crossed_in", "crossed_out"], points: [line.from, line.to], closed: false, classes: [] }))];
  actions = shownPlaces.flatMap((place) => place.kinds.map((kind) => ({ place, kind })));
  $("actions").replaceChildren(...shownPlaces.map(placePart));
  const all = marks();
  $("marks").replaceChildren(...all.map(markPart));
  $("count").textContent = all.length;
  $("none").hidden = all.length > 0;
  $("undo").disabled = history.length === 0;
  $("end").textContent = until === null ? "the whole video is judged" : `judged up to ${shown(until)}`;
  const line = Object.entries(lines)[0];
  $("draw").hidden = places.length > 0 || !line;
  if (line) $("snippet").textContent = `lines:\n  ${line[0]}: {from: [${line[1].from.join(", ")}], to: [${line[1].to.join(", ")}]}`;
  hint(shownPlaces.length ? "" : "Draw the line to count at: drag across the way");
  findOpen();
  draw();
  drawStrip();
  listNow();
}

function placePart(place) {
  const buttons = place.kinds.map((kind) => {
    const number = actions.findIndex((action) => action.place === place && action.kind === kind) + 1;
    const count = rows.filter((row) => row.at !== undefined && row.name === place.name && row.kind === kind).length;
    const button = element("button", { className: MINUS.has(kind) ? "minus" : "plus", onclick: () => markNow(place.name, kind) },
      element("span", {}, word(kind), ...(number <= 9 ? [element("kbd", { textContent: number })] : [])), element("i", { textContent: count }));
    button.dataset.action = `${place.name} ${kind}`;
    return button;
  });
  const parts = [element("b", { textContent: place.name }), element("div", {}, ...buttons)];
  if (!rows.some((row) => row.at !== undefined && row.name === place.name)) parts.push(nothingPart(place));
  return element("div", { className: "place" }, ...parts);
}

function nothingPart(place) {  // a place without marks is not judged, unless somebody says that nothing happens there
  const totals = (row) => row.at === undefined && row.name === place.name;
  const box = element("input", { type: "checkbox", checked: rows.some((row) => totals(row) && row.count === 0) });
  box.onchange = () => change({ rows: [...rows.filter((row) => !totals(row)), ...(box.checked ? place.kinds.map((kind) => ({ name: place.name, kind, count: 0 })) : [])] });
  return element("label", {}, box, "nothing happens here");
}

function markPart(row) {
  const text = `${row.name} ${word(row.kind)}${row.label ? ` · ${row.label}` : ""}`;
  const go = element("button", { className: `jump${MINUS.has(row.kind) ? " minus" : ""}`, onclick: () => { chosen = row; jump(frameAt(row.at)); } },
    element("time", { textContent: shown(row.at) }), element("span", { textContent: text }));
  const remove = element("button", { className: "drop", textContent: "×", onclick: () => drop(row) });
  remove.setAttribute("aria-label", `delete ${text} at ${shown(row.at)}`);
  const part = element("li", {}, go, remove);
  part.row = row;
  return part;
}

function listNow() {
  let last = null;
  for (const part of $("marks").children) {
    const here = Math.abs(part.row.at - now()) < 0.02 || part.row === chosen;
    part.classList.toggle("now", here);
    if (part.row.at <= now() + 1e-6) last = part;
  }
  const list = $("marks");
  if (last && list.scrollHeight > list.clientHeight) list.scrollTop = last.offsetTop - list.offsetTop - list.clientHeight / 2;
}

function showClock() {
  const length = times.at(-1) ?? 0;
  $("clock").textContent = `${shown(now())} of ${shown(length)}${complete ? "" : " so far"}`;
}

function hint(text) {
  $("hint").hidden = !text;
  $("hint").textContent = text;
}

// --- checking what was counted ---

const CLOSE = 0.3;  // s between a mark and a count of the same: somebody has said it already
const rejected = new Set();

function findOpen() {
  const free = new Set(marks());
  open = truth.ours.filter((row) => {
    const apart = (mark) => Math.abs(mark.at - row.at);
    const said = [...free].filter((mark) => mark.name === row.name && mark.kind === row.kind && apart(mark) <= CLOSE)
      .sort((one, other) => apart(one) - apart(other))[0];
    free.delete(said);
    return !said && !rejected.has(row);
  });
  $("check").hidden = truth.ours.length === 0;
  $("left").textContent = `${open.length} of ${truth.ours.length} left`;
  for (const id of ["confirm", "reject", "replay"]) $(id).disabled = !open.includes(looked);
  $("next").disabled = open.length === 0;
  $("current").textContent = open.includes(looked)
    ? `${shown(looked.at)}: ${looked.name} ${word(looked.kind)}${looked.label ? ` · ${looked.label}` : ""}. Is it so?`
    : open.length ? "Next shows a count, from a second before it." : "All counts are checked. What they missed is still to be marked.";
}

function lookAt(row) {  // from a little before, and stop where it was counted
  looked = row ?? null;
  findOpen();
  if (!looked) return;
  pause();
  show(frameAt(looked.at - 1));
  play(looked.at);
}

const next = () => lookAt(open.find((row) => !looked || row.at > looked.at || (row.at === looked.at && truth.ours.indexOf(row) > truth.ours.indexOf(looked))) ?? open[0]);
function judge(isSo) {
  if (!open.includes(looked)) return;
  const row = looked;
  if (isSo) mark(row.name, row.kind, row.at, row.label ?? ""); else { rejected.add(row); findOpen(); drawStrip(); }
  if (open.length) next(); else lookAt(null);
}

// --- the picture ---

const point = ([x, y]) => [x * canvas.width, y * canvas.height];

function draw() {
  if (!truth) return;
  if (pictures.has(at)) seen = at;
  $("picture").classList.toggle("waiting", seen !== at);
  const picture = pictures.get(seen);
  if (picture) {
    if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
    pen.drawImage(picture, 0, 0);
  }
  const unit = canvas.width / (canvas.clientWidth || canvas.width);  // canvas pixels of a CSS pixel
  for (const place of new Set(actions.map((action) => action.place))) drawPlace(place, unit);
  if (drawing) drawPath([drawing.from, drawing.to], false, "#fff", unit * 3);
}

function drawPath(points, closed, color, width) {
  pen.beginPath();
  points.map(point).forEach(([x, y], index) => index ? pen.lineTo(x, y) : pen.moveTo(x, y));
  if (closed) pen.closePath();
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = "#000a"; pen.lineWidth = width * 2; pen.stroke();
  pen.strokeStyle = color; pen.lineWidth = width; pen.stroke();
}

function drawPlace(place, unit) {
  const near = marks().filter((row) => row.name === place.name && Math.abs(row.at - now()) < FLASH);
  const hovered = hover?.place === place ? hover.kind : null;
  const color = hovered ? (MINUS.has(hovered) ? OUT : IN) : near.length ? (MINUS.has(near[0].kind) ? OUT : IN) : "#fff";
  if (place.closed && place.kinds.includes("occupied") && isTaken(place.name)) {
    pen.beginPath(); place.points.map(point).forEach(([x, y], index) => index ? pen.lineTo(x, y) : pen.moveTo(x, y));
    pen.fillStyle = "#ff9d3c59"; pen.fill();
  }
  drawPath(place.points, place.closed, color, unit * (hovered || near.length ? 4 : 2));
  const [x, y] = point(place.closed ? place.points.reduce(([a, b], [c, d]) => [a + c / place.points.length, b + d / place.points.length], [0, 0]) : place.points[0]);
  const said = hovered ? [word(hovered)] : near.map((row) => word(row.kind));
  drawText([place.name, ...said].join(" · "), x + unit * 8, y - unit * 8, color, unit);
  if (!place.closed) drawArrow(place.points, unit, hovered === "crossed_out" ? -1 : 1, color);
}

function drawArrow(points, unit, side, color) {  // to the right of the way from the first to the second point: in
  const [[x1, y1], [x2, y2]] = points.map(point), length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const right = [-(y2 - y1) / length * side, (x2 - x1) / length * side], middle = [(x1 + x2) / 2, (y1 + y2) / 2];
  const along = [(x2 - x1) / length, (y2 - y1) / length], tip = middle.map((v, i) => v + right[i] * 30 * unit);
  pen.beginPath();
  pen.moveTo(...middle); pen.lineTo(...tip);
  for (const turn of [-1, 1]) { pen.moveTo(...tip); pen.lineTo(...tip.map((v, i) => v - right[i] * 10 * unit + along[i] * 7 * unit * turn)); }
  pen.strokeStyle = "#000a"; pen.lineWidth = unit * 5; pen.stroke();
  pen.strokeStyle = color; pen.lineWidth = unit * 2.5; pen.stroke();
}

function drawText(text, x, y, color, unit) {
  pen.font = `600 ${14 * unit}px system-ui, sans-serif`;
  const width = pen.measureText(text).width + 10 * unit, height = 21 * unit;
  x = Math.max(0, Math.min(x, canvas.width - width)); y = Math.max(height, Math.min(y, canvas.height));
  pen.fillStyle = "#0d1117d9"; pen.fillRect(x, y - height, width, height);
  pen.fillStyle = color; pen.fillText(text, x + 5 * unit, y - 6 * unit);
}

function drawStrip() {
  if (!truth) return;
  const width = strip.clientWidth, height = strip.clientHeight, ratio = devicePixelRatio || 1, ink = strip.getContext("2d");
  Object.assign(strip, { width: width * ratio, height: height * ratio });
  ink.scale(ratio, ratio);
  const length = times.at(-1) || 1, place = (seconds) => 8 + seconds / length * (width - 16);
  ink.fillStyle = "#dde3e9"; ink.fillRect(8, height / 2 - 1, width - 16, 2);
  if (until !== null) { ink.fillStyle = "#c9d0d8"; ink.fillRect(place(until), 0, width - 8 - place(until), height); }
  for (const row of open) { ink.strokeStyle = "#57606a"; ink.lineWidth = 1.5; ink.strokeRect(place(row.at) - 3, height / 2 - 3, 6, 6); }
  for (const row of marks()) {
    ink.fillStyle = MINUS.has(row.kind) ? "#b34700" : "#0072b2";
    ink.fillRect(place(row.at) - 1.5, MINUS.has(row.kind) ? height / 2 : 2, 3, height / 2 - 2);
  }
  ink.fillStyle = "#1b1f24"; ink.fillRect(place(now()) - 0.5, 0, 1, height);
}

// --- pointer and keys ---

function where(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function meant(event) {  // the place under the pointer, and what a click there says
  const [x, y] = where(event), box = canvas.getBoundingClientRect();
  let best = null, least = NEAR;
  for (const place of new Set(actions.map((action) => action.place))) {
    if (place.closed) continue;
    const [[x1, y1], [x2, y2]] = place.points.map(([a, b]) => [a * box.width, b * box.height]);
    const [dx, dy] = [x2 - x1, y2 - y1], [px, py] = [x * box.width - x1, y * box.height - y1], length = Math.hypot(dx, dy);
    const along = Math.max(0, Math.min(1, (px * dx + py * dy) / length ** 2));
    const away = Math.hypot(px - along * dx, py - along * dy);
    if (away < least) { least = away; best = { place, kind: dx * py - dy * px >= 0 ? "crossed_in" : "crossed_out" }; }
  }
  if (best) return best;
  for (const place of new Set(actions.map((action) => action.place))) {
    if (!place.closed || !inside(place.points, x, y)) continue;
    const second = place.kinds.includes("occupied") ? isTaken(place.name) : event.shiftKey;
    return { place, kind: place.kinds[second ? 1 : 0] };
  }
  return null;
}

function inside(points, x, y) {
  let odd = false;
  points.forEach(([x1, y1], index) => {
    const [x2, y2] = points[(index + 1) % points.length];
    if ((y1 > y) !== (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)) odd = !odd;
  });
  return odd;
}

const canDraw = () => places.length === 0 && (Object.keys(lines).length === 0 || drawing?.again);
const rounded = ([x, y]) => [x, y].map((value) => Math.round(Math.max(0, Math.min(1, value)) * 1e4) / 1e4);

canvas.onpointerdown = (event) => {
  if (canDraw()) {
    drawing = { from: rounded(where(event)), to: rounded(where(event)) };
    canvas.setPointerCapture(event.pointerId);
    return;
  }
  const found = meant(event);
  if (found) markNow(found.place.name, found.kind);
};
canvas.onpointermove = (event) => {
  if (drawing && !drawing.again) drawing.to = rounded(where(event));
  else hover = event.pointerType === "mouse" ? meant(event) : null;
  draw();
};
canvas.onpointerleave = () => { hover = null; draw(); };
canvas.onpointerup = () => {
  if (!drawing || drawing.again) return;
  const { from, to } = drawing;
  drawing = null;
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) > 0.02) change({ lines: { line: { from, to } } });
  else refresh();
};
$("redraw").onclick = () => { drawing = { from: [0, 0], to: [0, 0], again: true }; hint("Drag across the way; marks stay"); };

const step = (frames) => jump(at + frames), leap = (seconds) => jump(frameAt(now() + seconds));
const toggle = () => playing ? pause() : play();
function faster(by) {
  $("speed").selectedIndex = Math.max(0, Math.min($("speed").options.length - 1, $("speed").selectedIndex + by));
  $("speed").onchange();
}
$("speed").onchange = () => { if (playing) { playing.from = now(); playing.since = performance.now(); } };
$("play").onclick = toggle;
$("back1f").onclick = () => step(-1); $("on1f").onclick = () => step(1);
$("back1s").onclick = () => leap(-1); $("on1s").onclick = () => leap(1);
$("seek").oninput = () => jump(Number($("seek").value));
strip.onpointerdown = (event) => jump(frameAt((event.offsetX - 8) / (strip.clientWidth - 16) * (times.at(-1) || 0)));
$("undo").onclick = undo;
const setEnd = () => change({ until: until !== null && Math.abs(until - now()) < 0.001 ? null : Math.round(now() * 1000) / 1000 });
$("until").onclick = setEnd;
$("next").onclick = next; $("confirm").onclick = () => judge(true); $("reject").onclick = () => judge(false);
$("replay").onclick = () => lookAt(looked);

const KEYS = {
  " ": toggle, ArrowLeft: () => step(-1), ArrowRight: () => step(1), ArrowDown: () => leap(-1), ArrowUp: () => leap(1),
  "[": () => faster(-1), "]": () => faster(1), u: undo, e: setEnd, Delete: () => chosen && drop(chosen),
  n: () => open.length && next(), y: () => judge(true), x: () => judge(false), r: () => open.includes(looked) && lookAt(looked),
};
document.onkeydown = (event) => {
  const typing = event.target.matches("input:not([type=range]):not([type=checkbox]), select");
  if (typing || event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
  if (event.key === " " && event.target.matches("button, summary, [type=checkbox]")) return;  // it presses that
  const action = actions[Number(event.key) - 1];
  const does = action ? () => markNow(action.place.name, action.kind) : event.key === "z" ? event.ctrlKey && undo : KEYS[event.key];
  if (!does) return;
  event.preventDefault();
  does();
};
addEventListener("resize", () => { draw(); drawStrip(); });

// --- beginning ---

truth = await (await fetch("/api/truth")).json();
({ version, places } = truth);
({ rows, lines = {}, until = null } = truth.labelled);
document.title = `${truth.video}: label count`;
$("video").textContent = truth.video;
canvas.width = truth.size[0];
canvas.height = truth.size[1];
const known = new Set([...places.flatMap((place) => place.classes), ...truth.ours.map((row) => row.label ?? ""), "person", "car", "truck", "bus", "motorcycle", "bicycle"]);
$("labels").append(...[...known].filter(Boolean).map((value) => element("option", { value })));
say(`clicks are saved in ${truth.file}`);
refresh();
await moreTimes();
while (!times.length && !complete) await new Promise((done) => setTimeout(done, 50));
show(0);
document.body.dataset.ready = "yes";
