/* Camera, microphone, loudspeaker. Audio matters most: without a camera the call goes on. A telephone call, another
   program or an empty headset may take them away in the middle: they are taken back as soon as that is over. */
const PICTURE = { width: { ideal: 640, max: 640 }, height: { ideal: 480, max: 480 }, frameRate: { ideal: 15, max: 20 } };
const ask = (wanted) => navigator.mediaDevices.getUserMedia(wanted);

export class Devices {
  stream = new MediaStream();
  facing = "user";
  #lost = new Set();       // kinds that ended without being asked to

  /* `changed(kind, track)` is called when a track is replaced, `taken()` when one is taken away or given back. */
  constructor(changed, taken) {
    Object.assign(this, { changed, taken });
  }

  track(kind) {
    return this.stream.getTracks().find((each) => each.kind === kind && each.readyState === "live") ?? null;
  }

  isOn(kind) {
    return Boolean(this.track(kind)?.enabled);
  }

  /* Does this kind really reach the other side? A telephone call mutes a track that is switched on. */
  isHeard(kind) {
    return this.isOn(kind) && !this.track(kind).muted;
  }

  /* Was this kind taken away, and not switched off? */
  isTaken(kind) {
    return this.#lost.has(kind) || Boolean(this.track(kind)?.muted);
  }

  async open() {
    const wanted = { audio: true, video: { ...PICTURE, facingMode: this.facing } };
    const stream = await ask(wanted).catch(() => ask({ audio: true }));
    this.close();
    stream.getTracks().forEach((each) => this.#add(each));
  }

  close() {
    this.#lost.clear();
    for (const each of this.stream.getTracks()) { each.stop(); this.stream.removeTrack(each); }
  }

  /* Toggle; a camera that was refused or absent at first is requested again. */
  async toggle(kind) {
    const track = this.track(kind);
    if (track) track.enabled = !track.enabled;
    else await this.#take(kind, {});
  }

  /* Take back what was taken away; who has forbidden it meanwhile is not asked again. */
  async retake() {
    for (const kind of [...this.#lost]) {
      const wanted = kind === "video" ? { facingMode: this.facing } : {};
      await this.#take(kind, wanted).catch(({ name }) => { if (name === "NotAllowedError") this.#lost.delete(kind); });
    }
  }

  /* Switch to another device of the same kind. */
  choose(kind, deviceId) {
    return this.#take(kind, { deviceId: { exact: deviceId } });
  }

  /* Switch between front and back camera, to show a wound. */
  async turn() {
    const facing = this.facing === "user" ? "environment" : "user";
    const cameras = (await this.list()).videoinput, now = this.track("video")?.getSettings().deviceId;
    const next = cameras[(cameras.findIndex((each) => each.deviceId === now) + 1) % cameras.length];
    await this.#take("video", { facingMode: { exact: facing } }).catch(() => this.choose("video", next.deviceId));
    this.facing = facing;
  }

  async list() {
    const found = { audioinput: [], videoinput: [], audiooutput: [] };
    for (const each of await navigator.mediaDevices.enumerateDevices()) if (each.deviceId) found[each.kind].push(each);
    return found;
  }

  /* Phones allow one camera at a time, so the old one is released first; if the new one fails, it is requested again. */
  async #take(kind, wanted) {
    const old = this.track(kind), before = old?.getSettings().deviceId;
    const get = async (which) => {
      const [track] = (await ask(kind === "video" ? { video: { ...PICTURE, ...which } } : { audio: which })).getTracks();
      this.#add(track);
      this.#lost.delete(kind);
      this.changed(kind, track);
    };
    if (old) { old.stop(); this.stream.removeTrack(old); }
    try { await get(wanted); } catch (error) {
      if (before) await get({ deviceId: before });
      throw error;
    }
  }

  #add(track) {
    this.stream.addTrack(track);
    track.addEventListener("ended", () => { this.stream.removeTrack(track); this.#lost.add(track.kind); this.taken(); });
    for (const name of ["mute", "unmute"]) track.addEventListener(name, () => this.taken());
  }
}
