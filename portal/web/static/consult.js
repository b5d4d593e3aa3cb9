/* The consult page and the room: hear the call, split a blood pressure, mark what cannot be read. */
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);
  const touch = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

  /* "Complete" ends the call before its own answer is here: whoever follows the call then never sees the board. */
  let pressed = 0;
  on("submit", (event) => setTimeout(() => { if (!event.defaultPrevented) pressed = Date.now(); }));
  on("htmx:before:response", (event) => { /* nor does a poll that learns it meanwhile lead away */
    const { hx, request } = event.detail.ctx;
    if (hx.redirect && request.method === "GET" && Date.now() - pressed < 60000) event.preventDefault();
  });

  /* A mode that is chosen and not yet saved stays, whatever the call's log brings meanwhile. */
  let chosen = "";
  on("change", ({ target }) => { if (target.id === "mode") chosen = target.value; });
  on("htmx:finally:request", () => { if (!one("#consult-form[data-unsaved]")) chosen = ""; });
  on("htmx:after:swap", () => {
    const mode = one("#consult-form[data-unsaved] #mode");
    if (mode && chosen) mode.value = chosen;
  });

  /* The call's fragment tells how it stands; whoever left the call goes back to the page of the visit. */
  on("portal:call", ({ target, detail }) => {
    const stage = target.closest?.("[data-left]");
    const go = () => { /* not while a photo is on its way, nor a form that leads to a page of its own */
      if (one("form[data-sending='1']") || Date.now() - pressed < 15000) setTimeout(go, 500); else location.assign(stage.dataset.left);
    };
    if (stage && detail.state === "left") go();
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

  /* A diagnosis of the list brings its code, and a code its diagnosis. */
  const fillDiagnosis = (box) => {
    const name = one("#diagnosis"), code = one("#icd10"), found = all("#icd10-codes option").find(({ value }) => value === box.value.trim());
    if (!found) return;
    const [, letters, label] = /^(\S+) (.*)$/.exec(found.value);
    if (box === name || !name.value.trim()) { name.value = label; touch(name); }
    code.value = letters; touch(code);
  };

  /* "In two weeks" becomes the day itself, for everybody to see. */
  const fillDay = (choice) => {
    const day = one(`#${choice.dataset.fills}`), chosen = choice.selectedOptions[0]?.dataset.day;
    if (chosen) { day.value = chosen; choice.value = ""; touch(day); }
  };

  const showBmi = () => {
    const [weight, height] = ["weight", "height"].map((name) => Number.parseFloat(one(`#vitals-${name}`)?.value.replace(",", ".")));
    if (one("#bmi")) one("#bmi").textContent = weight > 0 && height >= 40 ? (weight / (height / 100) ** 2).toFixed(1) : "–";
  };

  /* What is opened beside the form is closed by its button or by Escape. */
  const closeReader = () => { const reader = one("#reader"); if (reader) reader.replaceChildren(); };
  const enlarge = (button) => {
    const isLarge = button.closest("#call").querySelector(".call-stage").classList.toggle("large");
    button.setAttribute("aria-pressed", isLarge);
  };

  on("keydown", ({ key }) => { if (key === "Escape") closeReader(); });
  /* Enter after the code issues; by itself the browser would press the form's first button, which saves. */
  on("keydown", (event) => {
    const { key, target } = event, button = key === "Enter" && one(`button[data-key="${target.dataset?.enter}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  on("change", ({ target }) => {
    if (target.dataset?.fills) fillDay(target);
    if (target.id === "diagnosis" || target.id === "icd10") fillDiagnosis(target);
    if (/^vitals-(sys|dias)tolic$/.test(target.name)) fillPressure(target);
  });

  on("click", ({ target }) => {
    if (target.closest("[data-close-reader]")) closeReader();
    const picture = target.closest("[data-enlarge]") ?? (target.matches("#call .call-stage video") && one("[data-enlarge]"));
    if (picture) enlarge(picture);
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
    all("[data-ticks],[data-enlarge]").forEach((button) => { button.hidden = false; });
    const wrong = new Map(all("#saved [data-wrong]").map((said) => [said.dataset.wrong, said.textContent]));
    if (one("#saved [data-told]")) all(":is(.vitals, .field.drug) [aria-invalid], #kind[aria-invalid]").filter((box) => !wrong.has(box.name)).forEach(unmark);
    /* A half-typed name is no medicine yet: neither its row nor the mode is blamed for it while the cursor stands in it. */
    const typing = document.activeElement?.closest?.(".field.drug") && document.activeElement;
    const isHalf = (box) => typing && (box === typing || box.id === "mode");
    wrong.forEach((sentence, name) => { const box = one(`#consult-form [name="${name}"]`); if (box && !isHalf(box)) mark(box, sentence); });
    if (one("#saved b")) one("#saved b").hidden = !one("#consult-form [aria-invalid]");
    const said = all("#checks li a");
    if (typing && said.length && said.every((link) => link.hash === `#${typing.id}`)) one("#checks").hidden = true;
    keepInSight();
  };
  on("focusout", ({ target }) => { if (target.closest(".field.drug")) one("#checks").hidden = false; });

  /* The bar grows by what is to be looked at, and never over the field in which somebody types. */
  const keepInSight = () => {
    const box = document.activeElement, bar = one("#consult-form .issue");
    if (!bar || !box.matches("#consult-form :is(input, select, textarea)") || bar.contains(box)) return;
    const covered = box.getBoundingClientRect().bottom + 8 - bar.getBoundingClientRect().top;
    if (covered > 0) scrollBy(0, covered);
  };

  on("input", ({ target }) => {
    if (/^vitals-(weight|height)$/.test(target.name)) showBmi();
    if (target.matches?.("#consult-form [aria-invalid]")) unmark(target);
  });
  on("htmx:after:swap", arrive);
  /* The rows of last time come into sight. */
  let isRepeating = false;
  on("htmx:before:request", ({ detail: { ctx } }) => { isRepeating ||= /\/repeat$/.test(ctx.request.action ?? ctx.request.url ?? ""); });
  on("htmx:after:swap", () => { if (isRepeating) { isRepeating = false; one("#items")?.scrollIntoView({ block: "center" }); } });

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
