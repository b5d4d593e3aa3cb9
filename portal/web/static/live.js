/* The network light of live pages: says what is true, asks again later and later, and comes back spread out. */
"use strict";
(() => {
  const LANG = document.documentElement.lang; /* Hindi has parts of the day in place of am and pm */
  const FIRST = 1500, LONGEST = 15000, HIDDEN = 5000;
  const light = document.getElementById("light"), live = () => document.getElementById("live");
  let failures = 0, next = 0, asked = 0, since = null, underway = false, ticked = Date.now();

  /* One sign for one fact: the light says more than the banner. */
  document.getElementById("offline")?.remove();

  const say = (state, at) => {
    const time = at?.toLocaleTimeString(`${LANG}-IN`, {
      hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Asia/Kolkata", dayPeriod: LANG === "en" ? undefined : "short" });
    const text = light.dataset[state].replaceAll("{time}", time);
    light.dataset.state = state === "back" ? "ok" : state;
    light.hidden = false;
    if (light.textContent !== text) light.textContent = text;
  };

  const answered = () => {
    underway = false;
    if (failures || !light.textContent) say(failures ? "back" : "ok");
    failures = 0;
    next = 0;
    since = null;
    document.dispatchEvent(new CustomEvent("portal:live"));
  };

  /* What is over is asked for no more, and so nothing can be said of the network. */
  const ends = () => { if (!live()?.hasAttribute("hx-get")) light.hidden = true; };

  /* Later and later, and never two pages at the same moment: after an outage not everybody comes at once. */
  const failed = () => {
    underway = false;
    failures += 1;
    next = Date.now() + Math.min(LONGEST, FIRST * 2 ** (failures - 1)) * (0.5 + Math.random());
    since ??= new Date();
    say(navigator.onLine ? "trying" : "off", since);
  };

  const soon = (within) => {
    next = 0;
    setTimeout(() => { asked = 0; live()?.dispatchEvent(new CustomEvent("every")); }, Math.random() * within);
  };

  const isOurs = (event) => event.target === live() || event.detail?.ctx?.sourceElement === live();
  /* Nobody reads these: a poll is as short as it can be. */
  document.addEventListener("htmx:config:request", (event) => {
    if (isOurs(event)) for (const name of ["HX-Source", "HX-Target"]) delete event.detail.ctx.request.headers[name];
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (!isOurs(event)) return;
    const now = Date.now();
    if (underway || now < next || (document.hidden && now - asked < HIDDEN)) { event.preventDefault(); return; }
    asked = now;
    underway = true;
  });
  document.addEventListener("htmx:before:response", (event) => {
    if (!isOurs(event)) return;
    if (event.detail.ctx.response.status >= 500) failed(); else answered();
  });
  document.addEventListener("htmx:error", (event) => { if (underway && isOurs(event)) failed(); });
  addEventListener("offline", () => { since ??= new Date(); failures ||= 1; say("off", since); });
  addEventListener("online", () => soon(2000));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(300); });
  addEventListener("pageshow", (event) => { if (event.persisted) soon(300); });
  setInterval(() => { /* A clock that jumped is a telephone that slept. */
    const now = Date.now();
    if (now - ticked > 10000 && !document.hidden) soon(1000);
    ticked = now;
  }, 1000);
  document.addEventListener("htmx:after:swap", ends);
  say("ok");
  ends();
})();
