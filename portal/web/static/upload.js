/* Photographs are made smaller before they go, and go one by one: what a bad line has taken is not sent again.
   Without this the form is sent whole, as it is. */
"use strict";
(() => {
  const LONGEST = 1600, QUALITY = 0.85, SMALL = 700_000, NARROW = 2.5; /* a long screenshot would become unreadable */
  const WAITS = [1, 2, 4, 8, 15, 30, 30, 30], STALL = 45_000, AGAIN = new Set([0, 408, 429, 500, 502, 503, 504]);
  const pending = new WeakMap();
  let count = 0;

  const drawn = async (file) => {
    const image = await createImageBitmap(file), { width, height } = image, longest = Math.max(width, height);
    if ((longest <= LONGEST && file.size <= SMALL) || longest / Math.min(width, height) > NARROW) return null;
    const scale = Math.min(1, LONGEST / longest), canvas = document.createElement("canvas");
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = canvas.getContext("2d");
    Object.assign(pen, { fillStyle: "#fff", imageSmoothingQuality: "high" });
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
  };

  /* What the browser cannot open, and what would not become smaller, goes as it is: the server opens more kinds. */
  const smaller = async (file) => {
    if (!file.type.startsWith("image/")) return file;
    const blob = await drawn(file).catch(() => null);
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], `${file.name.replace(/\.\w{1,5}$/, "")}.jpg`, { type: "image/jpeg" });
  };

  /* The camera gives one picture at a time: each is added to those that were chosen. */
  const take = async (box) => {
    const form = box.form, target = form.querySelector("input[type=file][data-records]:not([capture])"), all = new DataTransfer();
    const before = box === target ? [] : [...target.files];
    const fresh = await Promise.all([...box.files].map(smaller));
    [...before, ...fresh].forEach((file) => all.items.add(file));
    if (box !== target) box.value = "";
    target.files = all.files;
  };

  for (const camera of document.querySelectorAll(".camera")) camera.hidden = false;
  for (const button of document.querySelectorAll("[data-choose]")) {
    button.hidden = false;
    button.form.querySelector("[data-plain]").hidden = true;
  }

  document.addEventListener("click", ({ target }) => {
    target.closest?.("[data-choose]")?.form.querySelector("input[type=file][data-records]").click();
  });

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("input[type=file][data-records]") || !target.files.length) return;
    const work = (pending.get(target.form) ?? Promise.resolve()).then(() => take(target)).catch(() => {});
    pending.set(target.form, work);
    if ("atOnce" in target.form.dataset) target.form.requestSubmit();
  });

  /* What leads on to another page waits until all is sent. */
  document.addEventListener("htmx:before:request", (event) => {
    const leads = event.detail.ctx.sourceElement?.matches?.("[data-leads-on]");
    if (leads && document.querySelector("form[data-sending='1']")) event.preventDefault();
  });

  const wait = (seconds) => new Promise((done) => {
    const timer = setTimeout(done, seconds * 1000);
    addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });

  const post = (form, file, key, progress) => new Promise((done) => {
    const request = new XMLHttpRequest(), body = new FormData();
    for (const [name, value] of new FormData(form)) if (!(value instanceof File)) body.append(name, value);
    body.set("idempotency_key", key);
    body.append("records", file);
    request.responseType = "document";
    /* A weak line may take long for a scan of many pages: only one that brings nothing on is given up. */
    let timer = 0;
    const watch = () => { clearTimeout(timer); timer = setTimeout(() => request.abort(), STALL); };
    request.upload.onprogress = ({ loaded, total }) => { progress.value = loaded / total; watch(); };
    request.upload.onload = watch;
    request.onprogress = watch;
    request.onloadend = () => { clearTimeout(timer); done(request); };
    request.open("POST", form.action);
    request.send(body);
    watch();
  });

  const row = (list, file, words) => {
    const item = document.createElement("p"), name = document.createElement("b"), said = document.createElement("span");
    const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    name.textContent = file.name;
    progress.setAttribute("aria-label", file.name);
    said.textContent = words.sending;
    item.append(name, " ", said, progress);
    list.append(item);
    return { item, said, progress };
  };

  /* Null when the line stayed bad. The key makes a repeated sending harmless: the server may have had it all. */
  const deliver = async (form, file, { said, progress }, words) => {
    const key = `${form.elements.idempotency_key.value.slice(0, 36)}.${count++ % 1000}`;
    for (const seconds of [...WAITS, null]) {
      const answer = await post(form, file, key, progress);
      if (!AGAIN.has(answer.status)) return answer;
      if (seconds === null) break;
      said.textContent = words.waiting;
      await wait(seconds);
      said.textContent = words.sending;
    }
    return null;
  };

  const show = (page) => {
    const fresh = page?.getElementById("records-list"), old = document.getElementById("records-list");
    if (!fresh || !old) return false;
    const list = document.importNode(fresh, true);
    old.replaceWith(list);
    window.htmx?.process(list);
    return true;
  };

  const finish = (form, { left, page, isWhole }, words, list) => {
    const box = form.querySelector("input[type=file][data-records]:not([capture])"), files = new DataTransfer();
    left.forEach((file) => files.items.add(file));
    box.files = files.files;
    form.removeAttribute("aria-busy");
    delete form.dataset.sending;
    if (page && !show(page)) { location.assign(form.action); return; } /* signed out, or the visit is over */
    if (!left.length && !isWhole) return; /* the sentence of the refusal stands there */
    const status = document.createElement("p");
    status.textContent = left.length ? words.left : words.done;
    list.append(status);
  };

  const send = async (form) => {
    const list = form.querySelector("[data-sending]"), words = list.dataset, left = [];
    const box = form.querySelector("input[type=file][data-records]:not([capture])");
    form.dataset.sending = "1";
    form.setAttribute("aria-busy", "true");
    list.replaceChildren();
    let page = null, isWhole = true;
    for (const file of [...box.files]) {
      const line = row(list, file, words), answer = await deliver(form, file, line, words);
      const refusal = answer?.response?.getElementById("records-error")?.lastChild?.textContent.trim();
      if (answer && answer.status < 400) { page = answer.response; line.item.remove(); continue; }
      isWhole = false;
      line.progress.remove();
      line.said.textContent = answer ? refusal || words.refused : words.failed;
      if (!answer) left.push(file);
    }
    finish(form, { left, page, isWhole }, words, list);
  };

  /* Before portal.js locks the form: what is being made smaller is waited for. */
  addEventListener("submit", (event) => {
    const form = event.target, work = pending.get(form), list = form.querySelector("[data-sending]");
    const chosen = form.querySelector("input[type=file][data-records]:not([capture])")?.files.length;
    const hold = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (form.dataset.sending) { hold(); return; }
    if (work) {
      hold();
      /* A task later, as a form is not submitted from within its own submit event, where finished work continues. */
      work.then(() => { pending.delete(form); setTimeout(() => form.requestSubmit(event.submitter)); });
      return;
    }
    if (list && chosen) { hold(); send(form); }
  }, true);
})();
