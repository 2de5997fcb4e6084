// Starts the page: login, the live state, and which of the dashboard and the editor is shown.

import { call, get, may, onClosed } from "./api.js";
import { showCounts, showTimes } from "./charts.js";
import { find, say } from "./dom.js";
import { closeEditor, openEditor, tellEditor } from "./editor.js";
import { showEvents, showLog, showTroubles } from "./feeds.js";
import { showInside } from "./inside.js";
import { Live } from "./live.js";
import { arrangeAgain } from "./pictures.js";
import { showCameras } from "./wall.js";

const SLOW = 30000; // ms between two looks at counts that did not change, as hours go by
const live = new Live(told, lost);
let state = null;
let seen = ""; // what was counted when counts and events were last fetched
let fetched = 0, looks = 0;

async function start() {
  onClosed(() => showDoor(true));
  find("login").addEventListener("submit", enter);
  find("logout").addEventListener("click", leave);
  addEventListener("hashchange", route);
  try {
    await knock();
  } catch {
    showDoor(false);
  }
}

async function knock() {
  const door = await get("login");
  may.change = door.role === "admin";
  find("logout").hidden = !door.token;
  showDoor(!door.open);
}

function showDoor(closed) {
  find("login").hidden = !closed;
  if (closed) {
    live.close();
    find("logout").hidden = true;
    find("dashboard").hidden = find("editor").hidden = true;
    health("Locked", "wait");
    find("token").focus();
  } else {
    live.open();
    route();
  }
}

async function enter(submitted) {
  submitted.preventDefault();
  const wrong = find("login").querySelector(".wrong");
  say(wrong, "");
  try {
    await call("POST", "login", { token: find("token").value });
    find("token").value = "";
    await knock();
  } catch (refusal) {
    say(wrong, refusal.message);
  }
}

async function leave() {
  await call("POST", "logout");
  location.hash = "";
  showDoor(true);
}

function route() {
  if (!find("login").hidden) return;
  const [, camera] = location.hash.match(/^#edit\/(.+)$/) ?? [];
  find("dashboard").hidden = Boolean(camera);
  find("editor").hidden = !camera;
  if (camera) openEditor(decodeURIComponent(camera));
  else closeEditor();
}

function told(now) {
  state = now;
  document.title = now.ready ? "edgevision" : "(!) edgevision";
  const paused = now.cameras.filter((camera) => camera.state === "paused").length;
  if (now.ready) health(paused ? `${paused} paused, all else well` : "All well", paused ? "quiet" : "good");
  else health(now.troubles.length === 1 ? "1 trouble" : `${now.troubles.length} troubles`, "bad");
  showTroubles(now.troubles);
  showCameras(now.cameras);
  showTimes(now.cameras);
  tellEditor(now);
  refresh();
}

function health(text, mood) {
  say(find("health"), text);
  find("health").className = `chip ${mood}`;
}

// Counts, events and the log are fetched when something happened, and now and then.
async function refresh() {
  const counts = JSON.stringify([state.cameras.map((camera) => [camera.state, camera.analytics.map((each) => each.counts)]), state.troubles]);
  if (counts !== seen) looks = 2; // what was counted just now may be written a moment later
  if (!looks && Date.now() - fetched < SLOW) return;
  looks = Math.max(0, looks - 1);
  seen = counts;
  fetched = Date.now();
  const kept = state.outputs.some((name) => name.startsWith("sqlite"));
  try {
    await Promise.all([showCounts(kept), showInside(state.cameras), showEvents(kept), showLog()]);
  } catch {
    seen = ""; // the next state brings it
  }
}

function lost(silence) {
  const banner = find("lost");
  if (silence === null) arrangeAgain();
  banner.hidden = silence === null;
  if (silence === null) return;
  say(banner, "The connection to the service is lost. What you see is old. It is tried again by itself.");
  health("Not connected", "bad");
}

start();
