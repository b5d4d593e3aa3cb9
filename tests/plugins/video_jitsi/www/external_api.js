/* A stand-in for Jitsi's script, for tests: it records its calls, and its events are emitted by the test. */
"use strict";
window.JitsiMeetExternalAPI = class {
  constructor(host, options) {
    const { parentNode, ...rest } = options;
    this.calls = [];
    this.ears = {};
    this.frame = document.createElement("iframe");
    this.frame.allow = "camera; microphone; display-capture; autoplay";
    this.frame.src = `${options.noSSL ? "http" : "https"}://${host}/room.html#${options.roomName}`;
    parentNode.append(this.frame);
    (window.jitsiOfTest ??= []).push(Object.assign(this, { host, options: rest, disposed: false }));
  }

  addListener(name, hear) { this.ears[name] = hear; }

  executeCommand(...call) { this.calls.push(call); }

  isVideoMuted() { return Promise.resolve(false); }

  dispose() { this.disposed = true; this.frame.remove(); }
};
