/* Call check: camera, microphone, loudspeaker, internet, the TURN relay. Each part gives one verdict. */
import { browser, lacking } from "./browsers.js";

const LISTEN = 8000, LOUD = 4, GATHER = 8000, ROUNDS = 4, SLOW_RTT = 400, SLOW_RATE = 300, NO_RATE = 80, ASK_AGAIN = 30000;

class Check {
  constructor(root) {
    this.root = root;
    const said = [...this.at("words").content.querySelectorAll("[data-word]")];
    this.words = Object.fromEntries(said.map((word) => [word.dataset.word, word.textContent]));
    this.at("start").addEventListener("click", () => this.run());
    this.at("start").disabled = false;
    this.at("tone").addEventListener("click", () => this.#play());
    for (const [part, verdict] of [["yes", "ok"], ["no", "failed"]]) this.at(part).addEventListener("click", () => this.answer?.(verdict));
    addEventListener("pagehide", () => this.#stop());
    new MutationObserver((_, observer) => {
      if (root.isConnected) return;
      observer.disconnect();
      this.#stop();
    }).observe(document.body, { childList: true, subtree: true });
  }

  at(part) { return this.root.querySelector(`[data-part="${part}"]`); }

  async run() {
    const lack = lacking();
    this.#advise(lack);
    if (lack) return;
    this.#stop();
    this.at("start").disabled = true;
    this.at("done").hidden = true;
    this.isAnswered = false;
    this.findings = { camera: "unknown", microphone: "unknown", speaker: "unknown", network: "unknown", relay: "unknown" };
    for (const row of this.root.querySelectorAll("[data-check]")) this.#say(row.dataset.check, "busy");
    await Promise.all([this.#devices(), this.#network().catch(() => this.#verdict("network", "failed")), this.#relay()]);
    await this.#finish();
  }

  async #devices() {
    this.audio ??= new AudioContext();
    await this.#open("video", "camera");
    await this.#open("audio", "microphone");
    if (!this.stream) return;
    this.at("devices").hidden = false;
    this.at("picture").hidden = this.findings.camera !== "ok";
    this.at("level").closest("p").hidden = !this.stream.getAudioTracks().length;
    this.at("picture").srcObject = this.stream;
    await Promise.all([this.#listen(), this.#hear()]);
  }

  async #open(kind, part) {
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia({ [kind]: true })).getTracks();
      (this.stream ??= new MediaStream()).addTrack(track);
      if (kind === "video") this.#verdict(part, "ok");
    } catch ({ name }) {
      this.#verdict(part, name === "NotAllowedError" ? "refused" : "missing");
      this.#advise(name === "NotAllowedError" ? `refused-${browser()}` : "missing-help");
    }
  }

  /* The bar shows the volume; a microphone that stays silent for eight seconds has failed. */
  async #listen() {
    const [track] = this.stream?.getAudioTracks() ?? [];
    if (!track) return;
    const ear = this.audio.createAnalyser(), heard = new Uint8Array(ear.fftSize);
    this.audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
    const until = performance.now() + LISTEN;
    for (let loudest = 0; track.readyState === "live";) {
      ear.getByteTimeDomainData(heard);
      const level = Math.min(100, Math.max(...heard.map((each) => Math.abs(each - 128))) * 2);
      this.at("level").value = level;
      loudest = Math.max(loudest, level);
      if (loudest > LOUD && this.findings.microphone !== "ok") this.#verdict("microphone", "ok");
      if (performance.now() > until && this.findings.microphone === "unknown") this.#verdict("microphone", "failed");
      if (this.findings.microphone !== "unknown" && this.isAnswered) return;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  /* Only the person can tell whether there was a sound; the question has a timeout. */
  async #hear() {
    const verdict = await new Promise((answer) => {
      this.answer = answer;
      setTimeout(() => answer("unknown"), ASK_AGAIN);
    });
    this.isAnswered = true;
    this.at("heard").hidden = true;
    this.#verdict("speaker", verdict);
  }

  async #play() {
    await this.audio.resume();
    const voice = this.audio.createOscillator(), volume = this.audio.createGain(), start = this.audio.currentTime;
    voice.frequency.setValueAtTime(523, start);
    voice.frequency.setValueAtTime(659, start + 0.5);
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 1.2);
    voice.connect(volume).connect(this.audio.destination);
    voice.start(start);
    voice.stop(start + 1.2);
    this.at("heard").hidden = false;
    this.at("yes").focus();
  }

