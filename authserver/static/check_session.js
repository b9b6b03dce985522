/* OIDC Session Management 3.2: the page of an app asks whether the session is still the
   one it knows, and is told "unchanged", "changed" or "error", at its own origin and at
   no other. */
(function () {
  "use strict";

  var name = document.documentElement.getAttribute("data-cookie") + "=";

  /* The state of this browser; empty when nobody is signed in. */
  function state() {
    var found = document.cookie.split("; ").filter(function (pair) {
      return pair.indexOf(name) === 0;
    });
    return found.length ? found[0].slice(name.length) : "";
  }

  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
  }

  /* Where the browser keeps our cookie from this frame we know nothing; "changed"
     would send the app to ask again and again. */
  function canSee() {
    return document.hasStorageAccess ? document.hasStorageAccess() : Promise.resolve(true);
  }

  function judge(asked, origin) {
    var space = asked.lastIndexOf(" ");
    var client = asked.slice(0, space);
    var known = asked.slice(space + 1).split(".");
    if (space < 1 || known.length !== 2 || !/^[0-9a-f]{64}$/.test(known[0]) || !known[1]) {
      return Promise.resolve("error");
    }
    return canSee().then(function (sees) {
      if (!sees) { return "error"; }
      var said = [client, origin, state(), known[1]].join(" ");
      return crypto.subtle.digest("SHA-256", new TextEncoder().encode(said)).then(
        function (hash) { return hex(hash) === known[0] ? "unchanged" : "changed"; }
      );
    });
  }

  window.addEventListener("message", function (event) {
    var from = event.source, origin = event.origin;
    /* A page without an origin cannot be answered at it. */
    if (!from || !/^https?:\/\//.test(origin)) { return; }
    var asked = typeof event.data === "string" ? event.data : "";
    judge(asked, origin).catch(function () { return "error"; }).then(function (word) {
      from.postMessage(word, origin);
    });
  });
})();
