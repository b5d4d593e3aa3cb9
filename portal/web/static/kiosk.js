/* A centre's kiosk: asks whether somebody is still there, counts down, and goes back to a clean start page. */
"use strict";
(() => {
  const START = "/kiosk", WARNED = 30, EVERY = 10, ALONE = 120; /* seconds */
  const box = document.getElementById("still");
  const leave = () => { document.body.replaceChildren(); location.replace(START); };
  /* A page that the browser has kept for Back is never shown as it was. */
  addEventListener("pageshow", ({ persisted }) => { if (persisted) { document.body.replaceChildren(); location.reload(); } });

  let touched = false, sent = Date.now(), end = Date.now() + ALONE * 1000, asking = false;
  for (const kind of ["pointerdown", "keydown", "input", "wheel"])
    addEventListener(kind, ({ isTrusted }) => { if (isTrusted && !box?.open) touched = true; }, { passive: true, capture: true });
  for (const field of document.querySelectorAll("input,textarea")) field.autocomplete = "off";

  if (!box) { /* nobody is signed in: what was begun is left behind */
    if (location.pathname === START) return;
    setInterval(() => {
      if (touched) { touched = false; end = Date.now() + ALONE * 1000; }
      if (Date.now() >= end) leave();
    }, 1000);
    return;
  }

  const ask = async (isHere) => {
    asking = true;
    const token = document.querySelector("meta[name=csrf-token]").content;
    const how = isHere ? { method: "POST", headers: { "X-CSRFToken": token } } : { headers: { "X-Background": "1" } };
    try {
      end = Date.now() + (await (await fetch("/sign-in", how)).json()).lasts * 1000;
      if (end <= Date.now()) leave();
    } catch { if (end <= Date.now()) leave(); }
    asking = false;
  };

  let checked = false;
  const second = async () => {
    if (asking) return;
    if (touched && Date.now() - sent > EVERY * 1000) {
      touched = false; sent = Date.now();
      await ask(true);
    }
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > WARNED) { checked = false; if (box.open) box.close(); return; }
    if (!checked || left <= 0) { checked = true; await ask(touched); touched = false; return; }
    box.querySelector(".left").textContent = left;
    if (!box.open) box.showModal();
  };
  const goOn = () => { box.close(); checked = false; ask(true); };
  box.querySelector("button[type=button]").addEventListener("click", goOn);
  box.addEventListener("cancel", (event) => { event.preventDefault(); goOn(); });
  ask(false);
  setInterval(second, 1000);
})();
