/* What a line is worth, and what picture it can bear. Pure: fed with the figures of a second. */

/* From good to bad: share of packets lost, seconds there and back, bits a second that the browser thinks it may send. */
const POOR = { loss: 0.2, rtt: 1.2, rate: 60000 }, FAIR = { loss: 0.04, rtt: 0.4, rate: 150000 };
export const AWFUL = 0.35;

export function judge({ loss, rtt, rate }) {
  const beyond = (limit) => loss > limit.loss || rtt > limit.rtt || rate < limit.rate;
  return beyond(POOR) ? "poor" : beyond(FAIR) ? "fair" : "good";
}

/* Nothing; 120, 240, 480 lines. A call begins with 240: on a slow line a small picture at once is worth more. */
export const STEPS = [
  { active: false },
  { active: true, scaleResolutionDownBy: 4, maxBitrate: 70000, maxFramerate: 8 },
  { active: true, scaleResolutionDownBy: 2, maxBitrate: 200000, maxFramerate: 15 },
  { active: true, scaleResolutionDownBy: 1, maxBitrate: 500000, maxFramerate: 15 },
];
const FIRST = 2, DOWN = 3, UP = 8, BACK = 3, LONGEST = 48;

/* Which step the picture is on. Down quickly, up slowly; each time the picture had to go, longer until it comes back. */
export class Pace {
  step = FIRST;
  #bad = 0;
  #good = 0;
  #patience = BACK;

  /* Is the step another one than before? */
  next(level, loss = 0) {
    const before = this.step;
    this.#bad = level === "poor" ? this.#bad + 1 : 0;
    this.#good = level === "poor" ? 0 : this.#good + (level === "good" || this.step === 0 ? 1 : 0);
    if (this.#bad >= DOWN && this.step > 0) this.#slow(loss);
    if (this.#good >= (this.step === 0 ? this.#patience : UP) && this.step < STEPS.length - 1) this.#move(this.step + 1);
    return this.step !== before;
  }

  #slow(loss) {
    this.#move(loss > AWFUL ? 0 : this.step - 1);
    if (this.step === 0) this.#patience = Math.min(this.#patience * 2, LONGEST);
  }

  #move(step) {
    Object.assign(this, { step });
    this.#bad = this.#good = 0;
  }
}

/* The figures of the time between two reports of getStats. A second without any packet is a cut, not a weak line. */
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
