/* Passkeys (WebAuthn Level 3). A form that carries data-passkey="get" or "create" and
   the server's options as JSON is sent with the browser's answer in a hidden field
   named credential; the server reads it like any form. Nothing is fetched. */
(function () {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) { return; }

  function toBytes(text) {
    var plain = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    var bytes = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i += 1) { bytes[i] = plain.charCodeAt(i); }
    return bytes.buffer;
  }

  function toText(buffer) {
    var bytes = new Uint8Array(buffer), plain = "";
    for (var i = 0; i < bytes.length; i += 1) { plain += String.fromCharCode(bytes[i]); }
    return window.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withIds(list) {
    return (list || []).map(function (item) {
      var copy = {};
      Object.keys(item).forEach(function (key) { copy[key] = item[key]; });
      copy.id = toBytes(item.id);
      return copy;
    });
  }

  function read(form) {
    var options = JSON.parse(form.getAttribute("data-options"));
    options.challenge = toBytes(options.challenge);
    if (options.user) { options.user.id = toBytes(options.user.id); }
    if (options.allowCredentials) { options.allowCredentials = withIds(options.allowCredentials); }
    if (options.excludeCredentials) { options.excludeCredentials = withIds(options.excludeCredentials); }
    return options;
  }

  function write(credential) {
    var from = credential.response;
    var response = { clientDataJSON: toText(from.clientDataJSON) };
    if (from.attestationObject) { response.attestationObject = toText(from.attestationObject); }
    if (from.authenticatorData) { response.authenticatorData = toText(from.authenticatorData); }
    if (from.signature) { response.signature = toText(from.signature); }
    if (from.userHandle) { response.userHandle = toText(from.userHandle); }
    if (from.getTransports) { response.transports = from.getTransports(); }
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: response
    });
  }

  function send(form, credential) {
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "credential";
    field.value = write(credential);
    form.appendChild(field);
    form.submit();
  }

  function fail(form) {
    var button = form.querySelector("button[type=submit]");
    form.removeAttribute("data-sent");
    button.removeAttribute("aria-busy");
    var note = form.querySelector("[data-passkey-failed]");
    if (note) { note.hidden = false; }
  }

  var waiting = null;

  function ask(form) {
    var create = form.getAttribute("data-passkey") === "create";
    var wish = { publicKey: read(form) };
    if (waiting) { waiting.abort(); waiting = null; }
    var answer = create ? navigator.credentials.create(wish) : navigator.credentials.get(wish);
    answer.then(function (credential) { send(form, credential); }, function () { fail(form); });
  }

  /* Offer passkeys among the browser's suggestions in the identifier field. */
  function offer(form) {
    var able = window.PublicKeyCredential.isConditionalMediationAvailable;
    if (!form.hasAttribute("data-conditional") || !able) { return; }
    able.call(window.PublicKeyCredential).then(function (yes) {
      if (!yes) { return; }
      waiting = window.AbortController ? new AbortController() : null;
      var wish = { publicKey: read(form), mediation: "conditional" };
      if (waiting) { wish.signal = waiting.signal; }
      navigator.credentials.get(wish).then(
        function (credential) { send(form, credential); }, function () { return null; }
      );
    });
  }

  var forms = document.querySelectorAll("form[data-passkey]");
  Array.prototype.forEach.call(forms, function (form) {
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); ask(form); });
    offer(form);
  });
}());
