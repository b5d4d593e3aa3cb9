/* The counter: a prescription is opened by the camera, or by a handheld scanner wherever the cursor stands. */
"use strict";
(() => {
  /* As portal/core/paper/codes.py: four groups with the same separator or none. */
  const CODE = /(?:^|[^0-9A-Z])([0-9A-TV-Z]{4})([^0-9A-Z]?)[0-9A-TV-Z]{4}\2[0-9A-TV-Z]{4}\2[0-9A-TV-Z]{4}(?![0-9A-Z])/;
  const BETWEEN_KEYS = 500, BETWEEN_LOOKS = 150; /* milliseconds */
  const holds = (text) => CODE.test(text.toUpperCase());
  const open = (text) => { location.href = `/dispense?code=${encodeURIComponent(text)}`; };

  /* A scanner types without a pause and ends with Enter; what it typed into a field is taken out again. It means the
     keys of an English keyboard, whatever script the computer is set to. */
  let letters = "", keys = "", last = 0, field, before;
  const meant = ({ code }) => /^(?:Key|Digit|Numpad)([0-9A-Z])$/.exec(code)?.[1] ?? (code === "Minus" ? "-" : "/");
  document.addEventListener("keydown", (event) => {
    const now = performance.now(), here = document.activeElement;
    if (now - last > BETWEEN_KEYS) { letters = keys = ""; field = null; }
    if (here !== field) { field = here; before = here?.value; } /* a page that opens takes the cursor to its field */
    last = now;
    if (event.key.length === 1) { letters += event.key; keys += meant(event); }
    const text = [letters, keys].find(holds);
    if (event.key !== "Enter" || !text) return;
    event.preventDefault();
    event.stopPropagation();
    if (before !== undefined && field?.name !== "code") field.value = before;
    open(text);
  }, true);

  const offer = () => document.querySelectorAll("[data-print]").forEach((one) => { one.hidden = false; });
  document.addEventListener("click", ({ target }) => { if (target.closest("[data-print]")) print(); });
  document.addEventListener("htmx:after:swap", offer);
  offer();

  const button = document.getElementById("scan"), box = document.getElementById("scan-box");
  if (!button || !navigator.mediaDevices?.getUserMedia) return;
  const video = box.querySelector("video"), said = box.querySelector("[role=status]");
  const canvas = document.createElement("canvas");
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  };
  const say = (what) => { if (said.textContent !== box.dataset[what]) said.textContent = box.dataset[what]; };

  /* The browser's own reader where there is one for QR codes; else ours, fetched when it is first needed. */
  const reader = async () => {
    const own = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
    const Reader = own?.includes("qr_code") ? window.BarcodeDetector : (await import(box.dataset.reader)).BarcodeDetector;
    return new Reader({ formats: ["qr_code"] });
  };

  const look = async (detector, mine) => {
    if (stream !== mine) return;
    if (video.videoWidth) {
      const scale = Math.min(1, 1000 / video.videoWidth);
      canvas.width = video.videoWidth * scale;
      canvas.height = video.videoHeight * scale;
      canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
      const found = (await detector.detect(canvas).catch(() => [])).map(({ rawValue }) => rawValue);
      const text = found.find(holds);
      if (text && stream === mine) {
        say("found");
        box.close();
        open(text);
        return;
      }
      if (found.length) say("other");
    }
    setTimeout(look, BETWEEN_LOOKS, detector, mine);
  };

  button.hidden = false;
  button.addEventListener("click", async () => {
    box.showModal();
    say("wait");
    try {
      const mine = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      if (!box.open) { mine.getTracks().forEach((track) => track.stop()); return; }
      stream = video.srcObject = mine;
      const detector = await reader();
      say("look");
      await video.play();
      look(detector, mine);
    } catch (error) {
      say(error.name === "NotAllowedError" ? "refused" : "none");
    }
  });
  box.addEventListener("close", stop);
  box.querySelector("button").addEventListener("click", () => box.close());
})();
