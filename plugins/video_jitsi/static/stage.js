/* Tells the portal's page the state of the call. */
"use strict";
(() => {
  const stage = document.querySelector(".jitsi-stage:not([data-started])");
  if (!stage) return;
  stage.dataset.started = "";
  const frame = stage.querySelector("iframe");
  const hear = ({ origin, source, data }) => {
    if (!stage.isConnected) return removeEventListener("message", hear);
    if (origin !== location.origin || source !== frame.contentWindow || data?.portal !== "call") return;
    stage.dataset.state = data.state;
    if (data.state === "joining") stage.scrollIntoView({ block: "nearest" });
    stage.dispatchEvent(new CustomEvent("portal:call", { bubbles: true, detail: { state: data.state } }));
  };
  addEventListener("message", hear);
})();
