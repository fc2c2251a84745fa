// Calls of the API, and the event stream.

const LOCKED = "gtvision:locked";
const LONGEST_WAIT_MS = 15_000;

export class Problem extends Error {
  constructor(status, { detail, field = "", errors = [{ field, detail }] }) {
    super(detail);
    this.status = status;
    this.faults = errors; // each a field, empty when it is no field's, and a detail
  }
}

export async function call(path, options = {}) {
  const response = await fetch(path, { signal: AbortSignal.timeout(10_000), ...options });
  if (response.ok) return response;
  if (response.status === 401 && path !== "/v1/session") document.dispatchEvent(new Event(LOCKED));
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, { detail: response.statusText, ...problem });
}

export async function getJson(path) {
  return (await call(path)).json();
}

/** The answer to a value sent as JSON, null when it has no content. */
export async function sendJson(method, path, value) {
  const response = await call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
  return response.status === 204 ? null : response.json();
}

export function onLocked(listener) {
  document.addEventListener(LOCKED, listener);
}

/** Follows the events after that number for ever; `onState` hears `live` and `reconnecting`. */
export function follow(after, onEvent, onState) {
  let last = after;
  let wait = 1000;
  const open = () => {
    const source = new EventSource(`/v1/events/stream?after=${last}`);
    source.onopen = () => {
      wait = 1000;
      onState("live");
    };
    source.addEventListener("event", (message) => {
      last = Number(message.lastEventId);
      onEvent(JSON.parse(message.data));
    });
    source.onerror = () => {
      onState("reconnecting");
      if (source.readyState !== EventSource.CLOSED) return; // the browser resumes by itself
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  open();
}
