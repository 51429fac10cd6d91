// What the page asks of the program: every request of the page is made here, and goes to where the page came from.

/** Why something was not given: the program's own sentence. */
export class Refused extends Error {
  constructor(status, sentence, mistake) {
    super(sentence);
    this.status = status;
    this.mistake = mistake;
  }
}

async function answer(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", redirect: "error", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The program does not answer. Does it still run?");
  }
  if (response.ok) return response;
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("application/json")) {
    const mistake = JSON.parse(text);
    throw new Refused(response.status, mistake.message, mistake);
  }
  throw new Refused(response.status, text || `The program answered ${response.status}.`);
}

/** `/api/rows?sort=name`, of a path and an object. */
export function address(path, query = {}) {
  const parameters = new URLSearchParams(query);
  return parameters.size ? `${path}?${parameters}` : path;
}

export async function json(path, query, options) {
  return (await answer(address(path, query), options)).json();
}

export async function text(path, query, options) {
  return (await answer(address(path, query), options)).text();
}

export async function send(path, query, body) {
  await answer(address(path, query), { method: "POST", body });
}

/** Tells `hear` what is open, now and whenever it changes. */
export function listen(hear, lost) {
  const events = new EventSource("/api/events");
  events.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  events.addEventListener("error", () => lost(events.readyState === EventSource.CLOSED));
  return events;
}
