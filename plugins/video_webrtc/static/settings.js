/* Choice of camera, microphone and loudspeaker; front or back camera. */
const KINDS = { "video-device": ["videoinput", "video"], "audio-device": ["audioinput", "audio"] };

export class Settings {
  constructor(view, devices, changed) {
    Object.assign(this, { view, devices, changed });
    view.on("settings", "click", () => view.toggle("settings"));
    for (const [part, [, kind]] of Object.entries(KINDS)) {
      view.on(part, "change", ({ target }) => this.#try(() => devices.choose(kind, target.value)));
    }
    view.on("speaker-device", "change", ({ target }) => {
      for (const each of view.all("audio")) each.setSinkId(target.value).catch(() => {});
    });
    view.on("turn", "click", () => this.#try(() => devices.turn()));
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.list());
  }

  async list() {
    const found = await this.devices.list();
    for (const [part, [from, kind]] of Object.entries(KINDS)) {
      this.#fill(part, found[from], this.devices.track(kind)?.getSettings().deviceId);
    }
    const canChoose = "setSinkId" in HTMLMediaElement.prototype ? found.audiooutput : [];
    this.#fill("speaker-device", canChoose, this.view.at("speaker-device").value);
    this.view.at("turn").hidden = found.videoinput.length < 2 || !this.devices.track("video");
  }

  #fill(part, devices, chosen) {
    const select = this.view.at(part);
    select.replaceChildren(...devices.map((each) => new Option(each.label, each.deviceId, false, each.deviceId === chosen)));
    select.closest("label").hidden = devices.length < 2;
  }

  async #try(act) {
    await act().catch(() => this.view.tell(this.view.words["device-failed"]));
    this.changed();
  }
}