  /* The quickest of some small responses is the round-trip time; a large one gives the throughput. */
  async #network() {
    const fetched = async (query) => {
      const start = performance.now(), answer = await fetch(this.root.dataset.sample + query, { cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(answer.status);
      const bytes = (await answer.arrayBuffer()).byteLength;
      return [performance.now() - start, bytes];
    };
    let rtt = Infinity;
    for (let round = 0; round < ROUNDS; round += 1) rtt = Math.min(rtt, (await fetched("?small"))[0]);
    const [took, bytes] = await fetched("");
    Object.assign(this.findings, { rtt_ms: Math.round(rtt), down_kbps: Math.min(Math.round(bytes * 8 / took), 10 ** 6) });
    const { rtt_ms: delay, down_kbps: speed } = this.findings;
    this.#verdict("network", speed < NO_RATE ? "failed" : delay > SLOW_RTT || speed < SLOW_RATE ? "weak" : "ok");
  }

  /* A reachable relay gives a relay candidate. */
  async #relay() {
    const servers = JSON.parse(this.root.dataset.servers);
    if (servers.iceTransportPolicy !== "relay") return;
    const probe = new RTCPeerConnection(servers);
    const verdict = await new Promise((answer) => {
      probe.onicecandidate = ({ candidate }) => { if (candidate?.candidate) answer("ok"); };
      probe.onicegatheringstatechange = () => { if (probe.iceGatheringState === "complete") answer("failed"); };
      setTimeout(() => answer("failed"), GATHER);
      probe.createDataChannel("check");
      probe.setLocalDescription().catch(() => answer("failed"));
    });
    probe.close();
    this.#verdict("relay", verdict);
  }

  async #finish() {
    if (!this.root.isConnected) return;
    this.#stop();
    const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
    await fetch(this.root.dataset.result, { method: "POST", headers, body: JSON.stringify(this.findings) }).catch(() => {});
    const isWell = Object.values(this.findings).every((each) => !["weak", "failed", "refused", "missing"].includes(each));
    this.at("devices").hidden = true;
    this.at("done").textContent = this.words[isWell ? "all-well" : "some-trouble"];
    this.at("done").className = `notice ${isWell ? "success" : "warn"}`;
    this.at("done").hidden = false;
    this.at("start").textContent = this.words.again;
    this.at("start").disabled = false;
  }

  #verdict(part, verdict) {
    this.findings[part] = verdict;
    this.#say(part, verdict);
  }

  #say(part, word) {
    const row = this.root.querySelector(`[data-check="${part}"]`);
    if (!row) return;
    row.dataset.verdict = word;
    row.querySelector("span").textContent = this.words[word];
  }

  #advise(word) {
    this.at("help").hidden = !word;
    this.at("help-text").textContent = this.words[word] ?? "";
  }

  #stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }
}

function start() {
  for (const root of document.querySelectorAll("#video_check:not([data-started])")) {
    root.dataset.started = "";
    new Check(root);
  }
}

/* In a tab of its own: the call stands above the check, and must be seen. */
let seen = "";
function look() {
  const turn = document.querySelector("#video_check_queue .turn"), phase = turn?.dataset.phase ?? "";
  if (phase === "called" && seen !== phase) turn.scrollIntoView({ block: "start" });
  seen = phase;
}

document.addEventListener("htmx:after:swap", () => { start(); look(); });
start();
