/* The doctor's controls for a third person: invite, see who asks to come in, admit, remove. */
export class Door {
  #shown = "";
  #link = "";

  constructor(view, line, address, say) {
    Object.assign(this, { view, line, address, say });
    view.on("guest-form", "submit", (event) => { event.preventDefault(); this.#invite(view.at("guest-name").value); });
    view.on("guest-copy", "click", () => this.#copy());
    view.on("guest-send", "click", () => say(this.#link));
    view.on("guest-admit", "click", () => this.#act("admit"));
    for (const part of ["guest-refuse", "guest-remove"]) view.on(part, "click", () => this.#act("remove"));
  }

  /* State of the third person, from each poll. */
  show(guest) {
    this.guest = guest;
    const state = guest?.state ?? "none", text = `${state} ${guest?.uid}`;
    if (text === this.#shown) return;
    this.#shown = text;
    if (state !== "invited") this.#link = "";
    const { view } = this, name = guest?.name ?? "";
    view.at("guest-form").hidden = state !== "none";
    view.at("guest-present").hidden = state === "none";
    view.at("guest-link-box").hidden = !this.#link;
    view.at("guest-asks").hidden = state !== "asking";
    view.at("guest-asking").textContent = view.words["guest-asking"].replace("…", name);
    view.at("guest-state").textContent = state === "none" ? "" : view.words[`guest-${state}`].replace("…", name);
  }

  async #invite(name) {
    const answer = await this.line.request("POST", this.address, { name }).catch(() => null);
    this.view.at("guest-failed").hidden = Boolean(answer);
    if (!answer) return;
    this.#link = answer.link;
    this.view.at("guest-link").value = answer.link;
    this.view.at("guest-name").value = "";
    this.show({ uid: answer.uid, name: name.trim(), state: "invited" });
    this.view.at("guest-copy").focus();
  }

  async #copy() {
    const field = this.view.at("guest-link");
    field.select();
    const isCopied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    if (isCopied) this.view.tell(this.view.words["guest-copied"]);
  }

  #act(deed) {
    if (!this.guest) return;
    this.view.at("guest-asks").hidden = true;
    this.line.request("POST", `${this.address}/${this.guest.uid}/${deed}`, {}).catch(() => { this.#shown = ""; });
  }
}
