/* Letters alone as shortcuts on the board: off until somebody switches them on, never while one types (WCAG 2.1.4). */
"use strict";
(() => {
  const row = document.querySelector("[data-single-keys]"), box = row?.querySelector("input");
  if (!box) return;
  row.hidden = false;
  box.checked = localStorage.getItem("single-keys") === "on";
  box.addEventListener("change", () => {
    if (box.checked) localStorage.setItem("single-keys", "on");
    else localStorage.removeItem("single-keys");
  });
  const typing = (part) => part.isContentEditable || part.matches("input:not([type=checkbox]), textarea, select");
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (typing(event.target) || !/^Key[A-Z]$/.test(event.code)) return;
    const target = document.querySelector(`[data-key="${event.code.slice(3).toLowerCase()}"]:not(:disabled)`);
    if (target) { event.preventDefault(); target.click(); }
  });
})();
