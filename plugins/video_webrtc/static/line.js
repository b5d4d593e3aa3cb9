/* The line to the portal. What is said goes one after the other, so that it keeps its order. */
const TIMEOUT = 10000;
const csrf = () => document.querySelector("meta[name=csrf-token]").content;
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Line {
  #queue = Promise.resolve();

  /* `refused` hears of answers that say no; what fails on the way is an error. */
  constructor(address, seat, refused) {
    Object.assign(this, { address, seat, refused });
  }

  async request(method, address, message) {
    const headers = { Accept: "application/json", "X-Seat": this.seat };
    if (message?.kind !== "chat") headers["X-Background"] = "1"; // only what people do keeps them signed in
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

  /* Tried until it arrives, or is out of date. */
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
