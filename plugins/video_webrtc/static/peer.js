/* The connection to one other page: "perfect negotiation". The newcomer calls, and yields when both offer at once. */
import { judge, Meter, Pace, STEPS } from "./quality.js";

const GATHER = 100, RETRY = 6000, FIRST_RETRY = 15000, YIELDING = 2000, STANDING = 3500;

export class Peer {
  quality = "good";
  picture = null;          // state that the other side reports
  pace = new Pace();
  #meter = new Meter();
  #offering = false;
  #ignoring = false;
  #candidates = [];
  #due = performance.now() + FIRST_RETRY;
  #told = "";
  #isFresh = true;

  /* `own` is the stream to send; `send(peer, kind, content)`, `changed(peer)`, `play(peer, track)` and `servers()` are callbacks. */
  constructor({ who, name, epoch, calls, own, servers, use }) {
    Object.assign(this, { who, name, epoch, calls, own, use });
    const connection = this.connection = new RTCPeerConnection(servers);
    connection.onicecandidate = ({ candidate }) => { if (candidate?.candidate) this.#gather(candidate.toJSON()); };
    connection.onnegotiationneeded = () => this.#offer();
    connection.ontrack = ({ track }) => use.play(this, track);
    connection.onconnectionstatechange = () => this.#follow();
    if (calls) for (const kind of ["audio", "video"]) connection.addTransceiver(own.track(kind) ?? kind, { streams: [own.stream] });
  }

  get isConnected() { return this.connection.connectionState === "connected"; }
  get isClosed() { return this.connection.signalingState === "closed"; }
  get isWeak() { return this.pace.step === 0; }

  async hear({ kind, sdp, candidates }) {
    if (kind === "candidates") return this.#add(candidates);
    try { await this.#describe(kind, sdp); } catch { if (!this.#ignoring && !this.isClosed) this.restart(); }
  }

  /* Replace camera or microphone without renegotiation. */
  async replace(kind, track) {
    for (const each of this.#places(kind)) if (each.sender.track !== track) await each.sender.replaceTrack(track);
  }

  /* ICE restart, with fresh TURN credentials. */
  async restart() {
    this.#due = performance.now() + RETRY;
    const servers = await this.use.servers().catch(() => null);
    if (this.isClosed) return;
    if (servers) this.connection.setConfiguration(servers);
    this.connection.restartIce();
  }

  /* Once a second: restart a lost connection, else adapt the resolution to the bandwidth. */
  async tick() {
    if (!this.isConnected) return performance.now() > this.#due && this.restart();
    const figures = this.#meter.read(await this.connection.getStats());
    this.quality = judge(figures);
    if (!figures.isSilent && !this.#isFresh && this.pace.next(this.quality, figures.loss)) this.#fit();
    this.#isFresh = false;
    this.use.changed(this);
  }

  /* Report our state to the other page, when it has changed. */
  tell(status) {
    const text = JSON.stringify(status);
    if (!this.isConnected || text === this.#told) return;
    this.#told = text;
    this.use.send(this, "status", status);
  }

  close() {
    this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  /* What was lost while disconnected says nothing about the new connection. */
  #begin() {
    this.pace = new Pace();
    this.#isFresh = true;
    this.#fit();
  }

  #places(kind) {
    return this.connection.getTransceivers().filter((each) => each.receiver.track.kind === kind);
  }

  async #offer() {
    try {
      this.#offering = true;
      await this.connection.setLocalDescription();
      if (this.connection.localDescription) this.use.send(this, "offer", { sdp: this.connection.localDescription.sdp });
    } catch { /* closed meanwhile: the next page gets a new offer */ } finally { this.#offering = false; }
  }

  async #describe(type, sdp) {
    const state = this.connection.signalingState;
    const collides = type === "offer" && (this.#offering || state !== "stable");
    this.#ignoring = collides && !this.calls;
    if (this.#ignoring || (type === "answer" && state !== "have-local-offer")) return;
    await this.connection.setRemoteDescription({ type, sdp });
    if (type === "offer") await this.#answer();
    this.#fit();
  }

  async #answer() {
    for (const each of this.connection.getTransceivers()) {
      if (each.sender.track) continue;
      each.direction = "sendrecv";
      each.sender.setStreams?.(this.own.stream);
      await each.sender.replaceTrack(this.own.track(each.receiver.track.kind));
    }
    await this.connection.setLocalDescription();
    this.use.send(this, "answer", { sdp: this.connection.localDescription.sdp });
  }

  /* Audio has priority, and the resolution is no larger than the bandwidth allows. */
  #fit() {
    for (const { sender } of this.connection.getTransceivers()) {
      const parameters = sender.getParameters();
      if (!sender.track || !parameters.encodings?.length) continue;
      const urgent = { priority: "high", networkPriority: "high" };
      Object.assign(parameters.encodings[0], sender.track.kind === "audio" ? urgent : STEPS[this.pace.step]);
      sender.setParameters(parameters).catch(() => {});
    }
  }

  #gather(candidate) {
    if (this.#candidates.push(candidate) > 1) return;
    setTimeout(() => {
      const candidates = this.#candidates.splice(0, 20);
      if (candidates.length && !this.isClosed) this.use.send(this, "candidates", { candidates });
    }, GATHER);
  }

  /* Candidates of an ignored or stale offer do no harm. */
  async #add(candidates) {
    for (const candidate of candidates) await this.connection.addIceCandidate(candidate).catch(() => {});
  }

  #follow() {
    const state = this.connection.connectionState;
    if (state === "disconnected") this.#due = performance.now() + (this.calls ? YIELDING : STANDING);
    if (state === "failed") this.#due = Math.min(this.#due, performance.now() + (this.calls ? 0 : 1500));
    if (state === "connected") { this.#told = ""; this.#begin(); }
    this.use.changed(this);
  }
}
