/* Chat: through the portal, so that it arrives when audio and video do not. */
export class Chat {
  last = 0;
  unread = 0;

  constructor(view, line, epoch) {
    Object.assign(this, { view, line, epoch });
    view.on("messages", "click", () => { view.toggle("messages"); this.#count(0); });
    view.on("chat-form", "submit", (event) => { event.preventDefault(); this.send(view.at("chat-text").value); });
  }

  get isOpen() { return !this.view.root.querySelector('[data-drawer="messages"]').hidden; }

  /* What could not be sent stays in its field. */
  async send(text) {
    const field = this.view.at("chat-text"), failed = this.view.at("chat-failed");
    if (!text.trim()) return;
    field.readOnly = true;
    const answer = await this.line.say({ kind: "chat", epoch: this.epoch(), text }).catch(() => null);
    field.readOnly = false;
    failed.hidden = Boolean(answer);
    if (answer && field.value === text) field.value = "";
    field.focus();
    this.sent?.();
  }

  add(lines) {
    for (const line of lines) if (line.number > this.last) this.#append(line);
  }

  #append({ number, who, name, text }) {
    const isOwn = who === this.view.root.dataset.role, row = this.view.at("chat-line").content.cloneNode(true);
    const from = isOwn ? this.view.words["from-me"] : name || this.view.words[`from-${who}`];
    row.querySelector("li").toggleAttribute("data-own", isOwn);
    row.querySelector("b").textContent = from;
    row.querySelector("span").textContent = text;
    this.view.at("chat-lines").append(row);
    this.view.at("chat-lines").lastElementChild.scrollIntoView({ block: "nearest" });
    this.last = number;
    if (isOwn || this.isOpen) return;
    this.#count(this.unread + 1);
    this.view.tell(`${from}: ${text}`);
  }

  #count(unread) {
    this.unread = unread;
    const badge = this.view.at("unread");
    badge.hidden = !unread;
    badge.textContent = unread;
  }
}
