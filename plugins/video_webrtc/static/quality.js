/* Quality of a connection, and the resolution it allows. Pure: fed with the figures of a second. */

/* From good to bad: packet loss, round-trip time in seconds, bits a second that the browser estimates. */
const POOR = { loss: 0.2, rtt: 1.2, rate: 60000 }, FAIR = { loss: 0.04, rtt: 0.4, rate: 150000 };
export const AWFUL = 0.35;

export function judge({ loss, rtt, rate }) {
  const beyond = (limit) => loss > limit.loss || rtt > limit.rtt || rate < limit.rate;
  return beyond(POOR) ? "poor" : beyond(FAIR) ? "fair" : "good";
}

/* None; 120, 240, 480 lines. A call begins with 240: on a slow connection a small picture at once is worth more. */
export const STEPS = [
  { active: false },
  { active: true, scaleResolutionDownBy: 4, maxBitrate: 70000, maxFramerate: 8 },
  { active: true, scaleResolutionDownBy: 2, maxBitrate: 200000, maxFramerate: 15 },
  { active: true, scaleResolutionDownBy: 1, maxBitrate: 500000, maxFramerate: 15 },
];
const FIRST = 2, DOWN = 3, UP = 8, BACK = 3, LONGEST = 48;

/* Current step of the resolution. Down quickly, up slowly; after each pause of the video a longer back-off. */
export class Pace {
  step = FIRST;
  #bad = 0;
  #good = 0;
  #backoff = BACK;

  /* Tell whether the step changed. */
  next(level, loss = 0) {
    const before = this.step;
    this.#bad = level === "poor" ? this.#bad + 1 : 0;
    this.#good = level === "poor" ? 0 : this.#good + (level === "good" || this.step === 0 ? 1 : 0);
    if (this.#bad >= DOWN && this.step > 0) this.#slow(loss);
    if (this.#good >= (this.step === 0 ? this.#backoff : UP) && this.step < STEPS.length - 1) this.#move(this.step + 1);
    return this.step !== before;
  }

  #slow(loss) {
    this.#move(loss > AWFUL ? 0 : this.step - 1);
    if (this.step === 0) this.#backoff = Math.min(this.#backoff * 2, LONGEST);
  }

  #move(step) {
    Object.assign(this, { step });
    this.#bad = this.#good = 0;
  }
}

/* Figures between two reports of getStats. A second without any packet is an outage, not low quality. */
export class Meter {
  #received = 0;
  #lost = 0;

  read(reports) {
    let received = 0, lost = 0, rtt = 0, rate = Infinity, theirs = 0;
    for (const report of reports.values()) {
      if (report.type === "inbound-rtp") { received += report.packetsReceived ?? 0; lost += report.packetsLost ?? 0; }
      if (report.type === "remote-inbound-rtp") theirs = Math.max(theirs, report.fractionLost ?? 0);
      if (report.type === "candidate-pair" && report.nominated && report.state === "succeeded") {
        rtt = report.currentRoundTripTime ?? rtt;
        rate = report.availableOutgoingBitrate ?? rate;
      }
    }
    const came = Math.max(received - this.#received, 0), missed = Math.max(lost - this.#lost, 0);
    [this.#received, this.#lost] = [received, lost];
    return { loss: Math.max(came ? missed / (came + missed) : 1, theirs), rtt, rate, isSilent: !came };
  }
}
