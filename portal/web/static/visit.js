/* The patient's page: what a screen reader hears, sparingly, and the switch for the sound. */
"use strict";
(() => {
  const STEP = 5, NEAR = 3, QUIET = 30000, READING = 8000;
  const voice = document.getElementById("say"), panel = () => document.querySelector("#live .turn");
  const sound = document.querySelector("[data-sound]");
  let state = panel()?.dataset.state, ahead = Number(panel()?.dataset.ahead ?? 0), spoke = 0;

  /* What stands below the panel is of another time. No reload: somebody may be on the way to another page just now. */
  const renew = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("rest");
    if (!fresh) return;
    document.getElementById("rest").replaceWith(fresh);
    htmx.process(fresh);
  };

  /* Sent on to another doctor: the new token counts as present only on its own page. */
  const follow = (turn) => {
    if (turn.dataset.onward) setTimeout(() => { if (panel()?.dataset.onward) location.replace(panel().dataset.onward); }, READING);
  };

  const news = () => [...document.querySelectorAll("#live > .said")].map((one) => one.textContent);
  let told = news();

  const listen = () => {
    const turn = panel();
    if (!turn) return;
    const fresh = news().filter((sentence) => !told.includes(sentence));
    told = news();
    const now = turn.dataset.state, people = Number(turn.dataset.ahead ?? 0), heading = turn.querySelector("h2").textContent;
    if (now !== state) {
      if (now === "over") { renew(); follow(turn); }
      if (now !== "now") voice.textContent = heading; /* the call itself is an alert of its own */
      [state, ahead, spoke] = [now, people, Date.now()];
    } else if (people < ahead && (people <= NEAR || ahead - people >= STEP) && Date.now() - spoke > QUIET) {
      voice.textContent = turn.querySelector(".ahead").textContent.trim().replace(/\s+/g, " ");
      [ahead, spoke] = [people, Date.now()];
    } else if (fresh.length) {
      voice.textContent = fresh.join(" ");
    }
  };

  document.addEventListener("htmx:after:swap", listen);
  sound?.addEventListener("click", () => {
    sound.setAttribute("aria-pressed", "true");
    sound.textContent = sound.dataset.again;
  });
})();
