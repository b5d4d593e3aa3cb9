// Service worker: shows notices, says so to the portal, and keeps the page for when there is no internet.
// It keeps that one page alone: what it cannot fetch of any other page is never answered from here.
"use strict";

const HERE = "/x/notify_webpush/";
const KEPT = "offline-1";

self.addEventListener("install", (event) => {
  const offline = new Request(HERE + "offline", { credentials: "omit", cache: "reload" });
  event.waitUntil(caches.open(KEPT).then((cache) => cache.add(offline)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(() => caches.match(HERE + "offline")));
});

self.addEventListener("push", (event) => {
  const notice = event.data.json();
  const options = { body: notice.body, tag: notice.tag, renotify: true, icon: "/static/icons/icon-192.png", requireInteraction: true };
  event.waitUntil(self.registration.showNotification(notice.title, options).then(() => tell(notice.key)));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

// Without a sign-in: the key is used up by this.
function tell(key) {
  const headers = { "Content-Type": "application/json" };
  return fetch(HERE + "shown", { method: "POST", credentials: "omit", headers, body: JSON.stringify({ key }) });
}

async function open() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const waiting = pages.find((page) => new URL(page.url).pathname.startsWith("/visits/")) || pages[0];
  return waiting ? waiting.focus() : self.clients.openWindow("/home");
}
