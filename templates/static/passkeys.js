/* Passkeys: the page says what to ask the device for, the form carries its answer back. Loaded by the three pages that
   need it. Bytes travel as base64url, as the standard's own JSON has them. */
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withBytes = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
  ...(options.excludeCredentials && {
    excludeCredentials: options.excludeCredentials.map((known) => ({ ...known, id: toBytes(known.id) })),
  }),
});

const asJson = ({ id, rawId, type, response }) =>
  JSON.stringify({
    id,
    rawId: toText(rawId),
    type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      ...(response.attestationObject && { attestationObject: toText(response.attestationObject) }),
      ...(response.authenticatorData && { authenticatorData: toText(response.authenticatorData) }),
      ...(response.signature && { signature: toText(response.signature) }),
      ...(response.userHandle && { userHandle: toText(response.userHandle) }),
      transports: response.getTransports?.() ?? [],
    },
  });

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const said = form.querySelector("[data-said]");
  const { passkey, options } = form.dataset;
  if (!window.PublicKeyCredential) {
    said.textContent = "This browser knows no passkeys.";
    return;
  }
  form.querySelector("button[disabled]")?.removeAttribute("disabled");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    said.textContent = "";
    try {
      const made = await navigator.credentials[passkey]({ publicKey: withBytes(JSON.parse(options)) });
      form.elements.credential.value = asJson(made);
      form.submit();
    } catch (problem) {
      delete form.dataset.sent;
      said.textContent =
        problem.name === "InvalidStateError" ? "This device has a passkey for you already." : "Nothing came of it. Try once more.";
    }
  });
});
