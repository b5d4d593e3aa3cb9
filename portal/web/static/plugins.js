// Dragging a plugin to another place. The buttons "Up" and "Down" do the same without a mouse or a script.
(() => {
  const list = document.querySelector("ol.plugins"), order = document.getElementById("order");
  if (!list || !order) return;
  const rows = () => [...list.children];
  let dragged = null, before = -1;
  for (const row of rows()) {
    const grip = row.querySelector(".grip");
    grip.dataset.grab = "";
    grip.addEventListener("pointerdown", () => { row.draggable = true; });
    grip.addEventListener("pointerup", () => { row.draggable = false; });
  }
  list.addEventListener("dragstart", (event) => {
    dragged = event.target;
    before = rows().indexOf(dragged);
    dragged.dataset.dragged = "";
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("ol.plugins > li");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
  });
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    const row = dragged, place = rows().indexOf(row);
    dragged = null;
    delete row.dataset.dragged;
    row.draggable = false;
    if (place === before) return;
    order.action = row.dataset.move;
    order.elements.place.value = place + 1;
    order.requestSubmit();
  });
})();
