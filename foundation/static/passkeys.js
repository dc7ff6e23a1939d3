// Keys of devices (WebAuthn). A form with data-passkey="create" or "get" shows its button where the browser can; everything else works without.
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

function read(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
  return options;
}

function write(credential) {
  const { response } = credential;
  const told = { clientDataJSON: encode(response.clientDataJSON) };
  if (response.attestationObject) {
    told.attestationObject = encode(response.attestationObject);
    told.transports = response.getTransports ? response.getTransports() : [];
  } else {
    told.authenticatorData = encode(response.authenticatorData);
    told.signature = encode(response.signature);
    if (response.userHandle) told.userHandle = encode(response.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: encode(credential.rawId), type: credential.type, response: told });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const note = form.querySelector("[data-note]");
    note.hidden = true;
    try {
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: read(form) });
      form.elements.credential.value = write(credential);
      form.submit();
    } catch {
      note.hidden = false;
    }
  });
}
