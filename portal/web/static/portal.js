/* Small helps on top of pages that work without them. */
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const title = document.title;
  const here = one("nav.main [aria-current]");
  if (here) here.closest("ul").scrollLeft = here.offsetLeft - innerWidth / 3;
  const AWAY = [502, 503, 504], TALKING = ["connected", "together"]; /* as video plugins say it that say no more */
  let audio, awake, alerted, ringing = 0, talking = false;

  /* Phones let a page sound only after a touch: open the audio then, use it when the turn comes. */
  const openAudio = () => {
    audio ??= new (window.AudioContext || window.webkitAudioContext)();
    if (audio.state === "suspended") audio.resume().catch(() => {});
  };

  const beep = () => {
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 150, 300]);
    if (audio?.state !== "running") return;
    [660, 880].forEach((tone, place) => {
      const voice = audio.createOscillator(), volume = audio.createGain(), start = audio.currentTime + place / 4;
      voice.frequency.value = tone;
      volume.gain.setValueAtTime(0.3, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.24);
      voice.connect(volume).connect(audio.destination);
      voice.start(start);
      voice.stop(start + 0.25);
    });
  };

  /* The phone's clock may be wrong: count from the server's "now" at the moment the box arrived. */
  const tickBox = (box) => {
    const { deadline, since, now } = box.dataset, bar = one("progress", box);
    if (box.seen !== now) Object.assign(box, { seen: now, offset: Date.parse(now) - Date.now() });
    const here = Date.now() + (box.offset || 0);
    const left = Math.max(0, deadline ? Date.parse(deadline) - here : here - Date.parse(since)) / 1000;
    (one("time", box) || box).textContent = `${Math.floor(left / 60)}:${String(Math.floor(left % 60)).padStart(2, "0")}`;
    if (bar) bar.value = left;
  };

  /* The title blinks each second and the sound comes back every six, as long as the call waits. */
  const ring = () => {
    const call = one("[data-alert]");
    if (call && call.dataset.alert !== alerted) { alerted = call.dataset.alert; ringing = 0; }
    if (call && ringing % 6 === 0) beep();
    ringing = call ? ringing + 1 : 0;
    document.title = ringing % 2 ? `● ${one("h1, h2, b", call)?.textContent.trim() || title}` : title;
  };

  const tick = () => {
    all("[data-deadline], [data-since]").forEach(tickBox);
    if (ringing || one("[data-alert]")) ring();
  };

  const keepAwake = () => {
    if (awake || document.hidden || !one("[data-keep-awake]")) return;
    navigator.wakeLock?.request("screen").then((lock) => {
      awake = lock;
      lock.onrelease = () => { awake = null; };
    }, () => {});
  };

  const count = (area) => {
    if (!area.nextElementSibling?.matches(".count")) area.insertAdjacentHTML("afterend", '<p class="count"></p>');
    area.nextElementSibling.textContent = `${area.value.length} / ${area.dataset.max}`;
  };

  /* Scripts of parts that are mostly not looked at: fetched when the part comes near, once. */
  const fetchScript = (part) => {
    const address = part.dataset.script;
    if (!one(`script[src="${address}"]`)) document.body.append(Object.assign(document.createElement("script"), { src: address }));
  };
  const near = new IntersectionObserver((parts) => parts.filter((part) => part.isIntersecting).forEach(({ target }) => {
    near.unobserve(target);
    fetchScript(target);
  }), { rootMargin: "200px" });

  const arrive = () => {
    all("[data-max]").forEach(count);
    all("[data-script]").forEach((part) => near.observe(part));
    all("[data-sound]").forEach((button) => { button.hidden = false; });
    const wrong = one("[data-focus]");
    wrong?.removeAttribute("data-focus");
    wrong?.focus();
    keepAwake();
    tick();
  };

  /* Rows stay numbered 0, 1, 2 … whatever is added or taken away. */
  const renumber = (rows) => all(".row", rows).forEach((row, number) => {
    const old = new RegExp(`\\b${rows.id}-(\\d+|__n__)-`, "g");
    for (const name of ["name", "id", "for", "aria-describedby", "list"]) {
      all(`[${name}]`, row).forEach((part) =>
        part.setAttribute(name, part.getAttribute(name).replace(old, `${rows.id}-${number}-`)));
    }
  });

  const changeRows = (button, group) => {
    const rows = document.getElementById(group) || button.closest(".rows");
    if (group) rows.append(one(`#${group}-row`).content.cloneNode(true));
    else button.closest(".row").remove();
    renumber(rows);
    one(".row:last-child input", rows)?.focus();
  };

  const release = (form) => { delete form.dataset.sent; form.removeAttribute("aria-busy"); };
  /* While people talk, the call itself says that it goes on: a banner over their picture would frighten them. Nor is a
     second sentence beside a call that speaks for itself, whoever is still to come. */
  const online = (yes) => {
    const light = one("#offline");
    if (!light) return;
    const text = light.dataset[navigator.onLine ? "away" : "off"];
    if (!yes && light.textContent !== text) light.textContent = text;
    light.hidden = yes || talking;
  };

  on("pointerdown", openAudio);
  on("keydown", (event) => {
    openAudio();
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const key = event.code.replace(/^(Key|Digit)/, "").toLowerCase(), target = one(`[data-key="${key}"]:not(:disabled)`);
    if (target) { event.preventDefault(); target.click(); }
  });
  on("click", (event) => {
    const button = event.target.closest("button"), does = button?.dataset ?? {};
    if ("addRow" in does || "removeRow" in does) { event.preventDefault(); changeRows(button, does.addRow); }
    if ("sound" in does) { openAudio(); setTimeout(beep, 100); }
    /* The other language shows what is searched, whether it was sent or not. */
    const other = event.target.closest("a[hreflang]"), search = other && one("form[role=search]");
    if (search) other.search = `?next=${encodeURIComponent(`${location.pathname}?${new URLSearchParams(new FormData(search))}`)}`;
  });
  /* A whole date that is pasted into the day's box goes into all three, for everybody to see; the server reads it anyway. */
  const partDate = (box) => {
    const boxes = all(".date-boxes input", box.closest("fieldset")), parts = box.value.trim().split(/[-/. ]+/);
    if (parts.length !== 3 || !parts.every((part) => /^\p{Nd}+$/u.test(part)) || boxes.some((each) => each !== box && each.value)) return;
    if (parts[0].length === 4) parts.reverse();
    if (parts[2].length === 4) boxes.forEach((each, place) => { each.value = parts[place]; });
  };
  on("input", ({ target }) => {
    if (target.dataset.max) count(target);
    if (target.matches(".date-boxes .day input")) partDate(target);
  });
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); event.stopPropagation(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  }, true);
  on("htmx:config:request", ({ detail: { ctx: { request } } }) => {
    const token = one("meta[name=csrf-token]")?.content;
    if (request.method !== "GET" && token) request.headers["X-CSRFToken"] = token;
  });
  /* What waited its turn behind an answer that has replaced its form is asked no more. */
  on("htmx:before:request", (event) => { if (!event.detail.ctx.sourceElement.isConnected) event.preventDefault(); });
  /* An answer that leads to another page keeps its form locked. */
  on("htmx:finally:request", ({ target, detail: { ctx } }) => {
    const form = target.closest?.("form");
    if (form && !ctx.keepIndicators) release(form);
  });
  /* What is gone is asked for no more: the copy of a part has no poll. */
  const POLLED = '[hx-trigger^="every"][hx-status\\:4xx="swap:none"]';
  on("htmx:finally:request", ({ detail: { ctx: { sourceElement: part, response } } }) => {
    if (response?.status !== 404 || !part.isConnected || !part.matches(POLLED)) return;
    const copy = part.cloneNode(true);
    copy.removeAttribute("hx-get");
    part.replaceWith(copy);
  });
  on("htmx:after:request", ({ detail: { ctx } }) => online(!AWAY.includes(ctx?.response?.status)));
  on("htmx:error", ({ detail: { ctx } }) => { if (ctx && !ctx.response) online(false); });
  on("htmx:after:swap", arrive);
  on("portal:call", ({ detail: { state, speaks } }) => { talking = speaks ?? TALKING.includes(state); if (talking) online(true); });
  on("visibilitychange", keepAwake);
  addEventListener("online", () => online(true));
  addEventListener("offline", () => online(false));
  addEventListener("pageshow", () => all("form[data-sent]").forEach(release));
  setInterval(tick, 1000);
  arrive();
})();
