/* My medicines: the telephone's own voice reads them aloud, the page is printed, a code is passed to another program. */
"use strict";
(() => {
  const speech = window.speechSynthesis, Sentence = window.SpeechSynthesisUtterance;
  const button = () => document.querySelector("[data-aloud]");
  const voiceOf = (language) => speech.getVoices().find((voice) => voice.lang.toLowerCase().replace("_", "-").split("-")[0] === language);

  const label = (text) => { button().lastChild.textContent = text; };
  let first = "";

  const silent = () => {
    if (button() && first) { label(first); button().removeAttribute("aria-pressed"); }
    document.querySelectorAll(".is-read").forEach((part) => part.classList.remove("is-read"));
  };

  const read = () => {
    const parts = [...document.getElementById(button().dataset.aloud).querySelectorAll("[data-say]")], language = button().lang;
    const voice = voiceOf(language);
    parts.forEach((part, place) => {
      const sentence = new Sentence(part.dataset.say);
      Object.assign(sentence, { lang: `${language}-IN`, voice, rate: 0.9 });
      sentence.onstart = () => {
        document.querySelectorAll(".is-read").forEach((other) => other.classList.remove("is-read"));
        part.classList.add("is-read");
        part.scrollIntoView({ block: "nearest" });
      };
      if (place === parts.length - 1) sentence.onend = silent;
      sentence.onerror = silent;
      speech.speak(sentence);
    });
    label(button().dataset.again);
    button().setAttribute("aria-pressed", "true");
  };

  /* Voices come late on many telephones: the button appears when one speaks the language, a sentence when none does. */
  const offer = () => {
    document.querySelectorAll("[data-print]").forEach((one) => { one.hidden = false; });
    document.querySelectorAll("[data-send]").forEach((one) => { one.hidden = !navigator.share; });
    if (!speech || !button() || !speech.getVoices().length) return;
    const isSpoken = Boolean(voiceOf(button().lang));
    first ||= button().lastChild.textContent;
    button().hidden = !isSpoken;
    document.getElementById("no-voice").hidden = isSpoken;
  };

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) print();
    if (target.closest("[data-send]")) navigator.share({ text: target.closest("[data-send]").dataset.send }).catch(() => {});
    if (!target.closest("[data-aloud]")) return;
    const isReading = button().hasAttribute("aria-pressed");
    speech.cancel();
    if (isReading) silent(); else read();
  });
  speech?.addEventListener?.("voiceschanged", offer);
  document.addEventListener("htmx:after:swap", offer);
  addEventListener("pagehide", () => speech?.cancel());
  offer();
})();
