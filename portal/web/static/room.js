/* The call as the screen: a sheet for photos and help over it, and a question before the page is left. */
"use strict";
(() => {
  const TALKING = ["connected", "together"]; /* as video plugins say it that say no more */
  const one = (selector) => document.querySelector(selector);
  const sheet = one("#call-sheet"), opener = one("[data-sheet]"), stage = one(".call-stage"), top = one(".call-top");
  let isInCall = false, isMeant = false;

  const show = (isOpen) => {
    sheet.toggleAttribute("data-open", isOpen);
    opener.setAttribute("aria-expanded", String(isOpen));
    stage.inert = top.inert = isOpen;
    (isOpen ? sheet : opener).focus();
  };
  opener.addEventListener("click", () => show(true));
  one("[data-sheet-close]").addEventListener("click", () => show(false));
  sheet.addEventListener("keydown", ({ key }) => { if (key === "Escape") show(false); });

  /* Sentences of the call stand below the name, however large the text. */
  const measure = () => document.body.style.setProperty("--call-top", `${top.offsetHeight}px`);
  window.ResizeObserver && new ResizeObserver(measure).observe(top);
  measure();

  /* A page that the portal itself leads on is not left by mistake. */
  document.addEventListener("portal:call", ({ detail: { state, speaks } }) => { isInCall = speaks ?? TALKING.includes(state); });
  document.addEventListener("htmx:before:response", ({ detail: { ctx } }) => { isMeant ||= Boolean(ctx.response?.raw?.headers.get("HX-Redirect")); });
  document.addEventListener("submit", (event) => setTimeout(() => { isMeant ||= !event.defaultPrevented; }));
  addEventListener("beforeunload", (event) => {
    if (!isInCall || isMeant) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
