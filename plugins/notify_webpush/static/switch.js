// The switch: asks the browser, and gives the portal the address where this browser gets its notices.
"use strict";
(() => {
  const box = document.getElementById("push-switch");
  const button = box.querySelector("button");
  const say = (name) => {
    for (const part of box.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== name;
    button.hidden = !["off", "failed"].includes(name);
  };
  const raw = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  const worker = async () => {
    await navigator.serviceWorker.register(box.dataset.worker, { scope: "/", updateViaCache: "none" });
    return navigator.serviceWorker.ready;
  };

  const give = async (subscription) => {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
    const answer = await fetch(location.pathname, { method: "POST", headers, body: JSON.stringify(subscription) });
    if (!answer.ok) throw new Error("not taken");
    say("on");
  };

  const switchOn = async () => {
    say("asking");
    try {
      const permission = await Notification.requestPermission();
      if (permission !== "granted") return say("denied");
      const registration = await worker();
      const options = { userVisibleOnly: true, applicationServerKey: raw(box.dataset.key) };
      await give(await registration.pushManager.subscribe(options));
    } catch {
      say("failed");
    }
  };

  const begin = async () => {
    if (!can) return say("unable");
    button.addEventListener("click", switchOn);
    if (Notification.permission === "denied") return say("denied");
    const registration = await worker();
    const known = await registration.pushManager.getSubscription();
    say(known && box.dataset.phones !== "0" ? "on" : "off");
  };
  begin().catch(() => say("failed"));
})();
