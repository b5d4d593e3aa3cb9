/* One call between two browsers. Signals go through the portal by polling; each page that joins has an epoch,
   and what belongs to another epoch is not meant for us. */
"use strict";
(() => {
  const page = document.querySelector("#video-call:not([data-started])");
  if (!page) return;
  page.dataset.started = "";
  const at = (part) => page.querySelector(`[data-part=${part}]`);
  const { role, seat, signal } = page.dataset;
  const words = Object.fromEntries([...at("words").content.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
  const PANELS = ["left", "elsewhere", "over", "blocked", "missing", "insecure", "old"];
  const FAST = 400, CALM = 1000, SLOW = 2500, TIMEOUT = 10000, GIVE_ICE = 4000, SHARPEN = 8000;
  const PICTURE = { width: { ideal: 640, max: 640 }, height: { ideal: 480, max: 480 }, frameRate: { ideal: 15, max: 20 }, facingMode: "user" };
  const MAX_BITRATE = 500000;

  const own = new MediaStream();
  let epoch = 0, peer = 0, heard = 0;            // our page, the other side's page, the last number read
  let connection = null, offering = false, ignoring = false;
  let candidates = [], line = Promise.resolve(), wake = () => {};

  const pause = (ms) => new Promise((done) => { wake = done; setTimeout(done, ms); });
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const track = (kind) => own.getTracks().find((each) => each.kind === kind && each.readyState === "live") ?? null;

  /* What people see and hear. */

  function show(state) {
    if (page.dataset.state === state) return;
    page.dataset.state = state;
    const isPanel = PANELS.includes(state);
    page.toggleAttribute("data-panel", isPanel);
    at("status").textContent = isPanel ? "" : words[state];
    at("panel").hidden = !isPanel;
    if (isPanel) fillPanel(state);
    for (const id of ["mute", "camera", "leave"]) at(id).disabled = isPanel || state === "asking";
    page.dispatchEvent(new CustomEvent("portal:call", { bubbles: true, detail: { state } }));
    wake();
  }

  function fillPanel(state) {
    at("panel-title").textContent = words[state];
    at("panel-text").textContent = words[`${state}-text`] ?? words[`${state}-text-${browser()}`];
    at("again").hidden = !(`${state}-button` in words);
    at("again").textContent = words[`${state}-button`] ?? "";
    at("panel").focus();
  }

  function note(word) {
    at("note").textContent = words[word] ?? "";
    at("note").hidden = !word;
  }

  function browser() {
    const name = navigator.userAgent;
    if (/iPhone|iPad|iPod/.test(name)) return "ios";
    if (/Firefox/.test(name)) return "firefox";
    return /Android/.test(name) ? "android" : "other";
  }

  function label(button, isOn) {
    button.dataset.is = isOn ? "on" : "off";
    button.querySelector("span").textContent = isOn ? button.dataset.on : button.dataset.off;
  }

  function showControls() {
    label(at("mute"), track("audio")?.enabled !== false);
    label(at("camera"), Boolean(track("video")?.enabled));
    page.dataset.camera = track("video")?.enabled ? "on" : "off";
    if (at("note").textContent !== words["no-sound"]) note(track("video") ? "" : "no-camera");
  }

  /* Camera and microphone. The voice matters most: without a camera the call goes on. */

  const ask = (wanted) => navigator.mediaDevices.getUserMedia(wanted);

  async function openDevices() {
    const stream = await ask({ audio: true, video: PICTURE }).catch(() => ask({ audio: true }));
    stopDevices();
    stream.getTracks().forEach((each) => own.addTrack(each));
    at("own").srcObject = own;
    showControls();
  }

  function stopDevices() {
    for (const each of own.getTracks()) { each.stop(); own.removeTrack(each); }
  }

  async function switchCamera() {
    const camera = track("video");
    if (camera) camera.enabled = !camera.enabled;
    else await addCamera().catch(() => {});
    showControls();
  }

  async function addCamera() {
    const [camera] = (await ask({ video: PICTURE })).getTracks();
    own.addTrack(camera);
    at("own").srcObject = own;
    for (const each of connection?.getTransceivers() ?? []) if (kindOf(each) === "video") await each.sender.replaceTrack(camera);
  }

  function switchVoice() {
    const voice = track("audio");
    if (voice) voice.enabled = !voice.enabled;
    showControls();
  }

  /* The line to the portal: one request at a time, so that signals keep their order. */

  async function request(method, query = "", message = undefined) {
    const mine = epoch;
    const headers = { Accept: "application/json", "X-Seat": seat, "X-Background": "1" };
    if (message) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content });
    const answer = await fetch(signal + query, {
      method, headers, body: message && JSON.stringify(message), redirect: "manual",
      keepalive: message?.kind === "bye", signal: AbortSignal.timeout(TIMEOUT),
    });
    if (answer.ok) return answer.json();
    if (answer.status === 0 || answer.status >= 500) throw new Error(answer.status);
    const state = { 409: "elsewhere", 410: "over" }[answer.status];
    if (state && epoch === mine) end(state);
    return null;
  }

  /* Tried until it arrives, or is out of date. */
  async function deliver(message, isMeant) {
    for (let wait = 300; isMeant(); wait = Math.min(wait * 2, 5000)) {
      try { return await request("POST", "", message); } catch { await sleep(wait); }
    }
    return null;
  }

  function send(kind, content) {
    const message = { kind, epoch, peer, ...content };
    line = line.then(() => deliver(message, () => message.epoch === epoch && message.peer === peer));
  }

  async function listen() {
    const mine = epoch;
    for (let failures = 0; epoch === mine;) {
      try {
        const answer = await request("GET", `?epoch=${mine}&after=${heard}`);
        for (const message of answer?.messages ?? []) if (epoch === mine) await hear(message);
        failures = answer ? 0 : failures + 1;
      } catch { failures += 1; }
      await pause(failures ? Math.min(FAST * 2 ** failures, 5000) : { connected: SLOW, waiting: CALM }[page.dataset.state] ?? FAST);
    }
  }

  /* The connection: "perfect negotiation"; the doctor offers first and does not yield, the patient yields. */

  async function hear(message) {
    heard = message.number;
    if (message.kind === "hello") return meet(message.epoch);
    if (message.epoch !== peer) return;
    if (message.kind === "bye") return part();
    if (message.peer !== epoch || !connection) return;
    try {
      await (message.kind === "candidates" ? addCandidates(message.candidates) : describe(message.kind, message.sdp));
    } catch { if (!ignoring) connection?.restartIce(); }
  }

  function meet(newcomer) {
    hangUp();
    peer = newcomer;
    const fresh = connection = new RTCPeerConnection(JSON.parse(page.dataset.connection));
    fresh.onicecandidate = ({ candidate }) => { if (candidate?.candidate && fresh === connection) gather(candidate.toJSON()); };
    fresh.onnegotiationneeded = () => offer(fresh);
    fresh.ontrack = ({ track: theirs }) => play(theirs);
    fresh.onconnectionstatechange = () => { if (fresh === connection) follow(fresh); };
    if (role === "doctor") for (const kind of ["audio", "video"]) fresh.addTransceiver(track(kind) ?? kind, { streams: [own] });
    show("connecting");
  }

  async function offer(from) {
    try {
      offering = true;
      await from.setLocalDescription();
      if (from === connection) send("offer", { sdp: from.localDescription.sdp });
    } catch { /* closed meanwhile: whoever comes next is offered anew */ } finally { offering = false; }
  }

  async function describe(type, sdp) {
    const collides = type === "offer" && (offering || connection.signalingState !== "stable");
    ignoring = collides && role === "doctor";
    if (ignoring) return;
    await connection.setRemoteDescription({ type, sdp });
    if (type === "offer") await answer();
    if (connection.connectionState !== "connected") sharpen(2);
  }

  async function answer() {
    await share();
    await connection.setLocalDescription();
    send("answer", { sdp: connection.localDescription.sdp });
  }

  const kindOf = (transceiver) => transceiver.receiver.track.kind;

  /* The answering side puts its own tracks into the offered places. */
  async function share() {
    for (const each of connection.getTransceivers()) {
      if (each.sender.track) continue;
      each.direction = "sendrecv";
      each.sender.setStreams?.(own);
      await each.sender.replaceTrack(track(kindOf(each)));
    }
  }

  /* Small pictures first: on a slow line a small one at once is worth more than a large one late. */
  function sharpen(divisor) {
    for (const { sender } of connection?.getTransceivers() ?? []) {
      const parameters = sender.getParameters();
      if (sender.track?.kind !== "video" || !parameters.encodings?.length) continue;
      Object.assign(parameters.encodings[0], { scaleResolutionDownBy: divisor, maxBitrate: MAX_BITRATE });
      sender.setParameters(parameters).catch(() => {});
    }
  }

  function gather(candidate) {
    if (candidates.push(candidate) > 1) return;
    setTimeout(() => { if (candidates.length) send("candidates", { candidates: candidates.splice(0, 50) }); }, 100);
  }

  async function addCandidates(list) {
    for (const candidate of list) await connection.addIceCandidate(candidate);
  }

  /* Sound has an element of its own: a video element stays silent until its first picture, and there may be none. */
  function play(theirs) {
    const element = at(theirs.kind === "audio" ? "voice" : "remote");
    element.srcObject = new MediaStream([theirs]);
    element.play().catch(({ name }) => { if (name === "NotAllowedError") note("no-sound"); });
  }

  function follow(changed) {
    const state = changed.connectionState;
    if (state === "connected") { show("connected"); setTimeout(() => { if (changed === connection) sharpen(1); }, SHARPEN); }
    if (state === "failed") { show("lost"); changed.restartIce(); }
    if (state !== "disconnected") return;
    show("lost");
    setTimeout(() => { if (changed.connectionState === "disconnected") changed.restartIce(); }, GIVE_ICE);
  }

  function hangUp() {
    connection?.close();
    connection = null;
    candidates = [];
    at("remote").srcObject = at("voice").srcObject = null;
  }

  function part() {
    hangUp();
    peer = 0;
    show("waiting");
  }

  /* Joining and leaving. */

  function end(state) {
    epoch = peer = 0;
    hangUp();
    stopDevices();
    show(state);
  }

  function sayBye(from = epoch) {
    if (from) request("POST", "", { kind: "bye", epoch: from }).catch(() => {});
  }

  function leave() {
    sayBye();
    end("left");
  }

  /* The page goes, or the call was taken out of it: nobody is left to be told anything. */
  function hangUpQuietly() {
    sayBye();
    epoch = peer = 0;
    hangUp();
    stopDevices();
  }

  async function join() {
    page.hidden = false;
    if (!isSecureContext) return show("insecure");
    if (!navigator.mediaDevices || !window.RTCPeerConnection || !AbortSignal.timeout) return show("old");
    show("asking");
    try { await openDevices(); } catch ({ name }) { return show(name === "NotAllowedError" ? "blocked" : "missing"); }
    show("connecting");
    const answer = await deliver({ kind: "hello" }, () => page.dataset.state === "connecting");
    if (!answer) return;
    if (page.dataset.state !== "connecting") return sayBye(answer.epoch); // left before the portal had answered
    epoch = heard = answer.epoch;
    if (answer.peer) meet(answer.peer);
    else show("waiting");
    listen();
  }

  at("mute").addEventListener("click", switchVoice);
  at("camera").addEventListener("click", switchCamera);
  at("leave").addEventListener("click", leave);
  at("again").addEventListener("click", join);
  at("remote").addEventListener("click", () => at("voice").play().then(() => { note(""); showControls(); }).catch(() => {}));
  addEventListener("online", () => { connection?.restartIce(); wake(); });
  addEventListener("pagehide", hangUpQuietly);
  addEventListener("pageshow", ({ persisted }) => { if (persisted && page.isConnected) join(); });
  new MutationObserver((_, observer) => {
    if (page.isConnected) return;
    observer.disconnect();
    hangUpQuietly();
  }).observe(document.body, { childList: true, subtree: true });
  join();
})();
