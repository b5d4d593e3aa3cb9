/* Our frame around Jitsi's: fetches a token at the click, waits for the doctor, reports who joined and left. */
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const call = at("call"), { seat, role, options: text } = call.dataset, options = JSON.parse(text);
  const words = Object.fromEntries([...at("words").content.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
  const csrf = document.querySelector("meta[name=csrf-token]").content;
  const PANELS = ["opening", "wait", "left", "over", "down"];
  const RETRY_MS = 2000, LOOK = 5000;

  let api = null, page = "", began = 0, others = new Set(), looking = 0, retrying = 0;

  /* View. */

  function show(state) {
    call.dataset.state = state;
    const isPanel = PANELS.includes(state);
    at("panel").hidden = !isPanel;
    at("status").textContent = isPanel ? "" : words[state];
    at("leave").disabled = isPanel && state !== "wait";
    for (const id of ["mute", "camera", "more"]) at(id).disabled = isPanel;
    if (isPanel && state !== "wait") { open("more", false); open("ask", false); }
    if (isPanel) fillPanel(state);
    parent.postMessage({ portal: "call", state }, location.origin);
  }

  function fillPanel(state) {
    at("panel-title").textContent = words[state];
    at("panel-text").textContent = words[`${state}-text`] ?? "";
    at("again").hidden = !(`${state}-button` in words);
    at("again").textContent = words[`${state}-button`] ?? "";
    at("clock").hidden = true;
    note("");
  }

  /* The button says what it would do. */
  function label(id, isOn) {
    const button = at(id);
    button.dataset.is = isOn ? "on" : "off";
    button.querySelector("span").textContent = isOn ? button.dataset.on : button.dataset.off;
  }

  /* What lies over the picture: "more", or the question before the patient leaves. */
  function open(name, isOpen) {
    const box = at(name === "more" ? "more-box" : name);
    if (!box || box.hidden === !isOpen) return;
    box.hidden = !isOpen;
    at("more").setAttribute("aria-expanded", String(!at("more-box").hidden));
    (isOpen ? box.querySelector("button") : at(name === "more" ? "more" : "leave")).focus();
  }

  function note(word) {
    at("note").textContent = words[word] ?? "";
    at("note").hidden = !word;
  }

  function tick() {
    if (!began) return;
    const seconds = Math.floor((Date.now() - began) / 1000);
    at("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  function together() {
    if (!page) return;
    show(others.size ? "together" : "alone");
    if (others.size && !began) began = Date.now();
    at("clock").hidden = !began;
    tick();
  }

  /* Requests to the portal. */

  const ask = (path, method = "GET", body = undefined) => fetch(`${seat}/${path}`, {
    method, body: body && JSON.stringify(body), keepalive: method === "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf, "X-Background": "1" },
  });

  const tell = (what, word = "") => ask("events", "POST", { what, word, connection: page }).catch(() => {});

  async function enter() {
    clearTimeout(retrying);
    if (!window.JitsiMeetExternalAPI) return fail("script");
    try {
      const answer = await ask("token", "POST");
      if (answer.status === 410 || answer.status === 404) return end();
      if (!answer.ok) throw new Error(answer.status);
      const { jwt } = await answer.json();
      if (jwt) return join(jwt);
      if (call.dataset.state !== "wait") show("wait");
    } catch { /* network failure: retry */ }
    retrying = setTimeout(enter, RETRY_MS);
  }

  async function look() {
    const answer = await ask("state").catch(() => null);
    if (answer?.status === 410 || answer?.status === 404) end();
    const isAway = Boolean(page) && (!answer || answer.status >= 500);
    if (isAway) note("away"); else if (at("note").textContent === words.away) note("");
  }

  /* Jitsi's API. */

  function isWeak() {
    const line = navigator.connection;
    return Boolean(line && (line.saveData || /2g|3g/.test(line.effectiveType ?? "") || line.downlink < 0.7));
  }

  function join(jwt) {
    const weak = isWeak(), config = { ...options.config, startAudioOnly: weak, startWithVideoMuted: weak, startWithAudioMuted: false };
    show("joining");
    note(weak ? "weak" : "");
    api = new JitsiMeetExternalAPI(options.host, {
      roomName: options.room, jwt, lang: options.lang, noSSL: !options.secure, parentNode: at("jitsi"), width: "100%", height: "100%",
      configOverwrite: config, interfaceConfigOverwrite: options.interface,
    });
    for (const [name, hear] of Object.entries(HEARD)) api.addListener(name, hear);
    if (weak) tellMode(true);
  }

  /* What may be prescribed depends on whether the doctor sees the patient. */
  const tellMode = (isMuted) => role === "patient" && tell("mode", isMuted ? "audio" : "video");

  function begin() {
    api.isVideoMuted().then((muted) => { label("camera", !muted); tellMode(muted); });
    label("mute", true);
    together();
  }

  const HEARD = {
    videoConferenceJoined: ({ id }) => { page = id || crypto.randomUUID(); tell("joined"); begin(); },
    videoConferenceLeft: () => leave(),
    participantJoined: ({ id }) => { others.add(id); together(); },
    participantLeft: ({ id }) => { others.delete(id); together(); },
    audioMuteStatusChanged: ({ muted }) => label("mute", !muted),
    videoMuteStatusChanged: ({ muted }) => { label("camera", !muted); tellMode(muted); if (!muted) note(""); },
    peerConnectionFailure: () => { tell("quality", "poor"); note("poor"); },
    suspendDetected: () => tell("quality", "poor"),
    micError: () => note("no-microphone"),
    cameraError: () => { note("no-camera"); tellMode(true); },
    errorOccurred: ({ error } = {}) => { if (error?.isFatal) fail(error.name ?? "fatal"); },
    readyToClose: () => leave(),
  };

  function drop() {
    if (page) tell("left");
    api?.dispose();
    api = null; page = ""; began = 0; others = new Set();
  }

  function leave() {
    if (!api && call.dataset.state !== "wait") return;
    clearTimeout(retrying);
    api?.executeCommand("hangup");
    drop();
    show("left");
  }

  function fail(why) {
    tell("failed", String(why).slice(0, 40));
    drop();
    show("down");
  }

  /* The visit moved on: the doctor's page ends the meeting for everybody, every page leaves. */
  function end() {
    clearInterval(looking);
    clearTimeout(retrying);
    if (role === "doctor") api?.executeCommand("endConference");
    api?.executeCommand("hangup");
    drop();
    show("over");
  }

  function again() {
    if (!window.JitsiMeetExternalAPI) return location.reload();
    show("opening");
    enter();
  }

  const on = (id, act) => at(id)?.addEventListener("click", act);
  on("mute", () => api?.executeCommand("toggleAudio"));
  on("camera", () => api?.executeCommand("toggleVideo"));
  on("more", () => open("more", at("more-box").hidden));
  on("more-close", () => open("more", false));
  on("chat", () => { open("more", false); api?.executeCommand("toggleChat"); });
  on("turn", () => { open("more", false); api?.executeCommand("toggleCamera"); });
  on("leave", () => { if (at("ask")) open("ask", true); else leave(); });
  on("stay", () => open("ask", false));
  on("go", leave);
  addEventListener("keydown", ({ key }) => { if (key === "Escape") { open("more", false); open("ask", false); } });
  at("again").addEventListener("click", again);
  addEventListener("pagehide", () => { if (page) tell("left"); });
  setInterval(tick, 1000);
  looking = setInterval(look, LOOK);
  enter();
})();
