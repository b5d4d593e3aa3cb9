/* The consult page and the room: hear the call, split a blood pressure, mark what cannot be read. */
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);
  const touch = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

  /* The call's fragment tells how it stands; whoever left the call goes back to the page of the visit. */
  on("portal:call", ({ target, detail }) => {
    const stage = target.closest?.("[data-left]");
    if (stage && detail.state === "left") location.assign(stage.dataset.left);
  });

  /* The box in which a click is landing: "change" of the box before comes first, and what is typed must not end inside what is filled in. */
  let entered = null;
  on("pointerdown", ({ target }) => { entered = target.closest?.("label")?.control ?? target; });
  on("keydown", () => { entered = null; });

  /* 130/80 in one box goes into both, for everybody to see; the server reads it anyway. */
  const fillPressure = (box) => {
    const both = /^\s*(\d{2,3})\s*\/\s*(\d{2,3})\s*$/.exec(box.value), boxes = ["systolic", "diastolic"].map((name) => one(`#vitals-${name}`));
    if (!both || boxes.some((each) => each !== box && (each === entered || each.value.trim()))) return;
    boxes.forEach((each, place) => { each.value = both[place + 1]; touch(each); });
  };

  on("change", ({ target }) => {
    if (/^vitals-(sys|dias)tolic$/.test(target.name)) fillPressure(target);
  });

  on("click", ({ target }) => {
    const ticks = target.closest("[data-ticks]")?.dataset.ticks.split(" ") ?? [];
    ticks.forEach((name) => { const box = one(`#${name}`); box.checked = true; touch(box); });
    if (target.closest("[data-remove-row]") && one("#consult-form")) touch(one("#consult-form"));
  });

  /* The mark stands beside its field until that is typed anew; the server says what cannot be read. */
  const unmark = (box) => {
    one(`[id="${box.id}-error"]`)?.remove();
    box.closest(".field")?.classList.remove("wrong");
    box.removeAttribute("aria-invalid");
  };
  const mark = (box, sentence) => {
    unmark(box);
    const error = Object.assign(document.createElement("p"), { className: "error", id: `${box.id}-error`, textContent: sentence });
    box.before(error);
    box.closest(".field")?.classList.add("wrong");
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", error.id);
  };

  const arrive = () => {
    all("[data-ticks]").forEach((button) => { button.hidden = false; });
    const wrong = new Map(all("#saved [data-wrong]").map((said) => [said.dataset.wrong, said.textContent]));
    if (one("#saved [data-told]")) all(":is(.vitals, .field.drug) [aria-invalid], #kind[aria-invalid]").filter((box) => !wrong.has(box.name)).forEach(unmark);
    wrong.forEach((sentence, name) => { const box = one(`#consult-form [name="${name}"]`); if (box) mark(box, sentence); });
  };

  on("input", ({ target }) => { if (target.matches?.("#consult-form [aria-invalid]")) unmark(target); });
  on("htmx:after:swap", arrive);

  /* Requests of the form wait for each other; each names the version that the one before it has left. */
  on("htmx:before:request", ({ detail: { ctx: { request: { form, body } } } }) => {
    const version = form?.id === "consult-form" && one("[name=version]", form);
    if (version && body?.set) body.set("version", version.value);
  });
  /* While it is being issued nothing can be typed that would be in nothing. */
  const hold = (yes) => ({ detail: { ctx: { sourceElement } } }) => {
    if (sourceElement?.matches?.("#consult-form [formaction]")) sourceElement.form.inert = yes;
  };
  on("htmx:config:request", hold(true));
  on("htmx:finally:request", hold(false));
  arrive();
})();
