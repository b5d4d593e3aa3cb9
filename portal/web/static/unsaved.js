/* A page with typed text that is saved nowhere asks before it is left: forms marked data-keep. */
"use strict";
(() => {
  const on = (name, act) => document.addEventListener(name, act);
  const formOf = (target) => target.form ?? target.closest?.("form");
  const savingOf = (ctx) => ctx?.sourceElement?.closest?.("[data-saves]") && ctx.request.form;

  on("input", ({ target }) => { if (formOf(target)?.hasAttribute("data-keep")) formOf(target).dataset.unsaved = "1"; });
  on("submit", ({ target, defaultPrevented }) => { if (!defaultPrevented) delete target.dataset.unsaved; });

  /* What is typed while a saving is under way is not in it. */
  on("htmx:before:request", ({ detail: { ctx } }) => {
    const form = savingOf(ctx);
    if (form?.dataset.unsaved) form.dataset.unsaved = "sent";
  });
  on("htmx:finally:request", ({ detail: { ctx } }) => {
    const form = savingOf(ctx);
    if (form?.dataset.unsaved !== "sent") return;
    if (ctx.response?.raw.ok) delete form.dataset.unsaved;
    else form.dataset.unsaved = "1";
  });
  addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-unsaved]")) event.preventDefault(); });
})();
