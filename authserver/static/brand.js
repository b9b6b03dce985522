/* The previews follow what is typed; without scripts, a button does the same. */
(function () {
  "use strict";

  var form = document.getElementById("brand-form");
  var frames = document.querySelectorAll("iframe.preview");
  if (!form || !frames.length) { return; }
  var left = ["csrf_token", "version", "reason", "deed"];
  var timer = null;

  function query() {
    var parts = [];
    for (var i = 0; i < form.elements.length; i += 1) {
      var one = form.elements[i];
      if (one.name && one.value && left.indexOf(one.name) < 0) {
        parts.push(encodeURIComponent(one.name) + "=" + encodeURIComponent(one.value));
      }
    }
    return parts.join("&");
  }

  function show() {
    var said = query();
    for (var i = 0; i < frames.length; i += 1) {
      var source = frames[i].getAttribute("src");
      var page = /[?&](page=[a-z]+)/.exec(source)[1];
      var scheme = /[?&](scheme=[a-z]+)/.exec(source)[1];
      var kept = [page, scheme].concat(said ? [said] : []).join("&");
      frames[i].setAttribute("src", source.split("?")[0] + "?" + kept);
    }
  }

  form.addEventListener("input", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(show, 400);
  });
}());
