/* Warns before a page ends, and asks for more time without leaving it, so that what
   was typed stays (WCAG 2.2.1). The server decides; this only tells in time. */
(function () {
  "use strict";
  var form = document.querySelector("[data-expiry]");
  var warn = Number(form.getAttribute("data-warn")) * 1000;
  var ends, shown;

  function show(state) {
    if (state === shown) { return; }
    shown = state;
    var parts = form.querySelectorAll("[data-soon], [data-over]");
    for (var i = 0; i < parts.length; i += 1) {
      parts[i].hidden = !parts[i].hasAttribute("data-" + state);
    }
    form.hidden = state === "far";
  }

  function look() {
    var left = ends - Date.now();
    show(left <= 0 ? "over" : left <= warn ? "soon" : "far");
  }

  function arm(seconds) { ends = Date.now() + seconds * 1000; look(); }

  function fields() {
    var pairs = [], inputs = form.querySelectorAll("input");
    for (var i = 0; i < inputs.length; i += 1) {
      pairs.push(encodeURIComponent(inputs[i].name) + "=" + encodeURIComponent(inputs[i].value));
    }
    return pairs.join("&");
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = function () {
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = {}; }
      form.removeAttribute("data-sent");
      if (request.status === 200) { arm(answer.left || 0); return; }
      if (request.status) { arm(0); }
    };
    request.send(fields());
  });

  arm(Number(form.getAttribute("data-expiry")));
  window.setInterval(look, 1000);
}());
