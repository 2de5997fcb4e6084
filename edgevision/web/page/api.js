// Talks to the service. An answer other than 2xx becomes a Refusal with the service's own words.

export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const UNREACHABLE = "The service does not answer. Is it running?";
// What the token allows: to look, or to change things as well.
export const may = { change: true };
let whenClosed = () => {};

// To be called when the service asks for a token.
export function onClosed(call) {
  whenClosed = call;
}

export async function call(method, path, body, version) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version) headers["If-Match"] = version;
  let answer;
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signal = AbortSignal.timeout(10000);
    answer = await fetch(`api/v1/${path}`, { method, headers, body: text, signal, cache: "no-store" });
  } catch {
    throw new Refusal(0, UNREACHABLE);
  }
  if (answer.status === 401 && path !== "login") whenClosed();
  if (!answer.ok) throw new Refusal(answer.status, await reason(answer));
  return answer.status === 204 ? null : answer.json();
}

export const get = (path) => call("GET", path);
export const cameraPath = (name, rest) => `cameras/${encodeURIComponent(name)}/${rest}`;

async function reason(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `The service answers with status ${answer.status}.`;
  }
}
