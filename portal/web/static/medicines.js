/* A medicine's name: the clinic's list is searched while one types, and a choice fills the row. What was typed stays. */
"use strict";
(() => {
  const list = document.querySelector("#found-medicines"), said = document.querySelector("#found-count");
  if (!list) return;
  const on = (name, act) => document.addEventListener(name, act);
  const options = (of = list) => [...of.querySelectorAll("[data-drug]")];
  const isName = (box) => box.matches?.('#items [name$="-drug"]');
  let box, timer, asked, waits = false, quiet = false;
  const offered = new WeakSet();  // boxes whose content nobody has typed or touched yet

  const close = () => {
    clearTimeout(timer); asked?.abort(); waits = false; list.hidden = true;
    box?.setAttribute("aria-expanded", "false"); box?.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    if (option) { box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  };
  const fill = async (of, text, signal) => {
    const answer = await fetch(`${list.dataset.address}?part=options&q=${encodeURIComponent(text)}`, { signal });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    of.innerHTML = await answer.text();
    return options(of);
  };
  const search = (usual) => {  // without a word, on an arrow: what this doctor prescribes most
    if (!box.value.trim() && !usual) return close();
    const from = box;
    asked?.abort(); asked = new AbortController();
    return fill(list, from.value, asked.signal).then(() => {
      waits = false;
      if (document.activeElement !== from || (!from.value.trim() && !options().length)) return;
      from.after(list); list.hidden = false; from.setAttribute("aria-expanded", "true");
      said.textContent = list.dataset.said.replace("{n}", options().length);
      choose(options()[0]);
    }).catch((error) => { if (error.name !== "AbortError") close(); });
  };

  const put = (row, part, value, may = (input) => !input.value || input.value === input.dataset.filled) => {
    const input = row.querySelector(`[name$="-${part}"]`);
    if (!input || !may(input) || input.value === value) return;
    input.value = input.dataset.filled = value;
    if (part !== "drug") offered.add(input);
    quiet = true; input.dispatchEvent(new Event("input", { bubbles: true })); quiet = false;
  };
  const strengths = (row, all) => row.querySelector("datalist").replaceChildren(...all.map((each) => new Option(each, each)));
  const pick = (option) => {
    const row = box.closest(".row"), { drug, form, strength, frequency, instructions } = option.dataset, all = strength.split("|");
    put(row, "drug", drug, () => true); box.dataset.filled = drug;
    put(row, "form", form); put(row, "frequency", frequency); put(row, "instructions", instructions);
    put(row, "strength", all.length > 1 ? "" : strength); strengths(row, all);
    close();
  };
  /* A name typed to its end, without a choice: only what has one answer is filled in, and no box that is being typed in. */
  const complete = async (from) => {
    const row = from.closest(".row"), free = (input) => !input.value && input !== document.activeElement;
    const all = await fill(document.createElement("ul"), from.value);
    const found = all.filter(({ dataset: { drug } }) => drug.toLowerCase() === from.value.trim().toLowerCase());
    if (!found.length) return;
    const [{ dataset: { form, strength, frequency } }] = found, offered = found.flatMap((each) => each.dataset.strength.split("|"));
    if (found.length === 1) { put(row, "form", form, free); if (offered.length === 1) put(row, "strength", strength, free); }
    if (found.every((each) => each.dataset.frequency === frequency)) put(row, "frequency", frequency, free);
    strengths(row, [...new Set(offered)]);
  };

  on("focusin", ({ target }) => {
    if (!isName(target)) return;
    box = target;
    const parts = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
    Object.entries(parts).forEach(([name, value]) => target.setAttribute(name, value));
  });
  on("focusout", ({ target }) => { if (target === box) close(); });
  on("change", ({ target }) => { if (isName(target) && target.value.trim() && target.value !== target.dataset.filled) complete(target).catch(() => {}); });
  on("input", ({ target }) => {
    if (quiet || !isName(target)) return;
    clearTimeout(timer); waits = true; timer = setTimeout(search, 120);
  });
  on("keydown", (event) => {
    if (!isName(event.target) || event.altKey || event.ctrlKey || event.isComposing) return;
    const all = options(), at = all.findIndex((each) => each.getAttribute("aria-selected") === "true"), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); if (list.hidden) search(true); else choose(all.at((at + step) % all.length)); }
    if (event.key === "Enter" && (waits || !list.hidden)) { event.preventDefault(); if (!waits && all[at]) pick(all[at]); }
    if (event.key === "Escape" && (waits || !list.hidden)) { event.preventDefault(); close(); }
  });
  /* What was filled in while somebody was on the way to the box gives way to the first letter: "OD" is no "BDOD". */
  on("beforeinput", ({ target, inputType }) => { if (offered.delete(target) && inputType.startsWith("insert")) target.select(); });
  on("pointerdown", ({ target }) => { if (target === document.activeElement) offered.delete(target); });
  on("keydown", ({ target, key }) => { if (/^(Arrow|Home|End)/.test(key)) offered.delete(target); });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => { const option = target.closest("[data-drug]"); if (option) pick(option); });
})();
