/* The reader of records: zoom, brightness, contrast and negative of a picture, as on a light box. */
"use strict";
(() => {
  const LARGER = 2;
  const on = (name, act) => document.addEventListener(name, act);
  const viewerOf = ({ target }) => target.closest?.("[data-viewer]");
  const box = (viewer, name) => viewer.querySelector(`[data-look="${name}"]`);

  /* What lies under the pointer, or in the middle, stays there. */
  const zoom = (viewer, factor, at) => {
    const sheets = viewer.querySelector(".sheets"), before = Number(viewer.style.getPropertyValue("--zoom")) || 1;
    const { left, top } = sheets.getBoundingClientRect();
    const x = at ? at.clientX - left : sheets.clientWidth / 2, y = at ? at.clientY - top : sheets.clientHeight / 2;
    const place = { left: (sheets.scrollLeft + x) * factor / before - x, top: (sheets.scrollTop + y) * factor / before - y };
    viewer.style.setProperty("--zoom", factor);
    sheets.scrollTo({ ...place, behavior: "instant" });
  };

  const look = (viewer, control) => {
    const value = control.type === "checkbox" ? Number(control.checked) : control.value / 100;
    if (control.dataset.look === "zoom") zoom(viewer, value);
    else viewer.style.setProperty(`--${control.dataset.look}`, value);
  };

  const reset = (viewer) => viewer.querySelectorAll("[data-look]").forEach((control) => {
    control.value = control.defaultValue;
    control.checked = false;
    look(viewer, control);
  });

  on("input", (event) => { if (event.target.dataset.look) look(viewerOf(event), event.target); });
  on("click", (event) => {
    const viewer = viewerOf(event);
    if (!viewer) return;
    if (event.target.closest("[data-look-reset]")) { reset(viewer); return; }
    /* The keyboard follows the link to the picture; a pointer enlarges it where it is. */
    if (!event.target.closest(".sheets a") || !event.detail || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const control = box(viewer, "zoom"), factor = Number(control.value) > 100 ? 1 : LARGER;
    control.value = factor * 100;
    zoom(viewer, factor, event);
  });

  const arrive = () => document.querySelectorAll("[data-viewer] .looks[hidden]").forEach((tools) => { tools.hidden = false; });
  on("htmx:after:swap", arrive);
  arrive();
})();
