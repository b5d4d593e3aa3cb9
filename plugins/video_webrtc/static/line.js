/* Requests to the portal, one after the other, so that they keep their order. */
const TIMEOUT = 10000;
const csrf = () => document.querySelector("meta[name=csrf-token]").content;
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Line {
  #queue = Promise.resolve();

  /* `refused` is called with error statuses; network failures are thrown. */
  constructor(address, seat, refused) {
    Object.assign(this, { address, seat, refused });
  }

  async request(method, address, message) {
    const headers = { Accept: "application/json", "X-Seat": this.seat };
    if (message?.kind !== "chat") headers["X-Background"] = "1"; // only people's own actions keep the session alive
    if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": csrf() });
    const answer = await fetch(address, {
      method, headers, body: message && JSON.stringify(message), redirect: "manual",
      keepalive: message?.kind === "bye", signal: AbortSignal.timeout(TIMEOUT),
    });
    if (answer.status === 0 || answer.status >= 500) throw new Error(answer.status);
    if (answer.ok) return answer.status === 204 ? {} : answer.json();
    if (address.startsWith(this.address)) this.refused(answer.status, message?.epoch);
    return null;
  }

  hear(query) {
    return this.request("GET", `${this.address}?${new URLSearchParams(query)}`);
  }

  say(message) {
    return this.request("POST", this.address, message);
  }

  /* Retried until it arrives, or is stale. */
  async deliver(message, isMeant) {
    for (let wait = 300; isMeant(); wait = Math.min(wait * 2, 5000)) {
      try { return await this.say(message); } catch { await sleep(wait); }
    }
    return null;
  }

  enqueue(message, isMeant) {
    this.#queue = this.#queue.then(() => this.deliver(message, isMeant));
    return this.#queue;
  }
}
