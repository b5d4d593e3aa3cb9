/* The browser computes the file's checksum and sends that alone: the prescription does not leave the device. */
"use strict";
document.addEventListener("submit", async (event) => {
  const form = event.target, input = form.elements.pdf, file = input?.files[0];
  if (!("checksum" in form.dataset) || !file || !globalThis.crypto?.subtle || form.elements.sha256.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  form.elements.sha256.value = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  input.disabled = true;
  form.enctype = "application/x-www-form-urlencoded";
  form.submit(); /* without another event: portal.js lets a form go once */
}, true);
/* "Back" shows the page as it was left. */
addEventListener("pageshow", () => document.querySelectorAll("form[data-checksum]").forEach(({ elements }) => {
  elements.sha256.value = "";
  elements.pdf.disabled = false;
}));
