/* A hall's display: its clock, and a chime for each number called, one after the other. */
"use strict";
(() => {
  const LANG = document.documentElement.lang; /* Hindi has parts of the day in place of am and pm */
  const AGAIN = 1, PAUSE = 0.25, WORD_GAP = 0.04;
  const button = document.getElementById("sound"), clock = document.getElementById("clock");
  const offset = Date.parse(clock.dataset.now) - Date.now(); /* the clock of a television may be wrong */
  const calls = () => [...document.querySelectorAll("[data-call]")];
  let audio, voice, index, heard = new Set(calls().map((one) => one.dataset.call)), line = Promise.resolve();

  const wait = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  const chime = async () => {
    [[784, 0], [587, 0.35]].forEach(([tone, after]) => {
      const sound = audio.createOscillator(), volume = audio.createGain(), start = audio.currentTime + after;
      sound.frequency.value = tone;
      volume.gain.setValueAtTime(0.5, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.9);
      sound.connect(volume).connect(audio.destination);
      sound.start(start);
      sound.stop(start + 0.9);
    });
    await wait(1.3);
  };

  const speak = async (key) => {
    const [start, length] = index[key] ?? [0, 0];
    if (!length) return;
    const word = audio.createBufferSource();
    word.buffer = voice;
    word.connect(audio.destination);
    word.start(0, start, length);
    await wait(length + WORD_GAP);
  };

  /* The letters are English in both; who reads Hindi knows them so from every form. */
  const say = async (token) => {
    for (const language of ["hi", "en"]) {
      await speak(`${language}-token`);
      for (const sign of token.replace(/[^A-Z0-9]/g, "")) await speak(/\d/.test(sign) ? `${language}-${sign}` : `en-${sign}`);
      await wait(PAUSE);
    }
  };

  const announce = async (token) => {
    if (audio?.state !== "running") return;
    await chime();
    for (let times = 0; voice && times < AGAIN; times += 1) await say(token);
  };

  const listen = () => {
    const now = calls(), fresh = now.filter((one) => !heard.has(one.dataset.call));
    heard = new Set(now.map((one) => one.dataset.call));
    for (const { textContent } of fresh) line = line.then(() => announce(textContent)).catch(() => {});
  };

  /* Browsers let a page sound only after somebody pressed something. */
  const open = async () => {
    audio = new AudioContext();
    await audio.resume();
    button.hidden = true;
    if (button.dataset.voice) {
      const [sound, places] = await Promise.all([fetch(button.dataset.voice), fetch(button.dataset.index)]);
      index = await places.json();
      voice = await audio.decodeAudioData(await sound.arrayBuffer());
    }
    await chime();
  };

  const tick = () => {
    const now = new Date(Date.now() + offset);
    clock.textContent = now.toLocaleTimeString(`${LANG}-IN`, {
      hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Asia/Kolkata", dayPeriod: LANG === "en" ? undefined : "short" });
  };

  /* An address that opens nothing any more: numbers that no longer change would send people to the wrong call. */
  const obey = ({ detail }) => {
    const isRevoked = detail.ctx.response.status === 404;
    document.body.classList.toggle("is-revoked", isRevoked);
    document.getElementById("revoked").hidden = !isRevoked;
  };

  button.hidden = false;
  button.addEventListener("click", () => { open().catch(() => { button.hidden = false; }); });
  document.addEventListener("htmx:after:swap", listen);
  document.addEventListener("htmx:before:response", obey);
  setInterval(tick, 1000);
  const awake = () => { if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); };
  document.addEventListener("visibilitychange", awake);
  awake();
})();
