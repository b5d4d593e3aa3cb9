/* The consult page and the room: hear the call, fill a medicine's row from the formulary. */
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);

  /* The call's fragment tells how it stands; whoever left the call goes back to the page of the visit. */
  document.addEventListener("portal:call", ({ target, detail }) => {
    const stage = target.closest?.("[data-left]");
    if (stage && detail.state === "left") location.assign(stage.dataset.left);
  });

  const known = (name) => [...document.querySelectorAll("#drugs option")]
    .filter((option) => option.value.toLowerCase() === name.trim().toLowerCase());

  const fill = (row, part, value) => {
    const input = one(`[name$="-${part}"]`, row);
    if (input && !input.value && value) input.value = value;
  };

  /* What has only one answer is filled in; what was typed is never changed. */
  document.addEventListener("change", ({ target }) => {
    const row = target.name?.endsWith("-drug") && target.closest(".row"), found = row ? known(target.value) : [];
    if (!found.length) return;
    const [{ dataset: { strengths, frequency } }] = found;
    if (found.length === 1) {
      fill(row, "form", found[0].dataset.form);
      if (!strengths.includes("|")) fill(row, "strength", strengths);
    }
    if (found.every((option) => option.dataset.frequency === frequency)) fill(row, "frequency", frequency);
  });
})();
