/* Typed text: a page asks before it is left with some that is saved nowhere (forms marked data-keep), and when the
   sign-in is over, what stands in any form is sent to be kept before the page is left for the door. */
"use strict";
(() => {
  const on = (name, act) => document.addEventListener(name, act);
  const formOf = (target) => target.form ?? target.closest?.("form");
  const savingOf = (ctx) => ctx?.sourceElement?.closest?.("[data-saves]") && ctx.request.form;
  const forms = () => [...document.querySelectorAll("form[data-typed], form[data-unsaved]")];
  const saved = (form) => { delete form.dataset.unsaved; delete form.dataset.typed; };

  /* On the way down: the saving that the same event begins must find it marked. */
  document.addEventListener("input", ({ target }) => {
    const form = formOf(target);
    if (form?.elements.form_of) form.dataset.typed = "1";
    if (form?.hasAttribute("data-keep")) form.dataset.unsaved = "1";
  }, true);
  on("submit", ({ target, defaultPrevented }) => { if (!defaultPrevented) saved(target); });

  /* What is typed while a saving is under way is not in it. */
  on("htmx:before:request", ({ detail: { ctx } }) => {
    const form = savingOf(ctx);
    if (form?.dataset.unsaved) form.dataset.unsaved = "sent";
  });
  on("htmx:finally:request", ({ detail: { ctx } }) => {
    const form = savingOf(ctx);
    if (form?.dataset.unsaved !== "sent") return;
    if (ctx.response?.raw.ok) saved(form);
    else form.dataset.unsaved = "1";
  });
  addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-unsaved]")) event.preventDefault(); });

  const keep = (form) => {
    const fields = new FormData(form);
    [...fields].filter(([, value]) => value instanceof File).forEach(([name]) => fields.delete(name));
    const token = document.querySelector("meta[name=csrf-token]").content;
    return fetch("/kept", { method: "POST", body: fields, headers: { "X-CSRFToken": token, "X-Background": "1" } });
  };
  const leave = async (target) => {
    await Promise.allSettled(forms().filter((form) => form.elements.form_of).map(keep));
    forms().forEach(saved);
    location.assign(target);
  };
  on("portal:over", ({ detail }) => leave(detail));
  /* A poll or an autosave that meets the end of the sign-in leads to the door. */
  on("htmx:before:response", (event) => {
    const { status, headers } = event.detail.ctx.response, target = headers.get("HX-Redirect");
    if (status < 400 || !target || !forms().length) return;
    event.preventDefault();
    leave(target);
  });
})();
