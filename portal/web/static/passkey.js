/* Passkeys: a button hands the page's options to the browser's key, and sends what it signed with the form. */
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  const wanted = (options) => {
    const read = { ...options, challenge: bytes(options.challenge) };
    if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"])
      if (options[list]) read[list] = options[list].map((each) => ({ ...each, id: bytes(each.id) }));
    return read;
  };

  const told = ({ id, rawId, type, response }) => {
    const said = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (response[name]) said[name] = text(response[name]);
    return JSON.stringify({ id, rawId: text(rawId), type, response: said, clientExtensionResults: {} });
  };

  for (const button of document.querySelectorAll("button[data-passkey]")) {
    const form = button.form, status = form.querySelector("[data-passkey-says]");
    if (!window.PublicKeyCredential) { status.textContent = status.dataset.none; continue; }
    button.hidden = false;
    button.addEventListener("click", async () => {
      const options = wanted(JSON.parse(button.dataset.passkey));
      button.disabled = true;
      status.textContent = status.dataset.waits;
      try {
        const made = options.user ? navigator.credentials.create({ publicKey: options }) : navigator.credentials.get({ publicKey: options });
        form.elements.passkey.value = told(await made);
        HTMLFormElement.prototype.submit.call(form);
      } catch {
        button.disabled = false;
        status.textContent = status.dataset.failed;
      }
    });
  }
})();
