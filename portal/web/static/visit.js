/* The patient's page: what a screen reader hears, sparingly, what stands below the panel, and the switch for the sound. */
"use strict";
(() => {
  const STEP = 5, NEAR = 3, QUIET = 30000, READING = 8000, AGAIN = 5000;
  const voice = document.getElementById("say"), panel = () => document.querySelector("#live .turn");
  const rest = () => document.getElementById("rest");
  const page = rest().dataset.page;
  /* What stands below the panel depends on the phase, and on the plugins that link to pages of theirs. */
  const under = () => `${panel()?.dataset.phase} ${document.getElementById("live").dataset.linking}`;
  let state = panel()?.dataset.state, ahead = Number(panel()?.dataset.ahead ?? 0), spoke = 0, phase = panel()?.dataset.phase;
  let below = under();

  /* This page is also the answer to a step that was refused: a reload must find it again. */
  if (location.pathname !== page) history.replaceState(history.state, "", page);

  /* What stands below the panel is out of date. No reload: somebody may be on the way to another page just now. */
  const renew = async () => {
    const wanted = below, answer = await fetch(page, { headers: { Accept: "text/html", "X-Background": "1" } }).catch(() => null);
    if (!answer || answer.status >= 500) { setTimeout(() => { if (below === wanted) renew(); }, AGAIN); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("rest");
    if (!fresh || below !== wanted) return;
    rest().replaceWith(fresh);
    htmx.process(fresh);
    document.dispatchEvent(new CustomEvent("htmx:after:swap")); /* whoever looks after new parts looks at these too */
  };

  /* Who is called must see the button, also when looking at the camera's picture farther down. */
  const show = (turn) => {
    const { top, bottom } = turn.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) turn.scrollIntoView({ block: "start" });
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
    if (under() !== below) {
      below = under();
      renew();
    }
    if (turn.dataset.phase !== phase) {
      phase = turn.dataset.phase;
      if (phase === "called") show(turn);
    }
    const now = turn.dataset.state, people = Number(turn.dataset.ahead ?? 0), heading = turn.querySelector("h2").textContent;
    if (now !== state) {
      if (now === "over") follow(turn);
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
  document.addEventListener("click", ({ target }) => {
    const sound = target.closest("[data-sound]");
    if (!sound) return;
    sound.setAttribute("aria-pressed", "true");
    sound.textContent = sound.dataset.again;
  });
})();
