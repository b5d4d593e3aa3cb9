/* One call between two or three pages. Each page that joins has an epoch; messages of another epoch are stale. */
import { lacking } from "./browsers.js";
import { Chat } from "./chat.js";
import { Devices } from "./devices.js";
import { Door } from "./door.js";
import { floatPicture } from "./floating.js";
import { Line } from "./line.js";
import { Peer } from "./peer.js";
import { Settings } from "./settings.js";
import { View } from "./view.js";

const FAST = 400, CHATTY = 1000, CALM = 1000, SLOW = 2500, CHATTING = 60000, DOOR = 2000, STUCK_AFTER = 25000, AWAY = 2;
const ORDER = ["good", "fair", "poor"];

class Call {
  epoch = 0;               // our page; 0 while it is in no call
  peers = new Map();       // role -> the page of that person
  #heard = 0;
  #wake = () => {};
  #chatted = -Infinity;
  #since = 0;
  #isAway = false;          // the portal does not respond; connected peers go on

  constructor(root) {
    const { role, seat, signal, guests } = root.dataset;
    this.role = role;
    this.main = role === "doctor" ? "patient" : "doctor";
    this.view = new View(root, () => Boolean(this.epoch));
    this.line = new Line(signal, seat, (status, epoch = this.epoch) => this.#refused(status, epoch));
    this.devices = new Devices((kind, track) => this.#replaced(kind, track), () => this.#showDevices());
    this.chat = new Chat(this.view, this.line, () => this.epoch);
    this.chat.sent = () => { this.#chatted = performance.now(); this.#wake(); };
    if (guests) this.door = new Door(this.view, this.line, guests, (text) => this.chat.send(text));
    floatPicture(this.view);
    this.settings = new Settings(this.view, this.devices, () => this.#showControls());
    this.#listenToPeople(root);
  }

  #listenToPeople(root) {
    const { view } = this;
    view.on("mute", "click", () => this.#toggle("audio"));
    view.on("camera", "click", () => this.#toggle("video"));
    const asks = view.at("leave-yes"), leave = () => { this.#sayBye(this.epoch, true); this.end("left"); };
    view.on("leave", "click", () => { if (asks) view.toggle("leave"); else leave(); });
    view.on("leave-yes", "click", leave);
    for (const each of view.all("[data-close]")) each.addEventListener("click", () => view.close());
    view.on("again", "click", () => this.join());
    root.addEventListener("click", () => this.#unblock());
    root.addEventListener("keydown", ({ key }) => { if (key === "Escape") view.close(); });
    addEventListener("online", () => this.#restart());
    navigator.connection?.addEventListener?.("change", () => this.#restart());
    addEventListener("pagehide", () => this.quit());
    addEventListener("pageshow", ({ persisted }) => { if (persisted && root.isConnected) this.join(); });
    new MutationObserver((_, observer) => {
      if (root.isConnected) return;
      observer.disconnect();
      this.quit();
    }).observe(document.body, { childList: true, subtree: true });
  }

  /* Joining and leaving. */

  async join() {
    const { view } = this, lack = lacking();
    if (lack) return view.show(lack);
    view.show("asking");
    try { await this.devices.open(); } catch ({ name }) { return view.show(name === "NotAllowedError" ? "blocked" : "missing"); }
    this.#showControls();
    view.at("own").srcObject = this.devices.stream;
    view.show("connecting");
    const answer = await this.#sayHello();
    if (!answer) return;
    if (!["connecting", "door"].includes(view.state)) return this.#sayBye(answer.epoch); // left before the answer
    this.#since = performance.now();
    this.epoch = this.#heard = answer.epoch;
    this.servers = answer.servers;
    view.show("waiting");
    for (const each of answer.others) this.#meet(each, true);
    this.#listen();
    this.#tick();
  }

  /* A guest polls until the doctor admits: the response's epoch is 0 until then. */
  async #sayHello() {
    for (;;) {
      const answer = await this.line.deliver({ kind: "hello" }, () => ["connecting", "door"].includes(this.view.state));
      if (!answer || answer.epoch) return answer;
      this.view.show("door");
      await new Promise((done) => setTimeout(done, DOOR));
    }
  }

  end(state) {
    this.epoch = 0;
    this.#wake();
    for (const who of [...this.peers.keys()]) this.#part(who);
    this.devices.close();
    this.view.bars("");
    this.view.show(state);
  }

  /* The page is hidden, or the call was taken out of it: nobody is left to be told anything. */
  quit() {
    this.#sayBye();
    this.epoch = 0;
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
    this.devices.close();
  }

  #sayBye(epoch = this.epoch, wanted = false) {
    if (epoch) this.line.say({ kind: "bye", epoch, ...(wanted && { wanted }) }).catch(() => {});
  }

  #refused(status, epoch) {
    const state = { 401: "over", 404: "over", 409: "elsewhere", 410: "over" }[status];
    if (state && epoch === this.epoch && !["left", "elsewhere"].includes(this.view.state)) this.end(state);
  }

  /* Incoming signals. */

  async #listen() {
    const mine = this.epoch;
    for (let failures = 0; this.epoch === mine;) {
      try {
        const answer = await this.line.hear({ epoch: mine, after: this.#heard, chat: this.chat.last });
        if (answer && this.epoch === mine) await this.#take(answer);
        failures = answer ? 0 : failures + 1;
        this.#isAway = false;
      } catch { failures += 1; this.#isAway = failures >= AWAY; }
      if (this.epoch === mine) this.#showNote();
      await new Promise((done) => { this.#wake = done; setTimeout(done, this.#interval(failures)); });
    }
  }

  #interval(failures) {
    if (failures) return Math.min(FAST * 2 ** failures, 5000);
    if (performance.now() - this.#chatted < CHATTING) return CHATTY;
    const isBusy = [...this.peers.values()].some((peer) => !peer.isConnected);
    return isBusy ? FAST : this.peers.size ? SLOW : CALM;
  }

  async #take({ over, messages, chat, guest }) {
    if (over) return this.end("over");
    if (chat.length && this.chat.last) this.#chatted = performance.now();
    this.chat.add(chat);
    this.door?.show(guest);
    for (const message of messages) await this.#hear(message);
  }

  async #hear(message) {
    this.#heard = message.number;
    if (message.kind === "hello") return this.#meet(message, false);
    const peer = [...this.peers.values()].find((each) => each.epoch === message.epoch);
    if (!peer) return;
    if (message.kind === "bye") return this.#part(peer.who, true);
    if (message.kind !== "status") return peer.hear(message);
    peer.picture = message;
    this.#changed(peer);
  }

  #meet({ who, name, epoch }, calls) {
    this.#part(who);
    const use = {
      send: (peer, kind, content) => this.#send(peer, kind, content), changed: (peer) => this.#changed(peer),
      play: (peer, track) => this.#play(peer, track), servers: () => this.#freshServers(),
    };
    this.peers.set(who, new Peer({ who, name, epoch, calls, own: this.devices, servers: this.servers, use }));
    if (who !== this.main) this.view.tell(this.view.words["joined"].replace("…", name || this.view.words[`from-${who}`]));
    this.#showState();
  }

  #part(who, isTold = false) {
    const peer = this.peers.get(who);
    peer?.close();
    this.peers.delete(who);
    this.view.clear(who);
    if (peer && isTold && who !== this.main) this.view.tell(this.view.words["gone"].replace("…", peer.name || this.view.words[`from-${who}`]));
    if (peer && this.epoch) this.#showState();
  }

  #send(peer, kind, content) {
    const message = { kind, epoch: this.epoch, peer: peer.epoch, ...content };
    this.line.enqueue(message, () => message.epoch === this.epoch && this.peers.get(peer.who) === peer);
  }

  async #freshServers() {
    const answer = await this.line.hear({ epoch: this.epoch, after: 10 ** 9 - 1, chat: 10 ** 9 - 1, servers: 1 });
    if (answer?.servers) this.servers = answer.servers;
    return this.servers;
  }

  #restart() {
    for (const peer of this.peers.values()) peer.restart();
    this.#wake();
  }

  /* Audio has an element of its own: a video element stays silent until its first picture, and there may be none. */
  #play(peer, track) {
    const element = this.view.tile(peer.who).querySelector(track.kind);
    element.srcObject = new MediaStream([track]);
    element.play().catch(({ name }) => { this.isMuted ||= name === "NotAllowedError"; this.#showNote(); });
  }

  #unblock() {
    if (!this.isMuted) return;
    this.isMuted = false;
    for (const each of this.view.all("audio")) each.play().catch(() => { this.isMuted = true; });
    this.#showNote();
  }

  /* Once a second, during the call. */
  async #tick() {
    const mine = this.epoch;
    while (this.epoch === mine) {
      for (const peer of this.peers.values()) await peer.tick();
      if (!document.hidden) await this.devices.retake();
      await new Promise((done) => setTimeout(done, 1000));
      this.#showNote();
    }
  }

  #changed(peer) {
    if (this.peers.get(peer.who) !== peer) return;
    this.#showState();
    this.view.picture(peer);
    const picture = !this.devices.track("video") ? "none" : !this.devices.isHeard("video") ? "off" : peer.isWeak ? "weak" : "on";
    peer.tell({ voice: this.devices.isHeard("audio"), picture, quality: peer.quality });
  }

  #showState() {
    const main = this.peers.get(this.main), wasConnected = ["connected", "lost"].includes(this.view.state);
    const state = !main ? "waiting" : main.isConnected ? "connected" : wasConnected ? "lost" : "connecting";
    if (this.view.show(state)) { this.#since = performance.now(); this.#wake(); }
    const worst = Math.max(-1, ...[...this.peers.values()].filter((each) => each.isConnected).map((each) => ORDER.indexOf(each.quality)));
    this.view.bars(ORDER[worst] ?? "");
    this.#showNote();
  }

  /* The one thing people should know now. */
  #showNote() {
    const isWeak = [...this.peers.values()].some((peer) => peer.isConnected && peer.isWeak);
    const isStuck = ["connecting", "lost"].includes(this.view.state) && performance.now() - this.#since > STUCK_AFTER;
    if (!this.epoch) return;
    const away = !this.#isAway ? "" : this.view.state === "connected" ? "away" : "away-too";
    const isTaken = this.devices.isTaken("audio");
    this.view.note(away ? away : isTaken ? "taken" : this.isMuted ? "no-sound" : isStuck ? "stuck" : !this.devices.track("video") ? "no-camera" : isWeak ? "weak" : "");
  }

  /* Camera and microphone. */

  async #toggle(kind) {
    await this.devices.toggle(kind).catch(() => {});
    this.#showDevices();
  }

  #showDevices() {
    this.#showControls();
    for (const peer of this.peers.values()) this.#changed(peer);
  }

  async #replaced(kind, track) {
    this.#showDevices();
    for (const peer of this.peers.values()) await peer.replace(kind, track);
  }

  #showControls() {
    this.view.label("mute", this.devices.isOn("audio"));
    this.view.label("camera", this.devices.isOn("video"));
    this.view.root.dataset.camera = this.devices.isOn("video") ? "on" : "off";
    this.view.root.dataset.facing = this.devices.facing;
    this.#showNote();
    this.settings.list();
  }
}

/* A module runs once for a page, but htmx may load a call more than once. */
function start() {
  for (const root of document.querySelectorAll("#video-call:not([data-started])")) {
    root.dataset.started = "";
    new Call(root).join();
  }
}

document.addEventListener("htmx:after:swap", start);
start();
