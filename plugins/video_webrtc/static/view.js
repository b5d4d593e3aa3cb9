/* The call's view: words for its state, a panel when it is not on, a note, the controls. */
import { browser } from "./browsers.js";

const PANELS = ["left", "elsewhere", "over", "blocked", "missing", "insecure", "old"];
const IDLE = [...PANELS, "asking", "door", "start"];

export class View {
  /* `speaks` tells whether the call itself says when the portal does not respond. */
  constructor(root, speaks) {
    Object.assign(this, { root, speaks });
    this.#measure();
    const said = [...this.at("words").content.querySelectorAll("[data-word]")];
    this.words = Object.fromEntries(said.map((word) => [word.dataset.word, word.textContent]));
  }

  /* One's own picture stands above the controls, however many lines these take. */
  #measure() {
    const bar = this.root.querySelector(".vc-bar");
    if (window.ResizeObserver) new ResizeObserver(() => this.root.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  }

  get state() { return this.root.dataset.state; }

  at(part) { return this.root.querySelector(`[data-part="${part}"]`); }
  all(selector) { return [...this.root.querySelectorAll(selector)]; }
  on(part, name, act) { this.at(part)?.addEventListener(name, act); }
  tile(who) { return this.root.querySelector(`[data-who="${who}"]`); }

  /* Tell whether the state changed. */
  show(state) {
    if (this.state === state) return false;
    const isPanel = PANELS.includes(state);
    this.root.dataset.state = state;
    this.root.toggleAttribute("data-panel", isPanel);
    this.at("status").textContent = isPanel ? "" : this.words[state];
    this.at("panel").hidden = !isPanel;
    if (isPanel) this.#fillPanel(state);
    for (const button of this.all(".vc-bar button")) button.disabled = IDLE.includes(state);
    if (IDLE.includes(state)) this.open(null);
    this.root.dispatchEvent(new CustomEvent("portal:call", { bubbles: true, detail: { state, speaks: this.speaks() } }));
    return true;
  }

  #fillPanel(state) {
    this.at("panel-title").textContent = this.words[state];
    this.at("panel-text").textContent = this.words[`${state}-text`] ?? this.words[`${state}-text-${browser()}`];
    this.at("again").hidden = !(`${state}-button` in this.words);
    this.at("again").textContent = this.words[`${state}-button`] ?? "";
    this.at("panel").focus();
  }

  note(word) {
    const text = this.words[word] ?? "", note = this.at("note");
    if (note.textContent !== text) note.textContent = text;
    note.hidden = !text;
  }

  /* A temporary sentence, also for screen readers. */
  tell(text) {
    const toast = this.at("toast");
    toast.textContent = text;
    clearTimeout(this.fading);
    this.fading = setTimeout(() => { toast.textContent = ""; }, 8000);
  }

  /* The button says what it would do; that it was done is announced. */
  label(part, isOn) {
    const button = this.at(part), was = button.dataset.is;
    button.dataset.is = isOn ? "on" : "off";
    button.querySelector("span").textContent = isOn ? button.dataset.on : button.dataset.off;
    if (was && was !== button.dataset.is) this.tell(this.words[`${part}-${button.dataset.is}`]);
  }

  bars(quality) {
    const bars = this.at("bars");
    bars.hidden = !quality;
    if (!quality || bars.dataset.quality === quality) return;
    bars.dataset.quality = quality;
    bars.querySelector("span").textContent = this.words[`line-${quality}`];
  }

  /* The video of one person, with a word where there is none. */
  picture(peer) {
    const tile = this.tile(peer.who), missing = peer.isConnected && peer.picture && peer.picture.picture !== "on";
    tile.hidden = false;
    tile.dataset.state = peer.isConnected ? "connected" : peer.connection.connectionState;
    tile.toggleAttribute("data-dark", Boolean(missing));
    const word = missing ? this.words[`their-${peer.picture.picture}`] : peer.picture?.voice === false ? this.words["their-mute"] : "";
    const line = tile.querySelector("p");
    if (line.textContent !== word) line.textContent = word;
    if (peer.name) tile.querySelector("video").setAttribute("aria-label", peer.name);
    if (peer.name) tile.querySelector("figcaption").textContent = peer.name;
  }

  clear(who) {
    const tile = this.tile(who);
    for (const each of tile.querySelectorAll("video, audio")) each.srcObject = null;
    tile.hidden = !tile.hasAttribute("data-main");
    tile.dataset.state = "";
    tile.removeAttribute("data-dark");
    tile.querySelector("p").textContent = "";
  }

  /* One drawer beside the video at a time, or none. */
  open(name) {
    for (const drawer of this.all("[data-drawer]")) {
      drawer.hidden = drawer.dataset.drawer !== name;
      this.at(drawer.dataset.drawer).setAttribute("aria-expanded", String(!drawer.hidden));
    }
    this.root.toggleAttribute("data-open", Boolean(name));
  }

  /* What opened it gets the focus back; the chat of a patient is opened from a drawer that is closed by now. */
  close() {
    const open = this.root.querySelector("[data-drawer]:not([hidden])");
    if (!open) return;
    const opener = this.at(open.dataset.drawer);
    this.open(null);
    (opener.offsetParent ? opener : this.at("settings")).focus();
  }

  toggle(name) {
    const isClosed = this.root.querySelector(`[data-drawer="${name}"]`).hidden;
    if (!isClosed) { this.close(); return; }
    this.open(name);
    const drawer = this.root.querySelector(`[data-drawer="${name}"]`);
    (drawer.querySelector("[data-first]") ?? drawer.querySelector(":is(input, select)"))?.focus();
  }
}
