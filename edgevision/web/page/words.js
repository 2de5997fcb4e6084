// What things are called, for people.

const STATES = {
  connecting: ["Connecting", "wait"],
  streaming: ["Streaming", "good"],
  backoff: ["No picture", "bad"],
  paused: ["Paused", "quiet"],
  ended: ["Ended", "quiet"],
};

// The words of a camera's state and how it is shown: good, wait, bad or quiet.
export function stateOf(camera) {
  const [text, mood] = STATES[camera.state] ?? [camera.state, "quiet"];
  if (!camera.trouble || mood !== "good") return [text, mood];
  return hasPictures(camera) ? ["Trouble", "wait"] : ["Stuck", "bad"];
}

// Whether pictures come: also of a camera that is late, covered or moved.
export const hasPictures = (camera) => camera.state === "streaming" && !camera.trouble?.includes(": stuck");

const EVENTS = {
  crossed_in: (e) => `${who(e)} went in at ${e.name}`,
  crossed_out: (e) => `${who(e)} went out at ${e.name}`,
  entered: (e) => `${who(e)} entered ${e.name}`,
  left: (e) => `${who(e)} left ${e.name}`,
  dwell: (e) => `${who(e)} stayed in ${e.name} for ${duration(e.value)}`,
  stays_on: (e) => `${who(e)} is still in ${e.name} after ${duration(e.value)}`,
  crowded: (e) => `${e.name} is crowded: ${number(e.value)} inside`,
  cleared: (e) => `${e.name} is not crowded any more`,
  waited: (e) => `${who(e)} was served at ${e.name} after ${duration(e.value)}`,
  gave_up: (e) => `${who(e)} gave up waiting at ${e.name} after ${duration(e.value)}`,
  waits_on: (e) => `${who(e)} still waits at ${e.name} after ${duration(e.value)}`,
  long_wait: (e) => `${who(e)} waits at ${e.name} for long: ${duration(e.value)}`,
  long_queue: (e) => `the queue at ${e.name} is long: ${number(e.value)} wait`,
  short_queue: (e) => `the queue at ${e.name} is short again`,
  occupied: (e) => `${e.name} was taken`,
  freed: (e) => `${e.name} is free again`,
  out_of_stock: (e) => `${e.name} is out of stock`,
  low_stock: (e) => `${e.name} is low`,
  in_stock: (e) => `${e.name} is in stock again`,
  above: (e) => `${e.name} is covered: ${Math.round(e.value * 100)} %`,
  below: (e) => `${e.name} is free again`,
  changed: (e) => `${e.name} looks like ${e.label} now`,
  covered: (e) => (e.analytic === "sight" ? "the view is covered" : `${e.name} is covered`),
  dark: () => "the view is dark",
  frozen: () => "the picture is frozen",
  defocused: () => "the picture is out of focus",
  clear: () => "the view is clear again",
  moved: () => "the camera was moved",
  speed: (e) => `${who(e)} drove ${number(e.value)} km/h at ${e.name}`,
  speed_back: (e) => `${who(e)} drove ${number(e.value)} km/h back at ${e.name}`,
  reset: (e) => `${e.name} began at 0 again`,
};

const who = (event) => (event.label ? `a ${event.label}`.replace(/^a ([aeiou])/, "an $1") : "somebody");

export function sentence(event) {
  const text = EVENTS[event.kind]?.(event) ?? `${event.label} ${plain(event.kind)} at ${event.name}`;
  return text[0].toUpperCase() + text.slice(1);
}

const KINDS = { crossed_in: "in", crossed_out: "out", occupied: "taken", freed: "freed", waited: "served" };

export const plain = (text) => text.replaceAll("_", " ");
export const kindOf = (kind) => KINDS[kind] ?? plain(kind);
export const number = (value) => new Intl.NumberFormat("en", { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }).format(value);
export const clock = (time) => new Date(time).toLocaleTimeString("en-GB");

export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

const ADVICE = [
  [/not taken/, "Correct the configuration as it says. Until then the one before goes on."],
  [/\b40[13]\b|unauthori[sz]ed|forbidden/i, "The camera refuses the name or the password. Correct them where “source:” takes them from."],
  [/\b404\b|not found/i, "The camera does not know this path. Its manual says the right one for “source:”."],
  [/refused/i, "Is the camera on, and RTSP switched on in it? Are the port, the name and the password in “source:” right?"],
  [/no route|unreachable|resolve|host/i, "The camera cannot be reached. Check its power, the network cable and the address in “source:”."],
  [/timed? ?out|no picture|silent|stall|did not answer|within/i, "No pictures arrive. Check the camera's power and network. It is tried again by itself."],
  [/clips are asked for faster/, "Choose fewer “kinds” or “names” for the output evidence, or a shorter “clip”."],
  [/no space|disk|full/i, "Make room on the disk. Events are kept in memory as long as they fit."],
  [/cannot write|permission/i, "Let the service's user write there."],
  [/stuck|hang/i, "A part of the service hangs. systemd restarts it; if that happens again, report it with the log."],
  [/backoff|connecting|ended/i, "It is tried again by itself."],
];

// What to do about a line of troubles or of the log.
export const advice = (text) => ADVICE.find(([pattern]) => pattern.test(text))?.[1] ?? "";
