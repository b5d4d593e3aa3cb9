/* The sign-in of this page: says before it ends, goes on by a press or by typing, and leads to the door when it is over. */
"use strict";
(() => {
  const LANG = document.documentElement.lang; /* Hindi has parts of the day in place of am and pm */
  const WARNED = 120, LONGEST = 300, AGAIN = 10; /* seconds */
  const box = document.getElementById("sign-in-ends"), sentence = box.querySelector("p");
  let due = Date.now() + LONGEST * 1000, typed = false, asking = false;

  const time = (left) => new Date(Date.now() + left * 1000).toLocaleTimeString(`${LANG}-IN`, {
    hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Asia/Kolkata", dayPeriod: LANG === "en" ? undefined : "short" });

  /* Asking is no sign of life; a press is, and so is what was typed since. */
  const ask = async (isHere) => {
    asking = true;
    const token = document.querySelector("meta[name=csrf-token]").content;
    const how = isHere ? { method: "POST", headers: { "X-CSRFToken": token } } : { headers: { "X-Background": "1" } };
    if (isHere) typed = false;
    try { show((await (await fetch("/sign-in", how)).json()).lasts); } catch { due = Date.now() + AGAIN * 1000; }
    asking = false;
  };

  const show = (left) => {
    const soon = left <= WARNED;
    due = Date.now() + (soon ? Math.min(AGAIN, Math.max(left, 1)) : Math.min(left - WARNED, LONGEST)) * 1000;
    if (left <= 0) { over(); return; }
    if (soon && box.hidden) sentence.textContent = box.dataset.soon.replace("{time}", time(left));
    box.hidden = !soon;
  };

  /* The page where the form stands: an answer to a form may have another address, which nobody can open. */
  const over = () => {
    due = Infinity;
    const form = document.querySelector("input[name=form_of]")?.value.split(".").slice(2).join(".");
    const next = encodeURIComponent(form || location.pathname + location.search);
    document.dispatchEvent(new CustomEvent("portal:over", { detail: `/login?next=${next}` }));
  };

  document.addEventListener("input", ({ isTrusted }) => { typed ||= isTrusted; });
  box.querySelector("button").addEventListener("click", () => ask(true));
  setInterval(() => { if (!asking && Date.now() >= due) ask(typed); }, 1000);
})();
